#pragma once

#include "convolution.cuh"

// The layer of wavenet.cu in half precision, its products on tensor cores with sums in float32: what the kernels of wavenet_f16.cu (mma m16n8k16) and
// wavenet_sm90a.cu (wgmma) share.
//
//   x, y [B, T, Cx], c [B, T, Cc] or null where Cc is 0, skip [B, T, Cs]; lengths [B] or null: what lies past lengths[b] * steps_per_unit reads and becomes zero.
//   Products go chunk by chunk of 32 of their depth: each tap's channels filled up with zeros to whole chunks, then the conditioning's. So a chunk is a segment
//   of one row for each step, copied in 16-byte units where all rows begin at one.
//   gate_weights [gate blocks, chunks, 128, 32]: a block has 64 channels, by sixteens: the rows under the tanh, then theirs under the logistic function, so
//   that a warp holds both sums of what it gates. gate_bias [gate blocks, 128] in that order, each row's bias_stride behind the last one's: 0 where
//   all have the same. out_weights [out blocks, chunks of Cg, 128, 32]: the residual's rows, then the skip connection's; out_bias alike. How the 128 columns of
//   32 lie within a chunk is the product's to say.
//   Grid (ceil(T / steps), B), block 256: a block makes as many steps as the product has, a warp some of them for some of a block's 128 columns.
//   Dynamic shared memory: a ring of 3 chunks, inputs [steps, 32] and weights [128, 32], 12 kilobytes each with 64 steps and 16 with 128; then the gated
//   activations as chunks of inputs, rounded to half, 128 bytes a step for each gate block. The order of summation is that of the chunks, whatever the batch.
//   Bound by shared memory and L2 (convolutions.md).

constexpr int tile_columns = 128;
constexpr int gate_block = tile_columns / 2;
constexpr int chunk_depth = 32;
constexpr int units = chunk_depth / 8;
constexpr int threads = 256;
constexpr int stages = 3;
constexpr int weight_units = tile_columns * units;

__device__ __forceinline__ int whole_chunks(int channels) { return (channels + chunk_depth - 1) / chunk_depth; }

// A sequence [T, C] of one row of the batch.
struct Sequence {
    const half* values;
    int channels;
    int real_steps;

    // This thread's unit, of step t, that begins at `channel`; zeros outside.
    __device__ void copy(uint4* target, int t, int channel) const {
        const bool is_real = t >= 0 && t < real_steps && channel < channels;
        const half* const source = values + (static_cast<long long>(t) * channels + channel);
        if (channels % 8 == 0) {
            cp_async_16(target, source, is_real);
            return;
        }
        float eight[8];
#pragma unroll
        for (int i = 0; i < 8; i++) {
            eight[i] = is_real && channel + i < channels ? to_float(source[i]) : 0.0f;
        }
        store_vector(reinterpret_cast<half*>(target), eight);
    }
};

// A lane's columns of fragment j are lane_column(j) and the next; its steps of fragment i are lane_step(i) and lane_step(i) + 8.
template <typename Product> __device__ __forceinline__ int lane_column(int j) { return Product::warp_column() + j * 8 + lane_index() % 4 * 2; }
template <typename Product> __device__ __forceinline__ int lane_step(int i) { return Product::warp_step() + i * 16 + lane_index() / 4; }

template <typename Product> __device__ __forceinline__ void begin_with_bias(const float* bias, typename Product::Sums& sums) {
#pragma unroll
    for (int j = 0; j < Product::column_fragments; j++) {
        const float2 pair = __ldg(reinterpret_cast<const float2*>(bias + lane_column<Product>(j)));
#pragma unroll
        for (int i = 0; i < Product::row_fragments; i++) {
            sums[i][j][0] = sums[i][j][2] = pair.x;
            sums[i][j][1] = sums[i][j][3] = pair.y;
        }
    }
}

