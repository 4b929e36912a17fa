#include "common.cuh"

constexpr int threads = 256;

// y[b, t, c] = bias[c] + sum over k of taps[c, k] * x[b, t + (k - (K - 1) / 2) * dilation, c], zero past a row's end.
//
//   x, y [B, T, C]; taps [C, K], bias [C] float32; lengths [B] or null.
//   Grid (ceil(T C / 256), B), block 256: a thread makes one number. Bound by memory.
template <typename T>
__device__ void depthwise(const T* x, const float* taps, const float* bias, const int* lengths, T* y, int steps_per_unit, int steps, int channels,
    int tap_count, int dilation) {
    const size_t row = blockIdx.y;
    const size_t index = static_cast<size_t>(blockIdx.x) * threads + threadIdx.x;
    if (index >= static_cast<size_t>(steps) * channels) {
        return;
    }
    const int t = static_cast<int>(index / channels);
    const int channel = static_cast<int>(index % channels);
    const int real_steps = lengths == nullptr ? steps : min(steps, lengths[row] * steps_per_unit);
    float sum = t < real_steps ? bias[channel] : 0.0f;
    for (int k = 0; t < real_steps && k < tap_count; k++) {
        const int from = t + (k - (tap_count - 1) / 2) * dilation;
        if (from >= 0 && from < real_steps) {
            sum += taps[channel * tap_count + k] * to_float(x[(row * steps + from) * channels + channel]);
        }
    }
    y[row * steps * channels + index] = from_float<T>(sum);
}

#define DEPTHWISE_ENTRY(NAME, TYPE)                                                                                                             \
    extern "C" __global__ void __launch_bounds__(threads) NAME(const TYPE* x, const float* taps, const float* bias, const int* lengths,         \
        TYPE* y, int steps_per_unit, int steps, int channels, int tap_count, int dilation) {                                                    \
        depthwise(x, taps, bias, lengths, y, steps_per_unit, steps, channels, tap_count, dilation);                                             \
    }                                                                                                                                           \
    EXPORT_KERNEL(NAME)

DEPTHWISE_ENTRY(depthwise_f32, float)
DEPTHWISE_ENTRY(depthwise_f16, half)

EXPORT_CONSTANT(depthwise_threads, threads)
