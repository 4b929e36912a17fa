#include "common.cuh"

// Between the host's order, channels first in float32, and the kernels', time first in float32 or half. Bound by memory.

constexpr int square = 32;
constexpr int square_rows = 8;

// y[b, j, i] = x[b, i, j] for x [B, I, J]; what belongs to steps from lengths[b] * steps_per_unit on becomes zero. StepsAreColumns: j is the step, else i.
//   Grid (ceil(steps / 32), ceil(the other / 32), B), block (32, 8): a block turns a square of 32 x 32 over in 4.1 kilobytes of shared memory, 33 floats a row so that
//   its columns fall on different banks.
template <bool StepsAreColumns, typename In, typename Out>
__device__ void transpose(const In* input, const int* lengths, Out* output, int rows, int columns, int steps_per_unit) {
    SHARED(float, turned, square * (square + 1));
    const int steps = StepsAreColumns ? columns : rows;
    const int real_steps = lengths == nullptr ? steps : min(steps, lengths[blockIdx.z] * steps_per_unit);
    const int first_row = (StepsAreColumns ? blockIdx.y : blockIdx.x) * square;
    const int first_column = (StepsAreColumns ? blockIdx.x : blockIdx.y) * square;
    const size_t start = static_cast<size_t>(blockIdx.z) * rows * columns;
    const int x = threadIdx.x;
    for (int y = threadIdx.y; y < square; y += square_rows) {
        const int row = first_row + y;
        const int column = first_column + x;
        const bool is_real = row < rows && column < columns && (StepsAreColumns ? column : row) < real_steps;
        turned[y * (square + 1) + x] = is_real ? to_float(input[start + static_cast<size_t>(row) * columns + column]) : 0.0f;
    }
    __syncthreads();
    for (int y = threadIdx.y; y < square; y += square_rows) {
        const int row = first_row + x;
        const int column = first_column + y;
        if (row < rows && column < columns) {
            output[start + static_cast<size_t>(column) * rows + row] = from_float<Out>(turned[x * (square + 1) + y]);
        }
    }
}

#define TRANSPOSE_ENTRY(NAME, STEPS_ARE_COLUMNS, IN, OUT)                                                                                 \
    extern "C" __global__ void __launch_bounds__(256)                                                                                     \
        NAME(const IN* input, const int* lengths, OUT* output, int rows, int columns, int steps_per_unit) {                               \
        transpose<STEPS_ARE_COLUMNS>(input, lengths, output, rows, columns, steps_per_unit);                                              \
    }                                                                                                                                     \
    EXPORT_KERNEL(NAME)

TRANSPOSE_ENTRY(time_first_f32, true, float, float)
TRANSPOSE_ENTRY(time_first_f16, true, float, half)
TRANSPOSE_ENTRY(channels_first_f32, false, float, float)
TRANSPOSE_ENTRY(channels_first_f16, false, half, float)

// y[i] = x[i] in the other precision. Grid (ceil(count / 256)), block 256.
extern "C" __global__ void __launch_bounds__(256) convert_f32_to_f16(const float* input, half* output, unsigned long long count) {
    const unsigned long long i = static_cast<unsigned long long>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i < count) {
        output[i] = from_float<half>(input[i]);
    }
}
EXPORT_KERNEL(convert_f32_to_f16)

extern "C" __global__ void __launch_bounds__(256) convert_f16_to_f32(const half* input, float* output, unsigned long long count) {
    const unsigned long long i = static_cast<unsigned long long>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i < count) {
        output[i] = to_float(input[i]);
    }
}
EXPORT_KERNEL(convert_f16_to_f32)

EXPORT_CONSTANT(layout_square, square)
EXPORT_CONSTANT(layout_square_rows, square_rows)
