#pragma once

#include "warpgroup.cuh"

// Convolution over time as a product of matrices whose rows are time steps ("implicit GEMM"): what the entries of conv1d.cu and conv1d_narrow.cu share.
//
//   sum[m, n] = bias[n] + sum over channels c and taps k of leaky(x[m + first_step + k * dilation, c]) * w[k, n, c]
//   y[m * N + n - trim * C'] = (accumulate ? itself : 0) + scale * (activation(sum[m, n]) + residual[same place])
//
//   x [B, T, C], y and residual [B, T', C'], time-major; N = C' * phases; leaky(x) = max(x, slope * x), 0 <= slope <= 1.
//
// An ordinary convolution has one phase. A transposed one of stride s has s: output step q * s + p - trim takes input steps q, q - 1, ... through taps
// p, p + s, ... of its kernel, so its s phases are s * C' columns of an ordinary convolution with ceil(K / s) taps, and row q of the product is s
// consecutive steps of y, which lie side by side in memory.
//
// A block computes a tile of the product. The channels come in chunks of 64 bytes a step (32 where there are few); of each chunk a window of the input, the
// tile's steps and those that the taps reach beyond them, is copied into shared memory once, activated there once, and read by all taps; the weights come
// tap by tap through a ring of stages. Both arrive by cp.async while earlier ones are multiplied.
// The order of summation is chunk, tap, channel, whatever the tile and wherever the row: a batch equals its single runs bit for bit.

constexpr int activation_relu = 1;
constexpr int activation_tanh = 2;

// The parameters of those entries by name.
template <typename In, typename Out> struct Convolution {
    const In* input;       // [B, input_steps, input_channels]
    const int* lengths;    // [B], real input steps / steps_per_unit of each row; null when all steps are real
    const In* weights;     // half: [taps, N, C rounded up to 8]; float: [taps, C, N rounded up to 4]; what rounding adds is zero
    const float* bias;     // [N rounded up to 8]
    const Out* residual;   // [B, output_steps, output_channels] or null; may be the output
    Out* output;           // [B, output_steps, output_channels]
    int steps_per_unit;
    int input_steps;
    int output_steps;
    int input_channels;
    int output_channels;
    int phases;
    int trim;              // output steps cut from the front
    int output_change;     // real output steps = real input steps * phases + output_change
    int taps;
    int dilation;
    int first_step;        // input step of tap 0 for row 0 of the product, not positive
    float input_slope;
    int activation;
    float scale;
    int accumulate;

    __device__ int columns() const { return output_channels * phases; }

    __device__ int real_input_steps() const { return lengths == nullptr ? input_steps : min(input_steps, lengths[blockIdx.z] * steps_per_unit); }

    // Elements of this batch row's output.
    __device__ int elements() const { return output_steps * output_channels; }

    // How many of them are real; those after are written as zero.
    __device__ int real_elements() const { return max(0, min(output_steps, real_input_steps() * phases + output_change)) * output_channels; }

    // Which of them row m, column n of the product is; outside the row when it is cut off.
    __device__ int element(int m, int n) const { return m * columns() + n - trim * output_channels; }

    __device__ size_t row_start() const { return static_cast<size_t>(blockIdx.z) * elements(); }
};

// The part of the input that a tile's taps read of one chunk of channels. Where taps lie further apart than the tile is long, the steps between are left out.
template <int Rows> struct InputWindow {
    int first_step;
    int dilation;
    int rows_per_tap;
    int rows;

    __device__ InputWindow(int first, int taps, int dilation_)
        : first_step(first), dilation(dilation_), rows_per_tap(min(dilation_, Rows)), rows(Rows + (taps - 1) * rows_per_tap) {}

    __device__ int step(int row) const { return first_step + (dilation <= Rows ? row : row / Rows * dilation + row % Rows); }
};

// Where 16-byte unit `unit` of row `row` lies in a tile whose rows have Units units, such that one unit of any 8 consecutive rows fills all banks: rows that
// share a 128-byte line differ by their place in it, lines by the exclusive or.
template <int Units> __device__ __forceinline__ int swizzled(int row, int unit) {
    constexpr int rows_per_line = 8 / Units;
    return row * Units + (unit ^ ((row / rows_per_line) & (Units - 1)));
}

__device__ __forceinline__ unsigned leaky_relu_bits(unsigned bits, float slope, const float*) {
    const float x = __uint_as_float(bits);
    return __float_as_uint(fmaxf(x, slope * x));
}

