#include "wavenet_f16.cuh"

// The layer of wavenet_f16.cu by wgmma, for compute capability 9.0 alone: a warp makes 16 of the block's 128 steps for all of its 128 columns. A chunk of weights is
// [128 / 8, 4 units of the depth, 8 columns, 8 of the depth], core matrices as warpgroup.cuh has them.
struct ProductWarpgroup {
    static constexpr int steps = 128;
    static constexpr int row_fragments = 1;
    static constexpr int column_fragments = 16;
    static constexpr int fragments_loaded = 2;
    static constexpr bool is_asynchronous = true;
    using Sums = float[row_fragments][column_fragments][4];

    __device__ __forceinline__ static int warp_step() { return warp_index() * 16; }
    __device__ __forceinline__ static int warp_column() { return 0; }

    __device__ __forceinline__ static void copy_weights(uint4* stage, const half* chunk) {
#pragma unroll
        for (int unit = static_cast<int>(threadIdx.x); unit < static_cast<int>(threadIdx.x) + weight_units; unit += threads) {
            cp_async_16(stage + unit, chunk + unit * 8);
        }
    }

    __device__ __forceinline__ static void multiply(const uint4* inputs, const uint4* weights, Sums& sums) {
        constexpr int core_bytes = 128;
        const int lane = lane_index();
        unsigned x[chunk_depth / 16][4];
#pragma unroll
        for (int step = 0; step < chunk_depth / 16; step++) {
            ldmatrix_x4(x[step], inputs + swizzled<units>(warp_step() + lane % 16, step * 2 + lane / 16));
        }
        wgmma_fence();
#pragma unroll
        for (int step = 0; step < chunk_depth / 16; step++) {
            wgmma(sums[0], x[step], matrix_descriptor(weights + step * 2 * 8, core_bytes, units * core_bytes));
        }
        wgmma_commit();
        wgmma_wait<0>();
    }
};

WAVENET_ENTRY(wavenet_layer_wgmma_f16, ProductWarpgroup)

EXPORT_CONSTANT(wavenet_wgmma_steps, ProductWarpgroup::steps)
