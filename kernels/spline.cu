#include "common.cuh"

// The inverse of a monotonic rational-quadratic spline with linear tails (arXiv:1906.04032).

constexpr int threads = 64;

// The least width of a bin, its least height and its least slope.
constexpr double least = 1e-3;

// Numbers that become the sizes of bins which fill [-bound, bound] by a softmax.
template <typename T> struct Sizes {
    const T* numbers;
    float factor;
    float largest;
    double smallest_size;
    double share;

    __device__ Sizes(const T* numbers, int bins, float factor, float bound) : numbers(numbers), factor(factor) {
        largest = to_float(numbers[0]);
        for (int i = 1; i < bins; i++) {
            largest = fmaxf(largest, to_float(numbers[i]));
        }
        double total = 0.0;
        for (int i = 0; i < bins; i++) {
            total += power(i);
        }
        smallest_size = 2.0 * bound * least;
        share = (2.0 * bound - bins * smallest_size) / total;
    }

    __device__ double power(int i) const { return exp((static_cast<double>(to_float(numbers[i])) - largest) * factor); }
    __device__ double size(int i) const { return smallest_size + share * power(i); }
};

// Both ends have a slope of 1, so that the tails go on as the identity.
template <typename T> __device__ double slope_at(const T* inner, int index, int count) {
    if (index < 0 || index >= count) {
        return 1.0;
    }
    const double number = to_float(inner[index]);
    return least + fmax(number, 0.0) + log1p(exp(-fabs(number)));
}

// The x whose y is given, a root of a quadratic equation (appendix A.3), whose discriminant is never negative but for rounding.
template <typename T> __device__ double undo(float y, const T* parameters, int bins, float bound, float factor) {
    const Sizes<T> widths(parameters, bins, factor, bound);
    const Sizes<T> heights(parameters + bins, bins, factor, bound);
    double left = -bound;
    double lower = -bound;
    double width = widths.size(0);
    double height = heights.size(0);
    int bin = 0;
    while (bin < bins - 1 && y >= lower + height) {
        left += width;
        lower += height;
        bin++;
        width = bin == bins - 1 ? bound - left : widths.size(bin);
        height = bin == bins - 1 ? bound - lower : heights.size(bin);
    }
    const double slope = height / width;
    const double before = slope_at(parameters + 2 * bins, bin - 1, bins - 1);
    const double above = y - lower;
    const double bend = before + slope_at(parameters + 2 * bins, bin, bins - 1) - 2.0 * slope;
    const double a = height * (slope - before) + above * bend;
    const double b = height * before - above * bend;
    const double c = -slope * above;
    return left + 2.0 * c / (-b - sqrt(fmax(b * b - 4.0 * a * c, 0.0))) * width;
}

// One channel of each step's two goes back through the step's spline, in place; what lies past a row's end stays.
//
//   parameters [B, T, 3 K - 1]: K widths, K heights and K - 1 inner slopes; variables [B, T, 2]; lengths [B] or null.
//   Grid (ceil(T / 64), B), block 64: a thread makes one step, in double precision, because durations come of it and it is a few hundred steps of each utterance.
template <typename T>
__device__ void undo_spline(const T* parameters, const int* lengths, T* variables, int steps_per_unit, int steps, int channel, int bins, float bound,
    float factor) {
    const size_t row = blockIdx.y;
    const int t = static_cast<int>(blockIdx.x) * threads + static_cast<int>(threadIdx.x);
    const int real_steps = lengths == nullptr ? steps : min(steps, lengths[row] * steps_per_unit);
    if (t >= real_steps) {
        return;
    }
    const size_t step = row * steps + t;
    const float y = to_float(variables[2 * step + channel]);
    if (fabsf(y) <= bound) {
        variables[2 * step + channel] = from_float<T>(static_cast<float>(undo(y, parameters + step * (3 * bins - 1), bins, bound, factor)));
    }
}

#define SPLINE_ENTRY(NAME, TYPE)                                                                                                                \
    extern "C" __global__ void __launch_bounds__(threads) NAME(const TYPE* parameters, const int* lengths, TYPE* variables, int steps_per_unit, \
        int steps, int channel, int bins, float bound, float factor) {                                                                          \
        undo_spline(parameters, lengths, variables, steps_per_unit, steps, channel, bins, bound, factor);                                       \
    }                                                                                                                                           \
    EXPORT_KERNEL(NAME)

SPLINE_ENTRY(undo_spline_f32, float)
SPLINE_ENTRY(undo_spline_f16, half)

EXPORT_CONSTANT(spline_threads, threads)
