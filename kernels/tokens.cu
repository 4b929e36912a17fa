#include "circle.cuh"

// What places tokens, and what repeats them as frames. All are bound by memory: grid (ceil(steps C / 256), B), block 256, a thread makes one number; what lies
// past a row's end becomes zero, but for vectors, which leave it as it is.

constexpr int threads = 256;

// A thread's number of a sequence [B, T, C].
struct Number {
    size_t row;
    size_t index;
    int step;
    int channel;
    bool exists;
    bool is_real;

    __device__ Number(const int* lengths, int steps_per_unit, int steps, int channels) {
        row = blockIdx.y;
        const size_t of_row = static_cast<size_t>(blockIdx.x) * threads + threadIdx.x;
        exists = of_row < static_cast<size_t>(steps) * channels;
        index = row * steps * channels + of_row;
        step = static_cast<int>(of_row / channels);
        channel = static_cast<int>(of_row % channels);
        is_real = exists && (lengths == nullptr || step < lengths[row] * steps_per_unit);
    }
};

// y[b, f, c] = x[b, places[b, f], c].   x [B, T, C], places [B, F], y [B, F, C]; lengths are those of y in units.
template <typename T>
__device__ void gather(const T* x, const int* places, const int* lengths, T* y, int steps_per_unit, int frames, int steps, int channels) {
    const Number number(lengths, steps_per_unit, frames, channels);
    if (number.exists) {
        const size_t from = number.is_real ? number.row * steps + places[number.row * frames + number.step] : 0;
        y[number.index] = number.is_real ? x[from * channels + number.channel] : from_float<T>(0.0f);
    }
}

// y[b, f, c] = mean + y[b, f, c] exp(logarithm), those of places[b, f].   distributions [B, T, 2 C]: means, then logarithms of deviations.
template <typename T>
__device__ void draw_frames(const T* distributions, const int* places, const int* lengths, T* y, int steps_per_unit, int frames, int steps, int channels) {
    const Number number(lengths, steps_per_unit, frames, channels);
    if (number.is_real) {
        const T* const token = distributions + (number.row * steps + places[number.row * frames + number.step]) * 2 * channels + number.channel;
        y[number.index] = from_float<T>(to_float(token[0]) + to_float(y[number.index]) * expf(to_float(token[channels])));
    } else if (number.exists) {
        y[number.index] = from_float<T>(0.0f);
    }
}

// y[b, t, c] = (x[b, t, c] + sin(t f_c), or cos(t f_(c - C / 2)) in the second half) * mask[b, t].   frequencies [C / 2] float32, mask [B, T] or null. The
// angle is a part of the circle in double precision: in float32 it would be known to 1e-4 after a thousand steps.
template <typename T>
__device__ void add_positions(const T* x, const float* frequencies, const T* mask, const int* lengths, T* y, int steps_per_unit, int steps, int channels) {
    const Number number(lengths, steps_per_unit, steps, channels);
    if (number.is_real) {
        const bool is_sine = number.channel < channels / 2;
        const double turns = number.step * (frequencies[number.channel - (is_sine ? 0 : channels / 2)] * 0.15915494309189535);
        const float factor = mask == nullptr ? 1.0f : to_float(mask[number.row * steps + number.step]);
        y[number.index] = from_float<T>((to_float(x[number.index]) + circle(static_cast<float>(turns - floor(turns)), is_sine)) * factor);
    } else if (number.exists) {
        y[number.index] = from_float<T>(0.0f);
    }
}

// y[b, t, c] += vectors[b, c].   vectors [B, C] float32.
template <typename T> __device__ void add_row_vectors(const float* vectors, const int* lengths, T* y, int steps_per_unit, int steps, int channels) {
    const Number number(lengths, steps_per_unit, steps, channels);
    if (number.is_real) {
        y[number.index] = from_float<T>(to_float(y[number.index]) + vectors[number.row * channels + number.channel]);
    }
}

#define TOKEN_ENTRIES(SUFFIX, TYPE)                                                                                                             \
    extern "C" __global__ void __launch_bounds__(threads) gather_##SUFFIX(const TYPE* x, const int* places, const int* lengths, TYPE* y,        \
        int steps_per_unit, int frames, int steps, int channels) {                                                                              \
        gather(x, places, lengths, y, steps_per_unit, frames, steps, channels);                                                                 \
    }                                                                                                                                           \
    EXPORT_KERNEL(gather_##SUFFIX)                                                                                                              \
    extern "C" __global__ void __launch_bounds__(threads) draw_frames_##SUFFIX(const TYPE* distributions, const int* places,                    \
        const int* lengths, TYPE* y, int steps_per_unit, int frames, int steps, int channels) {                                                 \
        draw_frames(distributions, places, lengths, y, steps_per_unit, frames, steps, channels);                                                \
    }                                                                                                                                           \
    EXPORT_KERNEL(draw_frames_##SUFFIX)                                                                                                         \
    extern "C" __global__ void __launch_bounds__(threads) add_positions_##SUFFIX(const TYPE* x, const float* frequencies, const TYPE* mask,     \
        const int* lengths, TYPE* y, int steps_per_unit, int steps, int channels) {                                                             \
        add_positions(x, frequencies, mask, lengths, y, steps_per_unit, steps, channels);                                                       \
    }                                                                                                                                           \
    EXPORT_KERNEL(add_positions_##SUFFIX)                                                                                                       \
    extern "C" __global__ void __launch_bounds__(threads) add_row_vectors_##SUFFIX(const float* vectors, const int* lengths, TYPE* y,           \
        int steps_per_unit, int steps, int channels) {                                                                                          \
        add_row_vectors(vectors, lengths, y, steps_per_unit, steps, channels);                                                                  \
    }                                                                                                                                           \
    EXPORT_KERNEL(add_row_vectors_##SUFFIX)

TOKEN_ENTRIES(f32, float)
TOKEN_ENTRIES(f16, half)

EXPORT_CONSTANT(tokens_threads, threads)
