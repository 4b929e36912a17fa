#pragma once

#include "convolution.cuh"

// A warp's sums, a segment of 16 rows and Tile::segment_columns columns at a time, through shared memory of its own, so that a lane comes to have eight that lie
// side by side. Calls take(segment, pass, row of the tile, column of the tile, others, eight sums) for all of them, `passes` times a segment, and before that
// fetch(row, column, others) for what they are added to, Ahead segments earlier: loads that come behind a store wait for it.
// shared: 16 (segment_columns + 8) floats a warp. A lane comes with rows lane / 4 and lane / 4 + 8, columns lane % 4 * 2 and the next of each fragment.
template <typename Tile> struct SumsPassing {
    static constexpr int width = Tile::segment_columns + 8;
    static constexpr int lanes_per_row = Tile::segment_columns / 8;
    static constexpr int passes = 16 * lanes_per_row / warp_size;

    template <typename Others, int Ahead, typename Fetch, typename Take>
    __device__ __forceinline__ static void pass(uint4* shared, const typename Tile::Sums& sums, const Fetch& fetch, const Take& take) {
        const int lane = lane_index();
        const int column = lane % lanes_per_row * 8;
        float* const transit = reinterpret_cast<float*>(shared) + warp_index() * 16 * width;
        Others others[Ahead + 1][passes] = {};
#pragma unroll
        for (int i = -Ahead; i < Tile::segments; i++) {
#pragma unroll
            for (int p = 0; p < passes && i + Ahead < Tile::segments; p++) {
                fetch(Tile::segment_row(i + Ahead) + pass_row(p), Tile::segment_column(i + Ahead) + column, others[(i + Ahead) % (Ahead + 1)][p]);
            }
            if (i < 0) {
                continue;
            }
#pragma unroll
            for (int j = 0; j < Tile::segment_columns / 8; j++) {
                const float(&fragment)[4] = Tile::segment_fragment(sums, i, j);
                float* const at = transit + lane / 4 * width + j * 8 + lane % 4 * 2;
                *reinterpret_cast<float2*>(at) = make_float2(fragment[0], fragment[1]);
                *reinterpret_cast<float2*>(at + 8 * width) = make_float2(fragment[2], fragment[3]);
            }
            __syncwarp();
#pragma unroll
            for (int p = 0; p < passes; p++) {
                float eight[8];
                load_local_vector(transit + pass_row(p) * width + column, eight);
                take(i, p, Tile::segment_row(i) + pass_row(p), Tile::segment_column(i) + column, others[i % (Ahead + 1)][p], eight);
            }
            __syncwarp();
        }
    }

    // A lane's row of 16 in a pass.
    __device__ __forceinline__ static int pass_row(int pass) { return lane_index() / lanes_per_row + pass * (16 / passes); }
};

// A block's tile of a convolution.
template <typename Tile> __device__ void convolve_tile(const typename Tile::Conv& conv) {
    DYNAMIC_SHARED(uint4, shared);
    if (clear_past_end<Tile>(conv)) {
        return;
    }
    const int first_row = static_cast<int>(blockIdx.x) * Tile::rows;
    const int first_column = static_cast<int>(blockIdx.y) * Tile::columns;
    typename Tile::Sums sums = {};
    Pipeline<Tile> pipeline(conv, first_row, first_column, shared);
    pipeline.start();
    Tile::multiply_all(pipeline, sums);
    // The sums pass through what other warps may still be reading.
    __syncthreads();
    const int real_elements = conv.real_elements();
    using Others = Addends<8, Tile::is_vector, half>;
    SumsPassing<Tile>::template pass<Others, Tile::is_vector ? 1 : 0>(
        shared, sums, [&](int row, int column, Others& others) { others.load(conv, first_row + row, first_column + column); },
        [&](int, int, int row, int column, const Others& others, float(&eight)[8]) {
            store_sums<8, Tile::is_vector>(conv, first_row + row, first_column + column, real_elements, others, eight);
        });
}