// Two halves. The slope is rounded to half as well: by at most 2^-12 of what a negative value keeps.
__device__ __forceinline__ unsigned leaky_relu_bits(unsigned bits, float slope, const half*) {
    const half2 x = *reinterpret_cast<const half2*>(&bits);
    const half2 y = __hmax2(x, __hmul2(x, __float2half2_rn(slope)));
    return *reinterpret_cast<const unsigned*>(&y);
}

// Copies a window, and later activates it: every thread activates what it has copied itself, so that one barrier serves both. A thread takes one unit of every
// row_step-th row; eight rows further on the swizzling is the same, so that its units are Threads apart.
template <typename T, int Rows, int Units, int Threads, bool IsVector> struct InputCopy {
    static constexpr int unit_elements = 16 / sizeof(T);
    static constexpr int row_step = Threads / Units;
    static_assert(row_step % 8 == 0);

    const T* input;
    InputWindow<Rows> window;
    int real_steps;
    int channels;

    __device__ int units() const { return window.rows * Units; }
    __device__ int rows_per_tap() const { return window.rows_per_tap; }
    __device__ static int first_row() { return threadIdx.x / Units; }
    __device__ static int first_unit() { return swizzled<Units>(first_row(), threadIdx.x % Units); }

    __device__ void copy(uint4* tile, int chunk) const {
        const int channel = (chunk * Units + static_cast<int>(threadIdx.x) % Units) * unit_elements;
        uint4* target = tile + first_unit();
        for (int row = first_row(); row < window.rows; row += row_step, target += Threads) {
            const int step = window.step(row);
            const bool is_real = step >= 0 && step < real_steps && channel < channels;
            const T* const source = input + (static_cast<long long>(step) * channels + channel);
            if (IsVector) {
                cp_async_16(target, source, is_real);
            } else {
                copy_elements(target, source, is_real ? min(unit_elements, channels - channel) : 0);
            }
        }
    }

    __device__ void activate(uint4* tile, float slope) const {
        uint4* unit = tile + first_unit();
        for (int row = first_row(); row < window.rows; row += row_step, unit += Threads) {
            const uint4 x = *unit;
            constexpr const T* type = nullptr;
            *unit = make_uint4(leaky_relu_bits(x.x, slope, type), leaky_relu_bits(x.y, slope, type), leaky_relu_bits(x.z, slope, type),
                leaky_relu_bits(x.w, slope, type));
        }
    }

    // For steps whose bytes are no multiple of 16: their vectors are not aligned.
    __device__ static void copy_elements(uint4* target, const T* source, int count) {
        T* const elements = reinterpret_cast<T*>(target);
        for (int i = 0; i < unit_elements; i++) {
            elements[i] = i < count ? source[i] : from_float<T>(0.0f);
        }
    }
};

