#pragma once

#include <cstring>

#include "half.h"
#include "scheduler.h"

// The arithmetic of a tensor core on what the lanes of a warp hold: sums [16, 8] += a [16, 16] b [16, 8].

namespace emulation {

using Eight = float __attribute__((vector_size(32)));

// Where the registers of a lane lie in the matrices, as the PTX manual shows for mma.m16n8k16: register r of lane l of a has row l / 4 + r % 2 * 8, and columns
// l % 4 * 2 + r / 2 * 8 and the next; register r of b has those rows of column l / 4; sums 2 r and the next have row l / 4 + r * 8, columns l % 4 * 2 and the next.
inline void gather_a(const WarpOperands& operands, int tile, float (&a)[16][16]) {
    std::uint32_t words[16][8];
    for (unsigned lane = 0; lane < lanes_per_warp; lane++) {
        const unsigned* const registers = operands.a[lane] + tile * 4;
        words[lane / 4][lane % 4] = registers[0];
        words[lane / 4 + 8][lane % 4] = registers[1];
        words[lane / 4][lane % 4 + 4] = registers[2];
        words[lane / 4 + 8][lane % 4 + 4] = registers[3];
    }
    for (int row = 0; row < 16; row++) {
        float half_row[8];
        halves_to_floats(words[row], half_row);
        std::memcpy(a[row], half_row, sizeof half_row);
        halves_to_floats(words[row] + 4, half_row);
        std::memcpy(a[row] + 8, half_row, sizeof half_row);
    }
}

inline Eight load_eight(const float* values) {
    Eight result;
    std::memcpy(&result, values, sizeof result);
    return result;
}

inline void multiply_tile(const WarpOperands& operands, int tile, const float (&a)[16][16], const Eight (&b)[16]) {
    float values[16][8];
    for (unsigned lane = 0; lane < lanes_per_warp; lane++) {
        const float* const registers = operands.sums[lane] + tile * 4;
        std::memcpy(&values[lane / 4][lane % 4 * 2], registers, 2 * sizeof(float));
        std::memcpy(&values[lane / 4 + 8][lane % 4 * 2], registers + 2, 2 * sizeof(float));
    }
    // Four rows at a time in variables of their own: as an array, g++ would keep them in memory.
    for (int row = 0; row < 16; row += 4) {
        Eight first = load_eight(values[row]);
        Eight second = load_eight(values[row + 1]);
        Eight third = load_eight(values[row + 2]);
        Eight fourth = load_eight(values[row + 3]);
        for (int k = 0; k < 16; k++) {
            first += a[row][k] * b[k];
            second += a[row + 1][k] * b[k];
            third += a[row + 2][k] * b[k];
            fourth += a[row + 3][k] * b[k];
        }
        std::memcpy(values[row], &first, sizeof first);
        std::memcpy(values[row + 1], &second, sizeof second);
        std::memcpy(values[row + 2], &third, sizeof third);
        std::memcpy(values[row + 3], &fourth, sizeof fourth);
    }
    for (unsigned lane = 0; lane < lanes_per_warp; lane++) {
        float* const registers = operands.sums[lane] + tile * 4;
        std::memcpy(registers, &values[lane / 4][lane % 4 * 2], 2 * sizeof(float));
        std::memcpy(registers + 2, &values[lane / 4 + 8][lane % 4 * 2], 2 * sizeof(float));
    }
}

} // namespace emulation