// The ring: chunk `index` of `count` is multiplied while the two behind it are on their way. copy(stage, index) starts the copies of one.
template <typename Product, typename Copy, typename Multiply> __device__ __forceinline__ void run_ring(uint4* ring, int count, const Copy& copy, const Multiply& multiply) {
    constexpr int stage_units = Product::steps * units + weight_units;
#pragma unroll
    for (int index = 0; index < stages - 1; index++) {
        if (index < count) {
            copy(ring + index * stage_units, index);
        }
        cp_async_commit();
    }
    for (int index = 0; index < count; index++) {
        cp_async_wait<stages - 2>();
        if constexpr (Product::is_asynchronous) {
            fence_async_proxy();
        }
        __syncthreads();
        const int next = index + stages - 1;
        if (next < count) {
            copy(ring + next % stages * stage_units, next);
        }
        cp_async_commit();
        multiply(ring + index % stages * stage_units, index);
    }
    // All chunks have been read, and what the last multiplications wrote is there for all.
    __syncthreads();
}

// gated: chunks of inputs. Of every four fragments the first two columns are under the tanh, the others under the logistic function.
template <typename Product> __device__ __forceinline__ void store_gated(const typename Product::Sums& sums, uint4* gated) {
#pragma unroll
    for (int i = 0; i < Product::row_fragments; i++) {
#pragma unroll
        for (int j = 0; j < Product::column_fragments; j += j % 4 == 1 ? 3 : 1) {
            const int channel = (Product::warp_column() + j / 4 * 32) / 2 + j % 4 * 8;
            uint4* const chunk = gated + channel / chunk_depth * (Product::steps * units);
            const int unit = channel % chunk_depth / 8;
            float values[4];
#pragma unroll
            for (int k = 0; k < 4; k++) {
                values[k] = tanhf(sums[i][j][k]) * sigmoid(sums[i][j + 2][k]);
            }
            const int step = lane_step<Product>(i);
            reinterpret_cast<unsigned*>(chunk + swizzled<units>(step, unit))[lane_index() % 4] = pack_halves(values[0], values[1]);
            reinterpret_cast<unsigned*>(chunk + swizzled<units>(step + 8, unit))[lane_index() % 4] = pack_halves(values[2], values[3]);
        }
    }
}

