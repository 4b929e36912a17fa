#pragma once

#include "convolution_f16.cuh"

// One layer of the residual blocks that stand side by side in a stage of HiFi-GAN (arXiv:2010.05646, section 2.2), branch b of which computes
//
//   y_b = x_b + second_b * leaky(first_b * leaky(x_b))   (block "1")      y_b = x_b + first_b * leaky(x_b)   (block "2")
//
// where * is a convolution of C channels with C, the first one dilated, as convolution.cuh has them; what lies outside of a row is zero for both.
//
//   x_b [B, T, C] at input + b * input_stride, y_b alike; lengths [B] or null: what lies past lengths[b] * steps_per_unit reads and becomes zero.
//   Grid (ceil(T / tile_steps), branches, B) and count 1: a block makes tile_steps steps of one branch, the one with the longest kernel first.
//   Grid (ceil(T / tile_steps), 1, B) and count the number of branches: of all, one after the other, and out = scale * y_0 + scale * y_1 + ...
//   tile_steps = rows of the product - (longest kernel - 1): of the first convolution the block makes `rows` steps, half a kernel more on each side, rounds
//   them to half into shared memory, and the second reads nothing else.
//   Dynamic shared memory: the ring and the windows of Pipeline, then between the convolutions C channels, filled up to whole chunks, of rows + kernel - 1
//   steps; at the end SumsPassing in place of the former two. src/CudaTts/Compute/Cuda/ResidualTile.cs computes the size.
//   Every sum, rounding and addition is that of the separate launches, in their order: the results are the same bits.
//   Bound by tensor cores from 64 channels on, by memory where there are fewer.

// A branch in device memory.
struct ResidualBranch {
    const half* first_weights;    // [taps, C, C]
    const float* first_bias;      // [C]
    const half* second_weights;   // null in block "2"
    const float* second_bias;
    int taps;
    int dilation;

    // Steps that the second convolution reaches to each side.
    __device__ int reach() const { return second_weights == nullptr ? 0 : (taps - 1) / 2; }
};

// The parameters of the entries by name.
struct ResidualLayer {
    const half* input;
    const int* lengths;
    const ResidualBranch* branches;
    half* output;
    int input_stride;    // from a branch's input to the next's; 0 where all read the same
    int output_stride;   // 0 where a block adds up
    int count;           // branches that a block adds up
    int steps_per_unit;
    int steps;
    int channels;        // a multiple of 8
    int tile_steps;
    float slope;
    float scale;

    __device__ int real_steps() const { return lengths == nullptr ? steps : min(steps, lengths[blockIdx.z] * steps_per_unit); }
    __device__ int first_step() const { return static_cast<int>(blockIdx.x) * tile_steps; }
    __device__ int branch(int i) const { return count > 1 ? i : static_cast<int>(gridDim.y - 1 - blockIdx.y); }

    // Element (step, channel) of this block's row of the batch.
    __device__ size_t element(int step, int channel) const { return (static_cast<size_t>(blockIdx.z) * steps + step) * channels + channel; }
};

// What lies between the convolutions, as windows of Pipeline: all chunks of it are there.
struct HeldWindows {
    int chunk_units;

    __device__ int units() const { return chunk_units; }
    __device__ static int rows_per_tap() { return 1; }
    __device__ static void copy(uint4*, int) {}
    __device__ static void activate(uint4*, float) {}
};