// The product of convolution.cuh with inputs and weights in half precision on tensor cores (mma m16n8k16), sums in float32.
//
//   Grid (ceil(ceil((T' + trim) / phases) / rows), ceil(N / columns), B), block `threads`.
//   A warp computes WarpRows x WarpColumns of the tile. Its fragments come by ldmatrix out of tiles whose rows have Channels values: the window (rows are
//   steps; a tap's rows begin rows_per_tap further down than the tap's before) and a stage of the weights (rows are columns of the product).
//   At the end every warp passes its sums, 16 rows at a time, through shared memory of its own, so that residual and output are read and written in 16-byte
//   segments that lie side by side.
//   Dynamic shared memory: 4 stages of weights, 2 Channels bytes a column, then the windows, 2 Channels bytes a row; in the end, in the same place,
//   64 (WarpColumns + 8) bytes a warp.
//   Bound by tensor cores where C and N are 128 and more, by memory where they are 32.
template <int WarpsAlongRows, int WarpsAlongColumns, int WarpRows, int WarpColumns, int Channels, bool IsVector> struct TileF16 {
    static constexpr int threads = 32 * WarpsAlongRows * WarpsAlongColumns;
    static constexpr int rows = WarpsAlongRows * WarpRows;
    static constexpr int columns = WarpsAlongColumns * WarpColumns;
    static constexpr int channels = Channels;
    static constexpr int units = Channels / 8;
    static constexpr int stages = 4;
    static constexpr int stage_units = columns * units;
    static constexpr int row_fragments = WarpRows / 16;
    static constexpr int column_fragments = WarpColumns / 8;
    static constexpr bool is_vector = IsVector;
    static constexpr bool is_asynchronous = false;
    using Input = InputCopy<half, rows, units, threads, IsVector>;
    using Conv = Convolution<half, half>;
    using Sums = float[row_fragments][column_fragments][4];

    // Copies the weights [columns, Channels] of a tap and chunk; a thread takes one unit of every column_step-th column.
    struct WeightsCopy {
        static constexpr int column_step = threads / units;
        static_assert(column_step % 8 == 0);

        const half* source;
        int row_length;
        int tap_length;
        int channel;
        int columns_left;

        __device__ WeightsCopy(const Conv& conv, int first_column)
            : row_length((conv.input_channels + 7) / 8 * 8), tap_length(conv.columns() * row_length), channel(static_cast<int>(threadIdx.x) % units * 8),
              columns_left(conv.columns() - first_column - static_cast<int>(threadIdx.x) / units) {
            source = conv.weights + static_cast<long long>(conv.columns() - columns_left) * row_length + channel;
        }

        __device__ void copy(uint4* stage, int chunk, int tap) const {
            const half* const from = source + static_cast<long long>(tap) * tap_length + chunk * channels;
            const bool is_real = channel + chunk * channels < row_length;
            uint4* const target = stage + swizzled<units>(threadIdx.x / units, threadIdx.x % units);
#pragma unroll
            for (int i = 0; i < (columns + column_step - 1) / column_step; i++) {
                if (columns % column_step == 0 || static_cast<int>(threadIdx.x) / units + i * column_step < columns) {
                    cp_async_16(target + i * threads, from + i * column_step * row_length, is_real && i * column_step < columns_left);
                }
            }
        }
    };

    // sums += 16 channels, step `step` of the chunk's.
    __device__ __forceinline__ static void multiply(const uint4* window, const uint4* stage, int row, int column, int step, Sums& sums) {
        const int lane = lane_index();
        unsigned x[row_fragments][4];
        unsigned w[column_fragments][2];
        const uint4* const rows_of_x = window + swizzled<units>(row + lane % 16, step * 2 + lane / 16);
        const uint4* const rows_of_w = stage + swizzled<units>(column + lane / 16 * 8 + lane % 8, step * 2 + lane / 8 % 2);
        // Sixteen rows further on the swizzling is the same.
#pragma unroll
        for (int i = 0; i < row_fragments; i++) {
            ldmatrix_x4(x[i], rows_of_x + i * 16 * units);
        }
#pragma unroll
        for (int j = 0; j < column_fragments; j += 2) {
            unsigned pair[4];
            ldmatrix_x4(pair, rows_of_w + j * 8 * units);
            w[j][0] = pair[0];
            w[j][1] = pair[1];
            w[j + 1][0] = pair[2];
            w[j + 1][1] = pair[3];
        }
        mma_m16n8k16(sums, x, w);
    }

    __device__ static void convolve(const Conv& conv) { convolve_tile<TileF16>(conv); }

    // The warp's part of the tile begins there.
    __device__ __forceinline__ static int warp_row() { return warp_index() / WarpsAlongColumns * WarpRows; }
    __device__ __forceinline__ static int warp_column() { return warp_index() % WarpsAlongColumns * WarpColumns; }

    // sums += the whole product.
    template <typename Steps> __device__ __forceinline__ static void multiply_all(Steps& pipeline, Sums& sums) {
        pipeline.run([&](const uint4* window, int first_row, const uint4* stage, int remaining) {
#pragma unroll
            for (int step = 0; step < Channels / 16; step++) {
                if (step * 16 < remaining) {
                    multiply(window, stage, first_row + warp_row(), warp_column(), step, sums);
                }
            }
        });
    }

    // A warp's sums in segments of 16 rows; see pass_sums.
    static constexpr int segments = row_fragments;
    static constexpr int segment_columns = WarpColumns;
    __device__ __forceinline__ static int segment_row(int segment) { return warp_row() + segment * 16; }
    __device__ __forceinline__ static int segment_column(int) { return warp_column(); }
    __device__ __forceinline__ static const float (&segment_fragment(const Sums& sums, int segment, int j))[4] { return sums[segment][j]; }
};