// Where the layer's results go: one row of the batch.
template <typename Product> struct Results {
    using Sums = typename Product::Sums;
    static constexpr int rows = 2 * Product::row_fragments; // Of a lane in a fragment of columns.

    const half* x;
    half* y;
    half* skip;
    int steps;
    int real_steps;
    int residual_rows;
    int skip_rows;
    float scale;
    bool accumulates;

    __device__ __forceinline__ void add_and_store(int first_step, int first_column, const Sums& sums) const {
        // Then a column of an even number and the next lie side by side, in one aligned word.
        const bool is_paired = (residual_rows | skip_rows) % 2 == 0;
        is_paired ? add_and_store<true, Product::fragments_loaded>(first_step, first_column, sums) : add_and_store<false, 1>(first_step, first_column, sums);
    }

private:
    // Where the results of a column of the product are, and the numbers they are added to: step t at t * stride.
    struct Column {
        const half* other;
        half* target;
        int stride;
        float scale;
        bool exists;
        bool adds;
    };

    __device__ __forceinline__ Column column(int out) const {
        const bool is_residual = out < residual_rows;
        const int channel = is_residual ? out : out - residual_rows;
        const bool exists = out < residual_rows + skip_rows;
        return {(is_residual ? x : skip) + channel, (is_residual ? y : skip) + channel, is_residual ? residual_rows : skip_rows, is_residual ? scale : 1.0f,
            exists, exists && (is_residual || accumulates)};
    }

    // The loads of Fragments fragments come before the stores of their results, because a load behind a store that may have been to the same place waits for what
    // the store waited for. Where columns are not paired there are no registers for all of a lane's.
    template <bool IsPaired, int Fragments> __device__ __forceinline__ void add_and_store(int first_step, int first_column, const Sums& sums) const {
#pragma unroll
        for (int first = 0; first < Product::column_fragments; first += Fragments) {
            unsigned others[Fragments][rows];
#pragma unroll
            for (int j = 0; j < Fragments; j++) {
                const int out = first_column + lane_column<Product>(first + j);
                load_pairs<IsPaired>(column(out), column(out + 1), first_step, others[j]);
            }
#pragma unroll
            for (int j = 0; j < Fragments; j++) {
                const int out = first_column + lane_column<Product>(first + j);
                store_pairs<IsPaired>(column(out), column(out + 1), first_step, sums, first + j, others[j]);
            }
        }
    }

    __device__ __forceinline__ static int step(int first_step, int row) { return first_step + lane_step<Product>(row / 2) + row % 2 * 8; }

    template <bool IsPaired>
    __device__ __forceinline__ void load_pairs(const Column& first, const Column& second, int first_step, unsigned (&others)[rows]) const {
#pragma unroll
        for (int row = 0; row < rows; row++) {
            others[row] = load_pair<IsPaired>(first, second, step(first_step, row));
        }
    }

    template <bool IsPaired>
    __device__ __forceinline__ void store_pairs(
        const Column& first, const Column& second, int first_step, const Sums& sums, int j, const unsigned (&others)[rows]) const {
#pragma unroll
        for (int row = 0; row < rows; row++) {
            const float* const pair = sums[row / 2][j] + row % 2 * 2;
            store_pair<IsPaired>(first, second, step(first_step, row), pair[0], pair[1], others[row]);
        }
    }

    // Zeros where nothing is to be added.
    template <bool IsPaired> __device__ __forceinline__ unsigned load_pair(const Column& first, const Column& second, int t) const {
        if (IsPaired) {
            return first.adds && t < real_steps ? *reinterpret_cast<const unsigned*>(first.other + static_cast<long long>(t) * first.stride) : 0;
        }
        const unsigned low = first.adds && t < real_steps ? __half_as_ushort(first.other[static_cast<long long>(t) * first.stride]) : 0;
        const unsigned high = second.adds && t < real_steps ? __half_as_ushort(second.other[static_cast<long long>(t) * second.stride]) : 0;
        return low | high << 16;
    }

    template <bool IsPaired>
    __device__ __forceinline__ void store_pair(const Column& first, const Column& second, int t, float first_sum, float second_sum, unsigned others) const {
        float low;
        float high;
        unpack_halves(others, low, high);
        const unsigned pair = t < real_steps ? pack_halves((first_sum + low) * first.scale, (second_sum + high) * second.scale) : 0;
        if (first.exists && t < steps) {
            half* const target = first.target + static_cast<long long>(t) * first.stride;
            if (IsPaired) {
                *reinterpret_cast<unsigned*>(target) = pair;
            } else {
                *target = __ushort_as_half(static_cast<unsigned short>(pair & 0xFFFFu));
            }
        }
        if (!IsPaired && second.exists && t < steps) {
            second.target[static_cast<long long>(t) * second.stride] = __ushort_as_half(static_cast<unsigned short>(pair >> 16));
        }
    }
};

