#include "wavenet_f16.cuh"

// A layer of WaveGlow or Parallel WaveGAN by mma m16n8k16: wavenet_f16.cuh has the formula, the layouts and the mapping of blocks and threads. A warp makes 32 of the
// block's 64 steps for 32 of its 128 columns. A chunk of weights is [128 columns, 32 of the depth].
struct ProductMma {
    static constexpr int steps = 64;
    static constexpr int row_fragments = 2;
    static constexpr int column_fragments = 4;
    static constexpr int fragments_loaded = 4; // Ahead of the stores of the results.
    static constexpr bool is_asynchronous = false;
    using Sums = float[row_fragments][column_fragments][4];

    __device__ __forceinline__ static int warp_step() { return warp_index() / 4 * 32; }
    __device__ __forceinline__ static int warp_column() { return warp_index() % 4 * 32; }

    __device__ __forceinline__ static void copy_weights(uint4* stage, const half* chunk) {
#pragma unroll
        for (int i = 0; i < weight_units / threads; i++) {
            const int unit = static_cast<int>(threadIdx.x) + i * threads;
            cp_async_16(stage + swizzled<units>(unit / units, unit % units), chunk + unit * 8);
        }
    }

    __device__ __forceinline__ static void multiply(const uint4* inputs, const uint4* weights, Sums& sums) {
        const int lane = lane_index();
#pragma unroll
        for (int half_chunk = 0; half_chunk < 2; half_chunk++) {
            unsigned x[2][4];
            unsigned w[4][2];
            // Sixteen rows further on the swizzling is the same.
            const uint4* const x_rows = inputs + swizzled<units>(warp_step() + lane % 16, half_chunk * 2 + lane / 16);
            const uint4* const w_rows = weights + swizzled<units>(warp_column() + lane / 16 * 8 + lane % 8, half_chunk * 2 + lane / 8 % 2);
#pragma unroll
            for (int i = 0; i < 2; i++) {
                ldmatrix_x4(x[i], x_rows + i * 16 * units);
                unsigned pair[4];
                ldmatrix_x4(pair, w_rows + i * 16 * units);
                w[2 * i][0] = pair[0];
                w[2 * i][1] = pair[1];
                w[2 * i + 1][0] = pair[2];
                w[2 * i + 1][1] = pair[3];
            }
            mma_m16n8k16(sums, x, w);
        }
    }
};

WAVENET_ENTRY(wavenet_layer_f16, ProductMma)

EXPORT_CONSTANT(wavenet_f16_steps, ProductMma::steps)
