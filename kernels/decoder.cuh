#pragma once

#include "common.cuh"

// What the decoder's kernels share: products of weight rows with the inputs of a few rows of the batch.
//
// A step is bound by reading the weights, so a warp takes few weight rows and all its lanes read 128 bits at a time, and what it has read
// serves all rows of the batch that the block has. Lane l adds up columns l * n .. l * n + n - 1 of every chunk of 32 n columns (n = 4
// floats or 8 halves), in the order of the columns; then lanes are added in a butterfly. That order is the same for one row and for eight,
// so a row's result is too.

// Weights in one 128-bit load.
template <typename T> constexpr int vector_columns = 16 / static_cast<int>(sizeof(T));

// Rows of the batch that one block takes where there are several.
constexpr int batch_rows = 8;

// Vectors that a layer reads side by side, without their being copied together. Vectors of the batch's rows follow each other; widths are
// multiples of 8 and are their strides. Unused ones have width 0.
struct Inputs {
    const float* first;
    int first_width;
    const float* second;
    int second_width;
    const float* third;
    int third_width;

    __device__ int columns() const { return first_width + second_width + third_width; }
};

// The rows in slots of the block's group. A slot without a row (-1) computes row 0 again and must not store it.
template <int Rows> __device__ inline void take_rows(const int* slots, int (&rows)[Rows]) {
    const int first = blockIdx.y * Rows;
#pragma unroll
    for (int r = 0; r < Rows; r++) {
        rows[r] = max(slots[first + r], 0);
    }
}

// Whether this block is the last of `blocks` to come here: then what all of them wrote before is visible to all its threads, by loads that no cache of this
// multiprocessor answers. counter: zero, and zero again when the last one has come.
__device__ __forceinline__ bool is_last_block(unsigned* counter, unsigned blocks) {
    __threadfence();
    __syncthreads();
    bool is_last = false;
    if (threadIdx.x == 0) {
        is_last = atomicAdd(counter, 1u) == blocks - 1;
        if (is_last) {
            *counter = 0;
        }
        __threadfence();
    }
    return __syncthreads_or(is_last) != 0;
}

// sum += w . x, in the order of the columns.
template <int Count> __device__ __forceinline__ void add_vector_product(const float (&w)[Count], const float (&x)[Count], float& sum) {
#pragma unroll
    for (int i = 0; i < Count; i++) {
        sum = fmaf(w[i], x[i], sum);
    }
}

// sums[r * Outputs + o] += weights[o] . inputs of rows[r], this lane's columns of it. weights [Outputs, columns]. For one row the loads of several
// columns are under way at once, because nothing else hides their latency; in place of columns that are not there they are of the last, because loads
// under conditions wait for each other.
template <typename T, int Outputs, int Rows, LoadFrom From = LoadFrom::ReadOnly>
__device__ inline void add_products(const T* weights, const Inputs& inputs, const int (&rows)[Rows], float (&sums)[Rows * Outputs]) {
    constexpr int n = vector_columns<T>;
    constexpr int ahead = Rows > 1 ? 1 : Outputs > 1 ? 4 : 8;
    const int columns = inputs.columns();
    const int second_end = inputs.first_width + inputs.second_width;
    for (int first = lane_index() * n; first < columns; first += ahead * warp_size * n) {
        float w[ahead][Outputs][n];
        float x[ahead][Rows][n];
#pragma unroll
        for (int a = 0; a < ahead; a++) {
            const int column = min(first + a * (warp_size * n), columns - n);
#pragma unroll
            for (int o = 0; o < Outputs; o++) {
                load_vector(weights + static_cast<long long>(o) * columns + column, w[a][o]);
            }
            const bool is_first = column < inputs.first_width;
            const bool is_second = !is_first && column < second_end;
            const float* const vectors = is_first ? inputs.first : is_second ? inputs.second : inputs.third;
            const int width = is_first ? inputs.first_width : is_second ? inputs.second_width : inputs.third_width;
            const int at = is_first ? column : is_second ? column - inputs.first_width : column - second_end;
#pragma unroll
            for (int r = 0; r < Rows; r++) {
                load_vector_from<From>(vectors + (rows[r] * width + at), x[a][r]);
            }
        }
#pragma unroll
        for (int a = 0; a < ahead; a++) {
            if (a == 0 || first + a * (warp_size * n) < columns) {
#pragma unroll
                for (int i = 0; i < Rows * Outputs; i++) {
                    add_vector_product(w[a][i % Outputs], x[a][i / Outputs], sums[i]);
                }
            }
        }
    }
}

