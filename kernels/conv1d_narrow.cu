#include "convolution.cuh"

// Convolution to few channels, as the last layer of a vocoder to one: a product of matrices would be nearly all padding, so a thread adds up one step.
//
// Formula, arguments and layouts are those of convolution.cuh; the order of summation is chunk of 32 channels, tap, channel.
//
//   Grid (ceil(rows of the product / 256), N, B), block 256.
//   Dynamic shared memory: (256 + (taps - 1) * min(dilation, 256)) rows of 33 floats, so that the threads' rows fall on different banks.
//   Bound by shared memory: one float of it for each multiplication.

constexpr int narrow_steps = 256;
constexpr int narrow_channels = 32;
constexpr int narrow_pitch = narrow_channels + 1;

// Copies the window of one chunk of channels, activated, in order that neighbouring threads read neighbouring channels.
template <typename T> __device__ void copy_narrow_window(const Convolution<T, T>& conv, const InputWindow<narrow_steps>& window, int first_channel, float* tile) {
    const T* const input = conv.input + static_cast<size_t>(blockIdx.z) * conv.input_steps * conv.input_channels;
    const int real_steps = conv.real_input_steps();
    for (int i = threadIdx.x; i < window.rows * narrow_channels; i += narrow_steps) {
        const int step = window.step(i / narrow_channels);
        const int channel = first_channel + i % narrow_channels;
        const bool is_real = step >= 0 && step < real_steps && channel < conv.input_channels;
        const float x = is_real ? to_float(input[static_cast<size_t>(step) * conv.input_channels + channel]) : 0.0f;
        tile[i / narrow_channels * narrow_pitch + i % narrow_channels] = fmaxf(x, conv.input_slope * x);
    }
}

// w[tap * tap_stride + channel * channel_stride] is the weight of this block's column of the product.
template <typename T> __device__ void convolve_narrow(const Convolution<T, T>& conv, const T* weights, int tap_stride, int channel_stride) {
    DYNAMIC_SHARED(float, tile);
    const int first_step = static_cast<int>(blockIdx.x) * narrow_steps + conv.first_step;
    const InputWindow<narrow_steps> window(first_step, conv.taps, conv.dilation);
    float sum[1] = {};
    for (int first = 0; first < conv.input_channels; first += narrow_channels) {
        __syncthreads();
        copy_narrow_window(conv, window, first, tile);
        __syncthreads();
        const int channels = min(narrow_channels, conv.input_channels - first);
        for (int tap = 0; tap < conv.taps; tap++) {
            const float* const x = tile + (static_cast<int>(threadIdx.x) + tap * window.rows_per_tap) * narrow_pitch;
            const T* const w = weights + static_cast<size_t>(tap) * tap_stride + static_cast<size_t>(first) * channel_stride;
#pragma unroll 4
            for (int c = 0; c < channels; c++) {
                sum[0] += x[c] * to_float(w[c * channel_stride]);
            }
        }
    }
    const int row = static_cast<int>(blockIdx.x * narrow_steps + threadIdx.x);
    Addends<1, false, T> others = {};
    others.load(conv, row, blockIdx.y);
    store_sums<1, false>(conv, row, blockIdx.y, conv.real_elements(), others, sum);
}

#define NARROW_ENTRY(NAME, TYPE, OFFSET, TAP_STRIDE, CHANNEL_STRIDE)                                                                                   \
    extern "C" __global__ void __launch_bounds__(narrow_steps, 4)                                                                                      \
        NAME(const TYPE* input, const int* lengths, const TYPE* weights, const float* bias, const TYPE* residual, TYPE* output, int steps_per_unit,    \
            int input_steps, int output_steps, int input_channels, int output_channels, int phases, int trim, int output_change, int taps, int dilation,\
            int first_step, float input_slope, int activation, float scale, int accumulate) {                                                          \
        const int columns = output_channels * phases;                                                                                                  \
        const Convolution<TYPE, TYPE> conv{input, lengths, weights, bias, residual, output, steps_per_unit, input_steps, output_steps, input_channels, \
            output_channels, phases, trim, output_change, taps, dilation, first_step, input_slope, activation, scale, accumulate};                     \
        convolve_narrow<TYPE>(conv, weights + blockIdx.y * (OFFSET), TAP_STRIDE, CHANNEL_STRIDE);                                                      \
    }                                                                                                                                                  \
    EXPORT_KERNEL(NAME)

NARROW_ENTRY(conv1d_narrow_f32, float, 1, input_channels * ((columns + 3) / 4 * 4), (columns + 3) / 4 * 4)
NARROW_ENTRY(conv1d_narrow_f16, half, (input_channels + 7) / 8 * 8, columns * ((input_channels + 7) / 8 * 8), 1)

EXPORT_CONSTANT(conv1d_narrow_rows, narrow_steps)
EXPORT_CONSTANT(conv1d_narrow_row_bytes, narrow_pitch * sizeof(float))
