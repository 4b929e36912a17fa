#pragma once

#include "convolution.cuh"

// The product of convolution.cuh in float32 without tensor cores: every thread keeps ThreadRows x ThreadColumns sums in registers.
//
//   Grid (ceil(ceil((T' + trim) / phases) / rows), ceil(N / columns), B), block `threads`.
//   A warp has 32 / LanesAlongColumns x LanesAlongColumns lanes. A thread's rows are as far apart as there are lanes along them, so that the lanes' 16-byte
//   reads of the window fall on neighbouring rows and different banks; its columns are groups of four, read as 16 bytes of the weights.
//   Dynamic shared memory: 3 stages of weights [16 channels, columns], 64 bytes a column, then the windows, 64 bytes a row.
//   Bound by arithmetic: a thread reads 16 bytes of shared memory for 4 ThreadRows ThreadColumns / (ThreadRows + ThreadColumns) multiplications.
template <int WarpsAlongRows, int WarpsAlongColumns, int LanesAlongColumns, int ThreadRows, int ThreadColumns, bool IsVector> struct TileF32 {
    static constexpr int threads = 32 * WarpsAlongRows * WarpsAlongColumns;
    static constexpr int lanes_along_rows = 32 / LanesAlongColumns;
    static constexpr int warp_rows = lanes_along_rows * ThreadRows;
    static constexpr int warp_columns = LanesAlongColumns * ThreadColumns;
    static constexpr int rows = WarpsAlongRows * warp_rows;
    static constexpr int columns = WarpsAlongColumns * warp_columns;
    static constexpr int groups = ThreadColumns / 4;
    static constexpr int units = 4;
    static constexpr int channels = 16;
    static constexpr int stages = 3;
    static constexpr int stage_units = channels * columns / 4;
    using Input = InputCopy<float, rows, units, threads, IsVector>;
    using Conv = Convolution<float>;
    using Sums = float[ThreadRows][ThreadColumns];

    __device__ static void copy_weights(const Conv& conv, uint4* stage, int chunk, int tap) {
        const int width = (conv.columns() + 3) / 4 * 4;
        for (int i = threadIdx.x; i < stage_units; i += threads) {
            const int channel = chunk * channels + i / (columns / 4);
            const int column = static_cast<int>(blockIdx.y) * columns + i % (columns / 4) * 4;
            const bool is_real = channel < conv.input_channels && column < width;
            const size_t at = is_real ? (static_cast<size_t>(tap) * conv.input_channels + channel) * width + column : 0;
            cp_async_16(stage + i, conv.weights + at, is_real);
        }
    }

    // sums += four channels, unit `unit` of the chunk's four.
    __device__ __forceinline__ static void multiply(const uint4* window, const uint4* stage, int row, int column, int unit, Sums& sums) {
        float x[ThreadRows][4];
#pragma unroll
        for (int i = 0; i < ThreadRows; i++) {
            load_local_vector(reinterpret_cast<const float*>(window + swizzled<units>(row + i * lanes_along_rows, unit)), x[i]);
        }
#pragma unroll
        for (int c = 0; c < 4; c++) {
            const float* const weights = reinterpret_cast<const float*>(stage) + (unit * 4 + c) * columns + column;
            float w[groups][4];
#pragma unroll
            for (int g = 0; g < groups; g++) {
                load_local_vector(weights + g * LanesAlongColumns * 4, w[g]);
            }
#pragma unroll
            for (int i = 0; i < ThreadRows; i++) {
#pragma unroll
                for (int j = 0; j < ThreadColumns; j++) {
                    sums[i][j] += x[i][c] * w[j / 4][j % 4];
                }
            }
        }
    }

    __device__ static void convolve(const Conv& conv) {
        DYNAMIC_SHARED(uint4, shared);
        if (clear_past_end<TileF32>(conv)) {
            return;
        }
        const int row = warp_index() / WarpsAlongColumns * warp_rows + lane_index() / LanesAlongColumns;
        const int column = warp_index() % WarpsAlongColumns * warp_columns + lane_index() % LanesAlongColumns * 4;
        Sums sums = {};
        Pipeline<TileF32, float>(conv, shared).run([&](const uint4* window, int first_row, const uint4* stage, int remaining) {
#pragma unroll
            for (int unit = 0; unit < units; unit++) {
                if (unit * 4 < remaining) {
                    multiply(window, stage, first_row + row, column, unit, sums);
                }
            }
        });
        store(conv, static_cast<int>(blockIdx.x) * rows + row, static_cast<int>(blockIdx.y) * columns + column, sums);
    }

    __device__ __forceinline__ static void store(const Conv& conv, int row, int column, const Sums& sums) {
        const int real_elements = conv.real_elements();
#pragma unroll
        for (int i = 0; i < ThreadRows; i++) {
#pragma unroll
            for (int g = 0; g < groups; g++) {
                float four[4];
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    four[j] = sums[i][g * 4 + j];
                }
                store_sums<4, IsVector>(conv, row + i * lanes_along_rows, column + g * LanesAlongColumns * 4, real_elements, four);
            }
        }
    }
};