// KeepsTotal: the sum of the branches waits in registers; otherwise in the output, for tiles that have no register left and time enough for memory.
template <typename Product, bool KeepsTotal> struct ResidualTile {
    using Conv = typename Product::Conv;
    using Sums = typename Product::Sums;
    using Total = uint4[KeepsTotal ? Product::segments : 1][SumsPassing<Product>::passes];
    static constexpr int units = Product::units;

    __device__ static void run(const ResidualLayer& layer) {
        DYNAMIC_SHARED(uint4, shared);
        const int real_steps = layer.real_steps();
        if (layer.first_step() >= real_steps) {
            clear(layer);
            return;
        }
        Total total;
        for (int i = 0; i < layer.count; i++) {
            const ResidualBranch branch = layer.branches[layer.branch(i)];
            const half* const input = layer.input + static_cast<size_t>(layer.branch(i)) * layer.input_stride;
            Sums sums = {};
            // What the branch before left there has been read.
            __syncthreads();
            convolve(layer, branch, input, real_steps, shared, sums);
            // The sums pass through what other warps may still be reading.
            __syncthreads();
            const float* const bias = branch.second_weights == nullptr ? branch.first_bias : branch.second_bias;
            const auto exists = [&](int row, int column) { return row < layer.tile_steps && layer.first_step() + row < layer.steps && column < layer.channels; };
            // There are no registers for more.
            SumsPassing<Product>::template pass<Others, 0>(
                shared, sums,
                [&](int row, int column, Others& others) {
                    if (exists(row, column)) {
                        others.load(layer, i, input, layer.first_step() + row, column);
                    }
                },
                [&](int segment, int pass, int row, int column, const Others& others, float(&eight)[8]) {
                    if (exists(row, column)) {
                        finish(layer, i, bias, others, real_steps, layer.first_step() + row, column, eight, total[KeepsTotal ? segment : 0][pass]);
                    }
                });
        }
    }

    // Both convolutions of a branch, or the only one.
    __device__ __forceinline__ static void convolve(
        const ResidualLayer& layer, const ResidualBranch& branch, const half* input, int real_steps, uint4* shared, Sums& sums) {
        const int chunks = (layer.channels + Product::channels - 1) / Product::channels;
        const int window_count = min(chunks, 1 + (Product::stages - 2 + branch.taps) / branch.taps);
        const int first_step = layer.first_step() - branch.reach();
        const InputWindow<Product::rows> window(first_step - branch.dilation * (branch.taps - 1) / 2, branch.taps, branch.dilation);
        const typename Product::Input windows{input + layer.element(0, 0), window, real_steps, layer.channels};
        uint4* const first_window = shared + Product::stages * Product::stage_units;
        const Conv first = convolution(layer, branch.first_weights, branch.taps, layer.slope);
        Pipeline<Product> from_memory(first, 0, windows, shared, first_window, window_count);
        from_memory.start();
        Product::multiply_all(from_memory, sums);
        if (branch.second_weights == nullptr) {
            return;
        }
        uint4* const held = first_window + window_count * windows.units();
        const HeldWindows held_windows{(Product::rows + branch.taps - 1) * units};
        const Conv second = convolution(layer, branch.second_weights, branch.taps, 1.0f);
        Pipeline<Product, HeldWindows> from_held(second, 0, held_windows, shared, held, chunks);
        // The ring has been read by all, and takes the second convolution's weights while the sums are put away.
        __syncthreads();
        from_held.start();
        hold(layer, branch.first_bias, first_step, real_steps, sums, held, held_windows.chunk_units);
        clear(sums);
        Product::multiply_all(from_held, sums);
    }

    // What Pipeline and the copy of the weights ask of a convolution.
    __device__ __forceinline__ static Conv convolution(const ResidualLayer& layer, const half* weights, int taps, float slope) {
        Conv conv{};
        conv.weights = weights;
        conv.input_channels = layer.channels;
        conv.output_channels = layer.channels;
        conv.phases = 1;
        conv.taps = taps;
        conv.input_slope = slope;
        return conv;
    }

    __device__ __forceinline__ static void clear(Sums& sums) {
#pragma unroll
        for (int i = 0; i < Product::row_fragments; i++) {
#pragma unroll
            for (int j = 0; j < Product::column_fragments; j++) {
                sums[i][j][0] = sums[i][j][1] = sums[i][j][2] = sums[i][j][3] = 0.0f;
            }
        }
    }

    // Rounds the first convolution, whose row 0 is step first_step, to half, activates it, and puts it where the second one reads.
    __device__ __forceinline__ static void hold(
        const ResidualLayer& layer, const float* bias, int first_step, int real_steps, const Sums& sums, uint4* held, int chunk_units) {
        constexpr const half* type = nullptr;
        const int lane = lane_index();
#pragma unroll
        for (int j = 0; j < Product::column_fragments; j++) {
            const int column = Product::warp_column() + j * 8 + lane % 4 * 2;
            const int chunk = column / Product::channels;
            if (chunk * Product::channels >= layer.channels) {
                continue;
            }
            // Channels that only fill a chunk up have weights of zero.
            const float2 to_add = column < layer.channels ? *reinterpret_cast<const float2*>(bias + column) : make_float2(0.0f, 0.0f);
            uint4* const target = held + chunk * chunk_units;
#pragma unroll
            for (int i = 0; i < 2 * Product::row_fragments; i++) {
                const int row = Product::warp_row() + i * 8 + lane / 4;
                const bool is_real = first_step + row >= 0 && first_step + row < real_steps;
                const float* const pair = sums[i / 2][j] + i % 2 * 2;
                const unsigned value = leaky_relu_bits(pack_halves(pair[0] + to_add.x, pair[1] + to_add.y), layer.slope, type);
                reinterpret_cast<unsigned*>(target + swizzled<units>(row, column % Product::channels / 8))[lane % 4] = is_real ? value : 0;
            }
        }
    }

    __device__ __forceinline__ static uint4* output_of(const ResidualLayer& layer, int i, int step, int channel) {
        return reinterpret_cast<uint4*>(layer.output + static_cast<size_t>(layer.branch(i)) * layer.output_stride + layer.element(step, channel));
    }

    // What the sums of eight channels of a step are added to.
    struct Others {
        uint4 residual;
        uint4 total;

        __device__ __forceinline__ void load(const ResidualLayer& layer, int i, const half* input, int step, int channel) {
            residual = __ldg(reinterpret_cast<const uint4*>(input + layer.element(step, channel)));
            if (!KeepsTotal && i > 0) {
                total = *output_of(layer, i, step, channel);
            }
        }
    };

    // Everything that follows the sums of eight channels of a step, as store_sums has it; `total` is what the branches before come to.
    __device__ __forceinline__ static void finish(
        const ResidualLayer& layer, int i, const float* bias, const Others& addends, int real_steps, int step, int channel, float (&sums)[8], uint4& total) {
        float others[8];
        load_vector(bias + channel, others);
        add(sums, others);
        unpack_halves(addends.residual, others);
        add(sums, others);
#pragma unroll
        for (int j = 0; j < 8; j++) {
            sums[j] = __fmul_rn(sums[j], layer.scale);
        }
        if (i > 0) {
            unpack_halves(KeepsTotal ? total : addends.total, others);
            add(sums, others);
        }
        total = make_uint4(pack_halves(sums[0], sums[1]), pack_halves(sums[2], sums[3]), pack_halves(sums[4], sums[5]), pack_halves(sums[6], sums[7]));
        if (!KeepsTotal || i + 1 == layer.count) {
            *output_of(layer, i, step, channel) = step < real_steps ? total : make_uint4(0, 0, 0, 0);
        }
    }

    __device__ __forceinline__ static void add(float (&sums)[8], const float (&others)[8]) {
#pragma unroll
        for (int j = 0; j < 8; j++) {
            sums[j] += others[j];
        }
    }

    // A tile past the real part of its row.
    __device__ static void clear(const ResidualLayer& layer) {
        half* const output = layer.output + static_cast<size_t>(layer.branch(0)) * layer.output_stride;
        uint4* const tile = reinterpret_cast<uint4*>(output + layer.element(layer.first_step(), 0));
        const int tile_units = min(layer.tile_steps, layer.steps - layer.first_step()) * (layer.channels / 8);
        for (int unit = threadIdx.x; unit < tile_units; unit += Product::threads) {
            tile[unit] = make_uint4(0, 0, 0, 0);
        }
    }
};

