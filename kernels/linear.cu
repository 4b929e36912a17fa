#include "convolution_f16.cuh"

// y = activation(x w^T + bias) for rows of features, x and w in half precision, y in float32, where sums go on in float32 (an LSTM's inputs, attention keys):
// a convolution of one tap whose rows are its steps. float32 rows go through conv1d's float32 entries.
//
//   input [rows, in], weights [out, in rounded up to 8], bias [out rounded up to 8], output [rows, out]; lengths null or [batch] with rows_per_batch rows each,
//   real rows = lengths * steps_per_unit, others are written as zero. Grid and shared memory: TileF16.

#define LINEAR_ENTRY(NAME, ...)                                                                                                                        \
    extern "C" __global__ void __launch_bounds__(__VA_ARGS__::threads) NAME(const half* input, const int* lengths, const half* weights,                \
        const float* bias, float* output, int steps_per_unit, int rows_per_batch, int input_features, int output_features, int activation) {           \
        __VA_ARGS__::convolve({input, lengths, weights, bias, nullptr, output, steps_per_unit, rows_per_batch, rows_per_batch, input_features,         \
            output_features, 1, 0, 0, 1, 1, 0, 1.0f, activation, 1.0f, 0});                                                                            \
    }                                                                                                                                                  \
    EXPORT_KERNEL(NAME)

LINEAR_ENTRY(linear_64x64_f16, TileF16<float, 2, 2, 32, 32, 32, true>)
LINEAR_ENTRY(linear_any_64x64_f16, TileF16<float, 2, 2, 32, 32, 32, false>)
