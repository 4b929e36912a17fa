#include "common.cuh"

// A WaveNet layer (WaveGlow, Parallel WaveGAN) in one launch: nothing between its input and its results goes to memory. In float32; wavenet_f16.cu has the
// same on tensor cores.

constexpr int tile_steps = 32;
constexpr int tile_columns = 64;
constexpr int tile_depth = 32;
constexpr int threads = 256;
constexpr int column_threads = 16;
constexpr int padded_steps = tile_steps + 1;

// One chunk of a product: sums[i][j] += sum over k of a[k][step i] * w[k][column j], with this thread's steps threadIdx.x / 16 + 16 i and columns
// threadIdx.x % 16 + 16 j. The order of summation is that of k, whatever the batch.
__device__ __forceinline__ void multiply_chunk(const float* a, const float* w, int depth, float (&sums)[2][4]) {
    const int step = static_cast<int>(threadIdx.x) / column_threads;
    const int column = static_cast<int>(threadIdx.x) % column_threads;
    for (int k = 0; k < depth; k++) {
        const float x0 = a[k * padded_steps + step];
        const float x1 = a[k * padded_steps + step + 16];
#pragma unroll
        for (int j = 0; j < 4; j++) {
            const float weight = w[k * tile_columns + column + 16 * j];
            sums[0][j] += x0 * weight;
            sums[1][j] += x1 * weight;
        }
    }
}

// [s; t] = Dilated * x + Conditioning * c + bias;  g = tanh(s) * sigmoid(t);  y = (x + Residual * g) * scale;  skip (+)= Skip * g.
//
//   x, y [B, T, Cx], c [B, T, Cc] or null where Cc is 0, skip [B, T, Cs]; lengths [B] or null: what lies past lengths[b] * steps_per_unit reads and becomes zero.
//   gate_weights [gate blocks, K, 64], K = taps * Cx (tap by tap) and then Cc: a block has the rows of 32 channels under the tanh, then theirs under the
//   logistic function; gate_bias [gate blocks, 64], each row's bias_stride behind the last one's: 0 where all have the same. out_weights [out blocks, Cg, 64]:
//   the residual's rows, then the skip connection's; out_bias alike.
//   Grid (ceil(T / 32), B), block 256: a block makes 32 steps. Shared memory: 32 x 33 inputs, 32 x 64 weights, and the gated activations [Cg filled up
//   to 32, 33], 12.4 kilobytes and 132 bytes a channel. Bound by arithmetic.
extern "C" __global__ void __launch_bounds__(threads, 2) wavenet_layer_f32(const float* x, const float* c, const int* lengths, const float* gate_weights,
    const float* gate_bias, const float* out_weights, const float* out_bias, float* y, float* skip, int bias_stride, int steps_per_unit, int steps,
    int input_channels, int conditioning_channels, int gate_channels, int taps, int dilation, int residual_rows, int skip_rows, float scale, int accumulate) {
    DYNAMIC_SHARED(float, shared);
    float* const inputs = shared;
    float* const weights = inputs + tile_depth * padded_steps;
    float* const gated = weights + tile_depth * tile_columns;
    const size_t row = blockIdx.y;
    const int first = static_cast<int>(blockIdx.x) * tile_steps;
    const int real_steps = lengths == nullptr ? steps : min(steps, lengths[row] * steps_per_unit);
    const int thread = static_cast<int>(threadIdx.x);
    const int step = thread / column_threads;
    const int column = thread % column_threads;
    const int taps_depth = taps * input_channels;
    const int depth = taps_depth + conditioning_channels;
    const int reach = dilation * (taps - 1) / 2;

    for (int block = 0; block * 32 < gate_channels; block++) {
        float sums[2][4];
#pragma unroll
        for (int j = 0; j < 4; j++) {
            sums[0][j] = sums[1][j] = gate_bias[row * bias_stride + block * tile_columns + column + 16 * j];
        }
        for (int k0 = 0; k0 < depth; k0 += tile_depth) {
            const int count = min(tile_depth, depth - k0);
            for (int i = thread; i < tile_depth * tile_steps; i += threads) {
                const int k = k0 + i % tile_depth;
                const bool is_tap = k < taps_depth;
                const int t = first + i / tile_depth + (is_tap ? k / input_channels * dilation - reach : 0);
                float value = 0.0f;
                if (k < depth && t >= 0 && t < real_steps) {
                    value = is_tap ? x[(row * steps + t) * input_channels + k % input_channels]
                                   : c[(row * steps + t) * conditioning_channels + k - taps_depth];
                }
                inputs[i % tile_depth * padded_steps + i / tile_depth] = value;
            }
            for (int i = thread; i < count * tile_columns; i += threads) {
                weights[i] = gate_weights[(static_cast<size_t>(block) * depth + k0) * tile_columns + i];
            }
            __syncthreads();
            multiply_chunk(inputs, weights, count, sums);
            __syncthreads();
        }
#pragma unroll
        for (int i = 0; i < 2; i++) {
#pragma unroll
            for (int j = 0; j < 2; j++) {
                gated[(block * 32 + column + 16 * j) * padded_steps + step + 16 * i] = tanhf(sums[i][j]) * sigmoid(sums[i][j + 2]);
            }
        }
    }
    __syncthreads();

    for (int block = 0; block * tile_columns < residual_rows + skip_rows; block++) {
        float sums[2][4];
#pragma unroll
        for (int j = 0; j < 4; j++) {
            sums[0][j] = sums[1][j] = out_bias[block * tile_columns + column + 16 * j];
        }
        for (int k0 = 0; k0 < gate_channels; k0 += tile_depth) {
            const int count = min(tile_depth, gate_channels - k0);
            for (int i = thread; i < count * tile_columns; i += threads) {
                weights[i] = out_weights[(static_cast<size_t>(block) * gate_channels + k0) * tile_columns + i];
            }
            __syncthreads();
            multiply_chunk(gated + k0 * padded_steps, weights, count, sums);
            __syncthreads();
        }
#pragma unroll
        for (int i = 0; i < 2; i++) {
            const int t = first + step + 16 * i;
            for (int j = 0; j < 4 && t < steps; j++) {
                const int out = block * tile_columns + column + 16 * j;
                if (out < residual_rows) {
                    const size_t at = (row * steps + t) * residual_rows + out;
                    y[at] = t < real_steps ? (sums[i][j] + x[at]) * scale : 0.0f;
                } else if (out < residual_rows + skip_rows) {
                    const size_t at = (row * steps + t) * skip_rows + out - residual_rows;
                    skip[at] = t < real_steps ? sums[i][j] + (accumulate != 0 ? skip[at] : 0.0f) : 0.0f;
                }
            }
        }
    }
}
EXPORT_KERNEL(wavenet_layer_f32)

EXPORT_CONSTANT(wavenet_f32_threads, threads)
EXPORT_CONSTANT(wavenet_f32_steps, tile_steps)
EXPORT_CONSTANT(wavenet_f32_columns, tile_columns)
EXPORT_CONSTANT(wavenet_f32_depth, tile_depth)
