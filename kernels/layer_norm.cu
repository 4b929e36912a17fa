#include "common.cuh"

// Layer normalisation over the channels of a step, and what stands around it.

constexpr int threads = 128;
constexpr int steps_of_block = threads / warp_size;

// Channels of a lane whose loads are under way at a time.
constexpr int at_once = 4;

// This lane's channels c, c + 32, ... of a step; zeros where there is no such channel, or nothing to load. They are converted when all have been asked for:
// otherwise each load would wait, under a branch of its own, for the one before.
template <typename T> __device__ __forceinline__ void load_channels(const T* step, int c, int channels, float (&values)[at_once]) {
    T loaded[at_once];
#pragma unroll
    for (int i = 0; i < at_once; i++) {
        loaded[i] = from_float<T>(0.0f);
        if (step != nullptr && c + i * warp_size < channels) {
            loaded[i] = step[c + i * warp_size];
        }
    }
#pragma unroll
    for (int i = 0; i < at_once; i++) {
        values[i] = to_float(loaded[i]);
    }
}

// Of a sequence that may be missing.
template <typename T> __device__ __forceinline__ const T* offset(const T* sequence, size_t by) { return sequence == nullptr ? nullptr : sequence + by; }

__device__ __forceinline__ float gelu(float x) { return 0.5f * x * erfcf(-0.70710678f * x); }

// y = (activation((s - mean(s)) / sqrt(variance(s) + 1e-5) * scale + shift) + addend) * mask, s = x + residual; zero past a row's end.
//
//   x, residual or null, addend or null, y [B, T, C]: y may be any of them; mask [B, T] or null; scale, shift [C] float32; lengths [B] or null.
//   Grid (ceil(T / 4), B), block 128: a warp makes a step. A lane keeps its channels of s in shared memory, C floats a warp, which no other lane reads: so x is
//   read once. The variance is the mean of squared distances; what the distances themselves sum to is the rounding error of the mean. Bound by memory.
template <typename T>
__device__ void layer_norm(const T* x, const T* residual, const T* addend, const T* mask, const float* scale, const float* shift, const int* lengths, T* y,
    int steps_per_unit, int steps, int channels, int has_gelu) {
    DYNAMIC_SHARED(float, shared);
    const int lane = lane_index();
    const int t = static_cast<int>(blockIdx.x) * steps_of_block + warp_index();
    if (t >= steps) {
        return;
    }
    float* const sums = shared + warp_index() * channels;
    const size_t step = static_cast<size_t>(blockIdx.y) * steps + t;
    const size_t from = step * channels;
    if (lengths != nullptr && t >= lengths[blockIdx.y] * steps_per_unit) {
        for (int c = lane; c < channels; c += warp_size) {
            y[from + c] = from_float<T>(0.0f);
        }
        return;
    }
    float sum = 0.0f;
    for (int c = lane; c < channels; c += at_once * warp_size) {
        float values[at_once];
        float added[at_once];
        load_channels(x + from, c, channels, values);
        load_channels(offset(residual, from), c, channels, added);
#pragma unroll
        for (int i = 0; i < at_once; i++) {
            if (c + i * warp_size < channels) {
                sums[c + i * warp_size] = values[i] + added[i];
                sum += values[i] + added[i];
            }
        }
    }
    const float share = 1.0f / static_cast<float>(channels);
    const float mean = warp_sum(sum) * share;
    float squares = 0.0f;
    float rest = 0.0f;
    for (int c = lane; c < channels; c += warp_size) {
        const float distance = sums[c] - mean;
        squares += distance * distance;
        rest += distance;
    }
    rest = warp_sum(rest) * share;
    const float variance = fmaxf(warp_sum(squares) * share - rest * rest, 0.0f);
    const float inverse = 1.0f / sqrtf(variance + 1e-5f);
    const float factor = mask == nullptr ? 1.0f : to_float(mask[step]);
    for (int c = lane; c < channels; c += at_once * warp_size) {
        float scales[at_once];
        float shifts[at_once];
        float added[at_once];
        load_channels(scale, c, channels, scales);
        load_channels(shift, c, channels, shifts);
        load_channels(offset(addend, from), c, channels, added);
#pragma unroll
        for (int i = 0; i < at_once; i++) {
            if (c + i * warp_size < channels) {
                const float value = (sums[c + i * warp_size] - mean - rest) * inverse * scales[i] + shifts[i];
                y[from + c + i * warp_size] = from_float<T>(((has_gelu != 0 ? gelu(value) : value) + added[i]) * factor);
            }
        }
    }
}

#define LAYER_NORM_ENTRY(NAME, TYPE)                                                                                                            \
    extern "C" __global__ void __launch_bounds__(threads) NAME(const TYPE* x, const TYPE* residual, const TYPE* addend, const TYPE* mask,       \
        const float* scale, const float* shift, const int* lengths, TYPE* y, int steps_per_unit, int steps, int channels, int has_gelu) {       \
        layer_norm(x, residual, addend, mask, scale, shift, lengths, y, steps_per_unit, steps, channels, has_gelu);                             \
    }                                                                                                                                           \
    EXPORT_KERNEL(NAME)

LAYER_NORM_ENTRY(layer_norm_f32, float)
LAYER_NORM_ENTRY(layer_norm_f16, half)

EXPORT_CONSTANT(layer_norm_threads, threads)
EXPORT_CONSTANT(layer_norm_steps, steps_of_block)