// Walks over all chunks and taps. Shared memory: Tile::stages stages of weights, then the windows: as many as are in use or on their way at once, which is
// the one being read and those of the taps that the stages are ahead. The launcher computes the same size.
template <typename Tile, typename Input = typename Tile::Input> class Pipeline {
public:
    // The input's window for the block's tile of the product, whose first row and column are given, comes from global memory.
    __device__ Pipeline(const typename Tile::Conv& conv, int first_row, int first_column, uint4* shared)
        : Pipeline(conv, first_column,
              Input{conv.input + static_cast<size_t>(blockIdx.z) * conv.input_steps * conv.input_channels,
                  InputWindow<Tile::rows>(first_row + conv.first_step, conv.taps, conv.dilation), conv.real_input_steps(), conv.input_channels},
              shared, shared + Tile::stages * Tile::stage_units, 1 + (Tile::stages - 2 + conv.taps) / conv.taps) {}

    // Windows from anywhere, in places of their own.
    __device__ Pipeline(const typename Tile::Conv& conv, int first_column, const Input& input, uint4* weights, uint4* windows, int window_count)
        : conv_(conv), input_(input), copy_weights_(conv, first_column), weights_(weights), windows_(windows),
          chunks_((conv.input_channels + Tile::channels - 1) / Tile::channels), window_count_(window_count) {}

    // Begins what run multiplies, so that it arrives while something else is done.
    __device__ void start() {
        for (int i = 0; i < Tile::stages - 1; i++) {
            fetch();
        }
    }

    // After start. Calls multiply(window, its row for row 0 of the tile, stage, channels that remain from the chunk's first on).
    template <typename Multiply> __device__ void run(const Multiply& multiply) {
        int stage = 0;
        int window = 0;
        for (int chunk = 0; chunk < chunks_; chunk++) {
            uint4* const tile = windows_ + window * input_.units();
            for (int tap = 0; tap < conv_.taps; tap++) {
                cp_async_wait<Tile::stages - 2>();
                if (tap == 0 && conv_.input_slope != 1.0f) {
                    input_.activate(tile, conv_.input_slope);
                }
                if constexpr (Tile::is_asynchronous) {
                    fence_async_proxy();
                }
                __syncthreads();
                fetch();
                multiply(tile, tap * input_.rows_per_tap(), weights_ + stage * Tile::stage_units, conv_.input_channels - chunk * Tile::channels);
                stage = stage + 1 < Tile::stages ? stage + 1 : 0;
            }
            window = window + 1 < window_count_ ? window + 1 : 0;
        }
    }

private:
    // Starts copying the next tap's weights, and with a chunk's first tap its window. Every call is a group, so that groups count taps.
    __device__ void fetch() {
        if (next_chunk_ < chunks_) {
            if (next_tap_ == 0) {
                input_.copy(windows_ + next_window_ * input_.units(), next_chunk_);
                next_window_ = next_window_ + 1 < window_count_ ? next_window_ + 1 : 0;
            }
            copy_weights_.copy(weights_ + next_stage_ * Tile::stage_units, next_chunk_, next_tap_);
            next_stage_ = next_stage_ + 1 < Tile::stages ? next_stage_ + 1 : 0;
            next_tap_++;
            if (next_tap_ == conv_.taps) {
                next_tap_ = 0;
                next_chunk_++;
            }
        }
        cp_async_commit();
    }

    const typename Tile::Conv& conv_;
    const Input input_;
    const typename Tile::WeightsCopy copy_weights_;
    uint4* const weights_;
    uint4* const windows_;
    const int chunks_;
    const int window_count_;
    int next_chunk_ = 0;
    int next_tap_ = 0;
    int next_stage_ = 0;
    int next_window_ = 0;
};

// Whether a tile lies past the real part of its row; its outputs are then zero and need no arithmetic.
template <typename Tile, typename In, typename Out> __device__ bool clear_past_end(const Convolution<In, Out>& conv) {
    const int first_row = blockIdx.x * Tile::rows;
    const int first_column = blockIdx.y * Tile::columns;
    if (conv.element(first_row, first_column) < conv.real_elements()) {
        return false;
    }
    Out* const output = conv.output + conv.row_start();
    const int columns = min(Tile::columns, conv.columns() - first_column);
    for (int i = threadIdx.x; i < Tile::rows * Tile::columns; i += Tile::threads) {
        const int element = conv.element(first_row + i / Tile::columns, first_column + i % Tile::columns);
        if (i % Tile::columns < columns && element < conv.elements()) {
            output[element] = from_float<Out>(0.0f);
        }
    }
    return true;
}

// Count neighbouring elements of a row of outputs, of which [from, to) exist; with IsVector all do, and they are aligned. As they were loaded: what is made of
// them waits for them.
template <int Count, bool IsVector, typename T> struct Elements {
    static constexpr int words = IsVector ? Count * static_cast<int>(sizeof(T)) / 16 : 0;
    uint4 vectors[IsVector ? words : 1];
    T single[IsVector ? 1 : Count];

    __device__ __forceinline__ void load(const T* elements, int from, int to) {
        if constexpr (IsVector) {
#pragma unroll
            for (int i = 0; i < words; i++) {
                vectors[i] = reinterpret_cast<const uint4*>(elements)[i];
            }
        } else {
#pragma unroll
            for (int i = 0; i < Count; i++) {
                single[i] = i >= from && i < to ? elements[i] : from_float<T>(0.0f);
            }
        }
    }

    __device__ __forceinline__ void add_to(float (&values)[Count]) const {
        float others[Count];
        if constexpr (IsVector) {
            load_local_vector(reinterpret_cast<const T*>(vectors), others);
        } else {
#pragma unroll
            for (int i = 0; i < Count; i++) {
                others[i] = to_float(single[i]);
            }
        }
#pragma unroll
        for (int i = 0; i < Count; i++) {
            values[i] += others[i];
        }
    }
};

template <int Count, bool IsVector, typename T> __device__ __forceinline__ void store_elements(T* elements, int from, int to, const float (&values)[Count]) {
    if constexpr (IsVector) {
        store_vector(elements, values);
    } else {
#pragma unroll
        for (int i = 0; i < Count; i++) {
            if (i >= from && i < to) {
                elements[i] = from_float<T>(values[i]);
            }
        }
    }
}