// A kernel of a product, __VA_ARGS__.
#define RESIDUAL_ENTRY(NAME, BLOCKS, KEEPS_TOTAL, ...)                                                                                                 \
    extern "C" __global__ void __launch_bounds__(__VA_ARGS__::threads, BLOCKS)                                                                         \
        NAME(const half* input, const int* lengths, const ResidualBranch* branches, half* output, int input_stride, int output_stride, int count,      \
            int steps_per_unit, int steps, int channels, int tile_steps, float slope, float scale) {                                                   \
        ResidualTile<__VA_ARGS__, KEEPS_TOTAL>::run(                                                                                                   \
            {input, lengths, branches, output, input_stride, output_stride, count, steps_per_unit, steps, channels, tile_steps, slope, scale});        \
    }                                                                                                                                                  \
    EXPORT_KERNEL(NAME)                                                                                                                                \
    EXPORT_CONSTANT(NAME##_rows, (__VA_ARGS__::rows))                                                                                                  \
    EXPORT_CONSTANT(NAME##_columns, (__VA_ARGS__::columns))                                                                                            \
    EXPORT_CONSTANT(NAME##_threads, (__VA_ARGS__::threads))                                                                                            \
    EXPORT_CONSTANT(NAME##_stages, (__VA_ARGS__::stages))                                                                                              \
    EXPORT_CONSTANT(NAME##_channels, (__VA_ARGS__::channels))
