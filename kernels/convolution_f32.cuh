#pragma once

#include <type_traits>

#include "convolution.cuh"

// The product of convolution.cuh in float32 without tensor cores: every thread keeps ThreadRows x ThreadColumns sums in registers.
//
//   Grid (ceil(ceil((T' + trim) / phases) / rows), ceil(N / columns), B), block `threads`.
//   A warp has 32 / LanesAlongColumns x LanesAlongColumns lanes. A thread's rows are as far apart as there are lanes along them, so that the lanes' 16-byte
//   reads of the window fall on neighbouring rows and different banks; its columns are groups of four, read as 16 bytes of the weights.
//   Dynamic shared memory: 3 stages of weights [16 channels, columns], 64 bytes a column, then the windows, 64 bytes a row.
//   Bound by arithmetic: a thread reads 16 bytes of shared memory for 4 ThreadRows ThreadColumns / (ThreadRows + ThreadColumns) multiplications.
template <typename Out, int WarpsAlongRows, int WarpsAlongColumns, int LanesAlongColumns, int ThreadRows, int ThreadColumns, bool IsVector> struct TileF32 {
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
    static constexpr bool is_asynchronous = false;
    static constexpr int stage_units = channels * columns / 4;
    using Input = InputCopy<float, rows, units, threads, IsVector>;
    using Conv = Convolution<float, Out>;
    using Sums = float[ThreadRows][ThreadColumns];

    // Copies the weights [16 channels, columns] of a tap and chunk; a thread takes four columns of every channel_step-th channel.
    struct WeightsCopy {
        static constexpr int row_units = columns / 4;
        static constexpr int channel_step = threads / row_units;

        const float* source;
        int row_length;
        int tap_length;
        int channels_left;

        __device__ WeightsCopy(const Conv& conv, int first_column) : row_length((conv.columns() + 3) / 4 * 4), tap_length(conv.input_channels * row_length) {
            const int column = first_column + static_cast<int>(threadIdx.x) % row_units * 4;
            channels_left = column < row_length ? conv.input_channels - first_channel() : 0;
            source = conv.weights + static_cast<long long>(first_channel()) * row_length + column;
        }

        __device__ static int first_channel() { return static_cast<int>(threadIdx.x) / row_units; }

        __device__ void copy(uint4* stage, int chunk, int tap) const {
            const float* const from = source + static_cast<long long>(tap) * tap_length + static_cast<long long>(chunk) * channels * row_length;
#pragma unroll
            for (int i = 0; i < (channels + channel_step - 1) / channel_step; i++) {
                if (channels % channel_step == 0 || first_channel() + i * channel_step < channels) {
                    cp_async_16(stage + threadIdx.x + i * threads, from + static_cast<long long>(i) * channel_step * row_length,
                        chunk * channels + i * channel_step < channels_left);
                }
            }
        }
    };

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
        const int first_tile_row = static_cast<int>(blockIdx.x) * rows;
        const int first_tile_column = static_cast<int>(blockIdx.y) * columns;
        Sums sums = {};
        Pipeline<TileF32> pipeline(conv, first_tile_row, first_tile_column, shared);
        pipeline.start();
        pipeline.run([&](const uint4* window, int first_row, const uint4* stage, int remaining) {
#pragma unroll
            for (int unit = 0; unit < units; unit++) {
                if (unit * 4 < remaining) {
                    multiply(window, stage, first_row + row, column, unit, sums);
                }
            }
        });
        store(conv, first_tile_row + row, first_tile_column + column, sums);
    }

    __device__ __forceinline__ static void store(const Conv& conv, int row, int column, const Sums& sums) {
        constexpr bool is_vector = IsVector && std::is_same_v<Out, float>;
        const int real_elements = conv.real_elements();
        // Rows that are loaded ahead of the one that is stored, where there are registers for it.
        constexpr int ahead = is_vector ? 1 : 0;
        Addends<4, is_vector, Out> others[ahead + 1][groups] = {};
#pragma unroll
        for (int i = -ahead; i < ThreadRows; i++) {
#pragma unroll
            for (int g = 0; g < groups && i + ahead < ThreadRows; g++) {
                others[(i + ahead) % (ahead + 1)][g].load(conv, row + (i + ahead) * lanes_along_rows, column + g * LanesAlongColumns * 4);
            }
#pragma unroll
            for (int g = 0; g < groups && i >= 0; g++) {
                float four[4];
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    four[j] = sums[i][g * 4 + j];
                }
                store_sums<4, is_vector>(conv, row + i * lanes_along_rows, column + g * LanesAlongColumns * 4, real_elements, others[i % (ahead + 1)][g], four);
            }
        }
    }
};