__device__ __forceinline__ float activate(float x, int activation) {
    return activation == activation_relu ? fmaxf(x, 0.0f) : activation == activation_tanh ? tanhf(x) : x;
}

// What the sums of row m, columns n to n + Count - 1 of the product are added to. Tiles load it for several places before they store at one, because a load
// behind a store that may have been to the same place waits for what the store waited for.
template <int Count, bool IsVector, typename Out> struct Addends {
    Elements<Count, IsVector, Out> residual;
    Elements<Count, IsVector, Out> held;

    template <typename In> __device__ __forceinline__ void load(const Convolution<In, Out>& conv, int m, int n) {
        const int at = conv.element(m, n);
        const int from = max(0, -at);
        const int to = min(min(Count, conv.columns() - n), conv.elements() - at);
        if (from >= to) {
            return;
        }
        const size_t start = conv.row_start();
        if (conv.residual != nullptr) {
            residual.load(conv.residual + start + at, from, to);
        }
        if (conv.accumulate != 0) {
            held.load(conv.output + start + at, from, to);
        }
    }
};

// Everything that follows the sums of row m, columns n to n + Count - 1 of the product.
template <int Count, bool IsVector, typename In, typename Out>
__device__ __forceinline__ void store_sums(
    const Convolution<In, Out>& conv, int m, int n, int real_elements, const Addends<Count, IsVector, Out>& addends, float (&sums)[Count]) {
    const int at = conv.element(m, n);
    const int from = max(0, -at);
    const int to = min(min(Count, conv.columns() - n), conv.elements() - at);
    if (from >= to) {
        return;
    }
    float bias[Count];
    if constexpr (Count % 4 == 0) {
        load_vector(conv.bias + n, bias);
    } else {
#pragma unroll
        for (int i = 0; i < Count; i++) {
            bias[i] = __ldg(conv.bias + n + i);
        }
    }
#pragma unroll
    for (int i = 0; i < Count; i++) {
        sums[i] = activate(sums[i] + bias[i], conv.activation);
    }
    if (conv.residual != nullptr) {
        addends.residual.add_to(sums);
    }
    // Rounded before it is added to anything, which a fused multiplication would not do: the sum is then the same wherever it is formed.
#pragma unroll
    for (int i = 0; i < Count; i++) {
        sums[i] = __fmul_rn(sums[i], conv.scale);
    }
    if (conv.accumulate != 0) {
        addends.held.add_to(sums);
    }
#pragma unroll
    for (int i = 0; i < Count; i++) {
        sums[i] = at + i < real_elements ? sums[i] : 0.0f;
    }
    store_elements<Count, IsVector>(conv.output + conv.row_start() + at, from, to, sums);
}

// A kernel of a tile, __VA_ARGS__. Its block is the tile's `threads`. A template's arguments have commas, hence the brackets.
#define CONV1D_ENTRY(NAME, TYPE, OUT, ...)                                                                                                             \
    extern "C" __global__ void __launch_bounds__(__VA_ARGS__::threads)                                                                                 \
        NAME(const TYPE* input, const int* lengths, const TYPE* weights, const float* bias, const OUT* residual, OUT* output, int steps_per_unit,      \
            int input_steps, int output_steps, int input_channels, int output_channels, int phases, int trim, int output_change, int taps, int dilation,\
            int first_step, float input_slope, int activation, float scale, int accumulate) {                                                          \
        __VA_ARGS__::convolve({input, lengths, weights, bias, residual, output, steps_per_unit, input_steps, output_steps, input_channels,             \
            output_channels, phases, trim, output_change, taps, dilation, first_step, input_slope, activation, scale, accumulate});                    \
    }                                                                                                                                                  \
    EXPORT_KERNEL(NAME)                                                                                                                                \
    EXPORT_CONSTANT(NAME##_rows, (__VA_ARGS__::rows))                                                                                                  \
    EXPORT_CONSTANT(NAME##_columns, (__VA_ARGS__::columns))                                                                                            \
    EXPORT_CONSTANT(NAME##_threads, (__VA_ARGS__::threads))                                                                                            \
    EXPORT_CONSTANT(NAME##_stages, (__VA_ARGS__::stages))                                                                                              \
    EXPORT_CONSTANT(NAME##_chunk_bytes, (__VA_ARGS__::units * 16))