// Adds Count values (a power of two, at most 32) over the lanes of a warp; lane l returns the total of value l / (32 / Count). Lanes pass
// on only what others need, 31 shuffles for 32 values in place of 160, and every total is the sum that a butterfly of 16, 8, 4, 2, 1 makes,
// whatever Count is.
template <int Count> __device__ inline float sum_over_lanes(float (&values)[Count]) {
    int left = Count;
#pragma unroll
    for (int offset = warp_size / 2; offset > 0; offset /= 2) {
        if (left > 1) {
            left /= 2;
            const bool is_upper = (lane_index() & offset) != 0;
#pragma unroll
            for (int i = 0; i < Count / 2; i++) {
                if (i < left) {
                    const float given = is_upper ? values[i] : values[i + left];
                    const float kept = is_upper ? values[i + left] : values[i];
                    values[i] = kept + shuffle_xor(given, offset);
                }
            }
        } else {
            values[0] += shuffle_xor(values[0], offset);
        }
    }
    return values[0];
}

constexpr int gate_count = 4;

// What a lane knows after the sum over lanes: value r * 4 + gate lies in the lanes from that number times 32 / (4 Rows) on.
template <int Rows> struct GateLanes {
    static constexpr int lanes = warp_size / (gate_count * Rows);
    static_assert(gate_count * Rows <= warp_size, "a warp holds one gate of one row a lane");

    __device__ static int row() { return lane_index() / (gate_count * lanes); }
    __device__ static int gate() { return lane_index() / lanes % gate_count; }
    __device__ static bool updates() { return lane_index() % (gate_count * lanes) == 0; }

    // All lanes activate their gate at once; the lane of gate i collects the others'. Returns h' and updates c there.
    __device__ static float update(float sum, float& cell) {
        const float activated = gate() == 2 ? tanhf(sum) : sigmoid(sum);
        const int first = row() * gate_count * lanes;
        const float forget = shuffle(activated, first + lanes);
        const float candidate = shuffle(activated, first + 2 * lanes);
        const float output = shuffle(activated, first + 3 * lanes);
        cell = fmaf(forget, cell, activated * candidate);
        return output * tanhf(cell);
    }
};

constexpr unsigned prenet_dropout_stream = 1;

// Where the random numbers of a row's dropout come from.
struct Dropout {
    const unsigned long long* keep_masks;
    const int* keep_steps;
    const unsigned long long* seeds;
    const unsigned* utterances;
    int step;
    int units;

    // Known before the value is.
    __device__ bool keeps(int row, int layer, int unit) const {
        const int index = layer * units + unit;
        if (step < keep_steps[row]) {
            const unsigned char* const mask = reinterpret_cast<const unsigned char*>(keep_masks[row]);
            return mask[static_cast<long long>(step) * 2 * units + index] != 0;
        }
        return philox_uniform(seeds[row], prenet_dropout_stream, utterances[row], step, index) < 0.5f;
    }

    __device__ static float apply(bool keeps, float value) { return keeps ? 2.0f * fmaxf(0.0f, value) : 0.0f; }
    __device__ float apply(int row, int layer, int unit, float value) const { return apply(keeps(row, layer, unit), value); }
};

EXPORT_CONSTANT(batch_rows, batch_rows)
EXPORT_CONSTANT(gate_count, gate_count)
