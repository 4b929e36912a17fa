#pragma once

#include "convolution_f16.cuh"

// The product of convolution.cuh in half precision by wgmma (warpgroup.cuh), for compute capability 9.0 alone: the weights are read from shared memory once for
// 64 steps, and not once for each warp. The steps go through registers (ldmatrix), because a tap may begin at any row of a window and a matrix in shared memory
// may not.
//
//   Grid and block as TileF16. A warpgroup computes 64 steps x GroupColumns columns of the tile, a warp 16 of these steps.
//   Weights [chunks of 32 channels, taps, N / 8, 4 units, 8 columns, 8 channels], zeros up to whole chunks: a stage is one contiguous segment of them, and a unit of eight
//   columns a core matrix. CudaConv1dWeights.cs packs them.
//   Dynamic shared memory: that of TileF16.
//   The order of summation is chunk, tap and channel as for TileF16; within an instruction it is the hardware's, which is not that of mma.
template <int GroupsAlongRows, int GroupsAlongColumns, int GroupColumns> struct TileWarpgroup {
    static constexpr int group_rows = 64;
    static constexpr int threads = 128 * GroupsAlongRows * GroupsAlongColumns;
    static constexpr int rows = group_rows * GroupsAlongRows;
    static constexpr int columns = GroupColumns * GroupsAlongColumns;
    static constexpr int channels = 32;
    static constexpr int units = channels / 8;
    static constexpr int stages = 4;
    static constexpr int stage_units = columns * units;
    static constexpr int row_fragments = 1;
    static constexpr int column_fragments = GroupColumns / 8;
    static constexpr bool is_vector = true;
    static constexpr bool is_asynchronous = true;
    using Input = InputCopy<half, rows, units, threads, true>;
    using Conv = Convolution<half, half>;
    using Sums = float[row_fragments][column_fragments][4];

    // Copies the weights of a tap and chunk as they lie in memory.
    struct WeightsCopy {
        const uint4* source;
        int tap_units;
        int taps;
        int units_left;

        __device__ WeightsCopy(const Conv& conv, int first_column)
            : source(reinterpret_cast<const uint4*>(conv.weights) + first_column * units + threadIdx.x), tap_units(conv.columns() * units), taps(conv.taps),
              units_left((conv.columns() - first_column) * units - static_cast<int>(threadIdx.x)) {}

        __device__ void copy(uint4* stage, int chunk, int tap) const {
            static_assert(stage_units % threads == 0);
            const uint4* const from = source + static_cast<long long>(chunk * taps + tap) * tap_units;
#pragma unroll
            for (int i = 0; i < stage_units / threads; i++) {
                cp_async_16(stage + threadIdx.x + i * threads, from + i * threads, i * threads < units_left);
            }
        }
    };

    __device__ static void convolve(const Conv& conv) { convolve_tile<TileWarpgroup>(conv); }

    // The warp's part of the tile begins there.
    __device__ __forceinline__ static int warp_row() { return warp_index() / 4 / GroupsAlongColumns * group_rows + warp_index() % 4 * 16; }
    __device__ __forceinline__ static int warp_column() { return warp_index() / 4 % GroupsAlongColumns * GroupColumns; }

    // sums += the whole product. A tap's weights have been read when the next barrier comes, behind which their stage is filled anew; what the tensor cores do
    // meanwhile is the work of the multiprocessor's other warpgroups.
    template <typename Steps> __device__ __forceinline__ static void multiply_all(Steps& pipeline, Sums& sums) {
        constexpr int core_bytes = 128;
        const int lane = lane_index();
        pipeline.run([&](const uint4* window, int first_row, const uint4* stage, int) {
            unsigned x[channels / 16][4];
#pragma unroll
            for (int step = 0; step < channels / 16; step++) {
                ldmatrix_x4(x[step], window + swizzled<units>(first_row + warp_row() + lane % 16, step * 2 + lane / 16));
            }
            wgmma_fence();
#pragma unroll
            for (int step = 0; step < channels / 16; step++) {
                wgmma(sums[0], x[step], matrix_descriptor(stage + warp_column() * units + step * 2 * 8, core_bytes, units * core_bytes));
            }
            wgmma_commit();
            wgmma_wait<0>();
        });
    }

    // A warp's sums in segments of 32 columns; see SumsPassing.
    static constexpr int segments = GroupColumns / 32;
    static constexpr int segment_columns = 32;
    __device__ __forceinline__ static int segment_row(int) { return warp_row(); }
    __device__ __forceinline__ static int segment_column(int segment) { return warp_column() + segment * 32; }
    __device__ __forceinline__ static const float (&segment_fragment(const Sums& sums, int segment, int j))[4] { return sums[0][segment * 4 + j]; }
};
