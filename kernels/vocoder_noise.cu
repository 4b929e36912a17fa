#include "circle.cuh"

// What WaveGlow and Parallel WaveGAN need besides convolutions: the inverse of a flow's step, stretching, noise. All are bound by memory.

constexpr int threads = 256;

// y = x, but in the transformed half y = (x - shift) exp(-log scale); output = [early; inverse * y].
//
//   x [B, T, G], coupling [B, T, G]: shifts, then logarithms of scales; inverse [G, G] float32; early [B, T, E] or null; output [B, T, E + G].
//   Grid (ceil(T (E + G) / 256), B), block 256: a thread makes one number, from all channels of its step.
template <typename T>
__device__ void undo_flow_step(const T* x, const T* coupling, const int* lengths, const float* inverse, const T* early, T* output, int steps_per_unit,
    int steps, int channels, int early_channels, int transformed) {
    const size_t row = blockIdx.y;
    const size_t index = static_cast<size_t>(blockIdx.x) * threads + threadIdx.x;
    const int width = early_channels + channels;
    if (index >= static_cast<size_t>(steps) * width) {
        return;
    }
    const int t = static_cast<int>(index / width);
    const int out = static_cast<int>(index % width) - early_channels;
    const bool is_real = lengths == nullptr || t < lengths[row] * steps_per_unit;
    const size_t from = (row * steps + t) * channels;
    float sum = 0.0f;
    if (is_real && out < 0) {
        sum = to_float(early[(row * steps + t) * early_channels + out + early_channels]);
    }
    for (int channel = 0; is_real && out >= 0 && channel < channels; channel++) {
        const int half_index = channel - transformed;
        float y = to_float(x[from + channel]);
        if (half_index >= 0 && half_index < channels / 2) {
            y = (y - to_float(coupling[from + half_index])) * expf(-to_float(coupling[from + channels / 2 + half_index]));
        }
        sum += inverse[out * channels + channel] * y;
    }
    output[row * steps * width + index] = from_float<T>(sum);
}

// y[b, t, c] = sum over k of taps[k] * r[t + k - factor], where r repeats every step of x between its crops factor times and is zero beyond.
//
//   x [B, T + 2 crop, C], taps [2 factor + 1], y [B, T factor, C]; lengths are those of y in units.
//   Grid (ceil(T factor C / 256), B), block 256: a thread makes one number.
template <typename T>
__device__ void stretch(const T* x, const int* lengths, const float* taps, T* y, int steps_per_unit, int steps, int channels, int factor, int crop) {
    const size_t row = blockIdx.y;
    const size_t index = static_cast<size_t>(blockIdx.x) * threads + threadIdx.x;
    if (index >= static_cast<size_t>(steps) * channels) {
        return;
    }
    const int t = static_cast<int>(index / channels);
    const int channel = static_cast<int>(index % channels);
    const int real_steps = lengths == nullptr ? steps : min(steps, lengths[row] * steps_per_unit);
    const size_t input_steps = static_cast<size_t>(steps / factor) + 2 * crop;
    float sum = 0.0f;
    for (int k = 0; t < real_steps && k <= 2 * factor; k++) {
        const int from = t + k - factor;
        if (from >= 0 && from < real_steps) {
            sum += taps[k] * to_float(x[(row * input_steps + crop + from / factor) * channels + channel]);
        }
    }
    y[(row * steps + t) * channels + channel] = from_float<T>(sum);
}

// Which numbers fill a row (NoiseRow.cs).
struct NoiseRow {
    unsigned long long seed;
    unsigned utterance;
    int first_step;
    float scale;
};

// Normally distributed numbers by Box and Muller's transform of the uniform ones of the same places.
//
//   y [B, T, C]; rows [B].
//   Grid (ceil(T C / 256), B), block 256: a thread makes one number.
template <typename T>
__device__ void normal_noise(const NoiseRow* rows, const int* lengths, T* y, int steps_per_unit, int steps, int channels, unsigned use, unsigned sequence) {
    const size_t row = blockIdx.y;
    const size_t index = static_cast<size_t>(blockIdx.x) * threads + threadIdx.x;
    if (index >= static_cast<size_t>(steps) * channels) {
        return;
    }
    const int t = static_cast<int>(index / channels);
    const bool is_real = lengths == nullptr || t < lengths[row] * steps_per_unit;
    const unsigned number = static_cast<unsigned>(rows[row].first_step + t) * static_cast<unsigned>(channels) + static_cast<unsigned>(index % channels);
    const float4 four = philox_uniform4(rows[row].seed, use, rows[row].utterance, sequence, number / 4);
    const bool is_second_pair = number % 4 >= 2;
    const float radius = rows[row].scale * sqrtf(-2.0f * logf(1.0f - (is_second_pair ? four.z : four.x)));
    const float turns = is_second_pair ? four.w : four.y;
    y[row * steps * channels + index] = from_float<T>(is_real ? radius * circle(turns, number % 2 != 0) : 0.0f);
}

#define VOCODER_ENTRIES(SUFFIX, TYPE)                                                                                                          \
    extern "C" __global__ void __launch_bounds__(threads) undo_flow_step_##SUFFIX(const TYPE* x, const TYPE* coupling, const int* lengths,     \
        const float* inverse, const TYPE* early, TYPE* output, int steps_per_unit, int steps, int channels, int early_channels,                \
        int transformed) {                                                                                                                     \
        undo_flow_step(x, coupling, lengths, inverse, early, output, steps_per_unit, steps, channels, early_channels, transformed);            \
    }                                                                                                                                          \
    EXPORT_KERNEL(undo_flow_step_##SUFFIX)                                                                                                     \
    extern "C" __global__ void __launch_bounds__(threads) stretch_##SUFFIX(const TYPE* x, const int* lengths, const float* taps, TYPE* y,      \
        int steps_per_unit, int steps, int channels, int factor, int crop) {                                                                   \
        stretch(x, lengths, taps, y, steps_per_unit, steps, channels, factor, crop);                                                           \
    }                                                                                                                                          \
    EXPORT_KERNEL(stretch_##SUFFIX)                                                                                                            \
    extern "C" __global__ void __launch_bounds__(threads) normal_noise_##SUFFIX(const NoiseRow* rows, const int* lengths, TYPE* y,             \
        int steps_per_unit, int steps, int channels, unsigned use, unsigned sequence) {                                                        \
        normal_noise(rows, lengths, y, steps_per_unit, steps, channels, use, sequence);                                                        \
    }                                                                                                                                          \
    EXPORT_KERNEL(normal_noise_##SUFFIX)

VOCODER_ENTRIES(f32, float)
VOCODER_ENTRIES(f16, half)

EXPORT_CONSTANT(vocoder_noise_threads, threads)