// A kernel's block.
template <typename Product>
__device__ __forceinline__ void wavenet_layer(const half* x, const half* c, const int* lengths, const half* gate_weights, const float* gate_bias,
    const half* out_weights, const float* out_bias, half* y, half* skip, int bias_stride, int steps_per_unit, int steps, int input_channels,
    int conditioning_channels, int gate_channels, int taps, int dilation, int residual_rows, int skip_rows, float scale, int accumulate) {
    constexpr int input_units = Product::steps * units;
    constexpr int stage_units = input_units + weight_units;
    DYNAMIC_SHARED(uint4, shared);
    uint4* const gated = shared + stages * stage_units;
    const float* const row_bias = gate_bias + blockIdx.y * bias_stride;
    const long long row = static_cast<long long>(blockIdx.y) * steps;
    const int first = static_cast<int>(blockIdx.x) * Product::steps;
    const int real_steps = lengths == nullptr ? steps : min(steps, lengths[blockIdx.y] * steps_per_unit);
    const Sequence inputs{x + row * input_channels, input_channels, real_steps};
    const Sequence conditioning{c + row * conditioning_channels, conditioning_channels, real_steps};
    const int first_step = static_cast<int>(threadIdx.x) / units;
    const int unit = static_cast<int>(threadIdx.x) % units;
    const int tap_chunks = whole_chunks(input_channels);
    const int gate_chunks = taps * tap_chunks + whole_chunks(conditioning_channels);
    const int gated_chunks = whole_chunks(gate_channels);
    const int reach = dilation * (taps - 1) / 2;
    typename Product::Sums sums;

    run_ring<Product>(
        shared, (gate_channels + gate_block - 1) / gate_block * gate_chunks,
        [&](uint4* stage, int index) {
            const int chunk = index % gate_chunks;
            const int tap = chunk / tap_chunks;
#pragma unroll
            for (int step = first_step; step < first_step + Product::steps; step += threads / units) {
                uint4* const target = stage + swizzled<units>(step, unit);
                if (tap < taps) {
                    inputs.copy(target, first + step + tap * dilation - reach, chunk % tap_chunks * chunk_depth + unit * 8);
                } else {
                    conditioning.copy(target, first + step, (chunk - taps * tap_chunks) * chunk_depth + unit * 8);
                }
            }
            Product::copy_weights(stage + input_units, gate_weights + static_cast<long long>(index) * tile_columns * chunk_depth);
        },
        [&](const uint4* stage, int index) {
            const int block = index / gate_chunks;
            if (index % gate_chunks == 0) {
                begin_with_bias<Product>(row_bias + block * tile_columns, sums);
            }
            Product::multiply(stage, stage + input_units, sums);
            if ((index + 1) % gate_chunks == 0) {
                store_gated<Product>(sums, gated + block * 2 * input_units);
            }
        });

    const Results<Product> results{
        x + row * input_channels, y + row * residual_rows, skip + row * skip_rows, steps, real_steps, residual_rows, skip_rows, scale, accumulate != 0};
    run_ring<Product>(
        shared, (residual_rows + skip_rows + tile_columns - 1) / tile_columns * gated_chunks,
        [&](uint4* stage, int index) { Product::copy_weights(stage, out_weights + static_cast<long long>(index) * tile_columns * chunk_depth); },
        [&](const uint4* stage, int index) {
            const int block = index / gated_chunks;
            if (index % gated_chunks == 0) {
                begin_with_bias<Product>(out_bias + block * tile_columns, sums);
            }
            Product::multiply(gated + index % gated_chunks * input_units, stage, sums);
            if ((index + 1) % gated_chunks == 0) {
                results.add_and_store(first, block * tile_columns, sums);
            }
        });
}

#define WAVENET_ENTRY(NAME, PRODUCT)                                                                                                                       \
    extern "C" __global__ void __launch_bounds__(threads, 2) NAME(const half* x, const half* c, const int* lengths, const half* gate_weights,              \
        const float* gate_bias, const half* out_weights, const float* out_bias, half* y, half* skip, int bias_stride, int steps_per_unit, int steps,       \
        int input_channels, int conditioning_channels, int gate_channels, int taps, int dilation, int residual_rows, int skip_rows, float scale,           \
        int accumulate) {                                                                                                                                  \
        wavenet_layer<PRODUCT>(x, c, lengths, gate_weights, gate_bias, out_weights, out_bias, y, skip, bias_stride, steps_per_unit, steps, input_channels, \
            conditioning_channels, gate_channels, taps, dilation, residual_rows, skip_rows, scale, accumulate);                                            \
    }                                                                                                                                                      \
    EXPORT_KERNEL(NAME)

EXPORT_CONSTANT(wavenet_f16_threads, threads)
EXPORT_CONSTANT(wavenet_f16_columns, tile_columns)
EXPORT_CONSTANT(wavenet_f16_depth, chunk_depth)
EXPORT_CONSTANT(wavenet_f16_stages, stages)
