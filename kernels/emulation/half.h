#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "built_in_types.h"
#if defined(__F16C__)
#include <immintrin.h>
#endif

// CUDA's half and half2. Conversion rounds to nearest even; arithmetic is done in float and rounded once, which for +, -, *, / and sqrt is the
// correctly rounded result, because float carries more than twice the bits of half and two.

namespace emulation {

inline float half_bits_to_float_in_software(std::uint16_t bits) {
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
    const std::uint32_t exponent = (bits >> 10) & 31u;
    const std::uint32_t fraction = bits & 1023u;
    if (exponent == 31) {
        return std::bit_cast<float>(sign | 0x7F800000u | (fraction << 13) | (fraction != 0 ? 0x00400000u : 0u));
    }
    if (exponent == 0) {
        // Below the smallest normal half: a multiple of 2^-24, exact in float.
        const float value = static_cast<float>(fraction) * 0x1p-24f;
        return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | sign);
    }
    return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
}

inline std::uint16_t float_to_half_bits_in_software(float value) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    const std::uint16_t sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
    const std::uint32_t magnitude = bits & 0x7FFFFFFFu;
    if (magnitude > 0x7F800000u) {
        return sign | 0x7E00u | static_cast<std::uint16_t>((magnitude >> 13) & 0x3FFu);
    }
    if (magnitude >= 0x477FF000u) {
        return sign | 0x7C00u; // 65520 and more round to infinity.
    }
    if (magnitude < 0x38800000u) {
        // The last bit of a float in [0.5, 1) is 2^-24, the spacing of subnormal halves: the addition itself rounds to nearest even.
        const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
        return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3F000000u));
    }
    const std::uint32_t is_odd = (magnitude >> 13) & 1u;
    return static_cast<std::uint16_t>(sign | ((magnitude - 0x38000000u + 0xFFFu + is_odd) >> 13));
}

inline __attribute__((always_inline)) float half_bits_to_float(std::uint16_t bits) {
#if defined(__F16C__)
    return _cvtsh_ss(bits);
#elif defined(__ARM_FP16_FORMAT_IEEE)
    return static_cast<float>(std::bit_cast<__fp16>(bits));
#else
    return half_bits_to_float_in_software(bits);
#endif
}

inline __attribute__((always_inline)) std::uint16_t float_to_half_bits(float value) {
#if defined(__F16C__)
    return _cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT);
#elif defined(__ARM_FP16_FORMAT_IEEE)
    return std::bit_cast<std::uint16_t>(static_cast<__fp16>(value));
#else
    return float_to_half_bits_in_software(value);
#endif
}

// Eight halves at once: compilers do not make one conversion of eight.
inline __attribute__((always_inline)) void halves_to_floats(const std::uint32_t* words, float (&values)[8]) {
#if defined(__F16C__)
    _mm256_storeu_ps(values, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(words))));
#else
    for (int i = 0; i < 8; i++) {
        values[i] = half_bits_to_float(static_cast<std::uint16_t>(words[i / 2] >> (i % 2 * 16)));
    }
#endif
}
inline __attribute__((always_inline)) void halves_to_floats(const uint4& packed, float (&values)[8]) {
    const std::uint32_t words[4] = {packed.x, packed.y, packed.z, packed.w};
    halves_to_floats(words, values);
}

} // namespace emulation

struct __half {
    std::uint16_t bits;

    __half() = default;
    inline __attribute__((always_inline)) __half(float value) : bits(emulation::float_to_half_bits(value)) {}
    inline __attribute__((always_inline)) __half(double value) : __half(static_cast<float>(value)) {}
    inline __attribute__((always_inline)) __half(int value) : __half(static_cast<float>(value)) {}
    inline __attribute__((always_inline)) operator float() const { return emulation::half_bits_to_float(bits); }
};
using half = __half;

inline __attribute__((always_inline)) half __ushort_as_half(unsigned short bits) {
    half result;
    result.bits = bits;
    return result;
}
inline __attribute__((always_inline)) unsigned short __half_as_ushort(half value) { return value.bits; }
inline __attribute__((always_inline)) float __half2float(half value) { return static_cast<float>(value); }
inline __attribute__((always_inline)) half __float2half(float value) { return half(value); }
inline __attribute__((always_inline)) half __float2half_rn(float value) { return half(value); }

inline half operator+(half a, half b) { return half(static_cast<float>(a) + static_cast<float>(b)); }
inline half operator-(half a, half b) { return half(static_cast<float>(a) - static_cast<float>(b)); }
inline half operator*(half a, half b) { return half(static_cast<float>(a) * static_cast<float>(b)); }
inline half operator/(half a, half b) { return half(static_cast<float>(a) / static_cast<float>(b)); }
inline half operator-(half a) { return __ushort_as_half(a.bits ^ 0x8000u); }
inline half& operator+=(half& a, half b) { return a = a + b; }
inline half& operator-=(half& a, half b) { return a = a - b; }
inline half& operator*=(half& a, half b) { return a = a * b; }
inline bool operator==(half a, half b) { return static_cast<float>(a) == static_cast<float>(b); }
inline bool operator!=(half a, half b) { return static_cast<float>(a) != static_cast<float>(b); }
inline bool operator<(half a, half b) { return static_cast<float>(a) < static_cast<float>(b); }
inline bool operator>(half a, half b) { return static_cast<float>(a) > static_cast<float>(b); }
inline bool operator<=(half a, half b) { return static_cast<float>(a) <= static_cast<float>(b); }
inline bool operator>=(half a, half b) { return static_cast<float>(a) >= static_cast<float>(b); }
inline half __hadd(half a, half b) { return a + b; }
inline half __hsub(half a, half b) { return a - b; }
inline half __hmul(half a, half b) { return a * b; }
// The product is exact in float; the sum is rounded in double first so that rounding to half is the only one that matters.
inline half __hfma(half a, half b, half c) {
    return half(static_cast<float>(static_cast<double>(static_cast<float>(a) * static_cast<float>(b)) + static_cast<double>(static_cast<float>(c))));
}
inline half __hmax(half a, half b) { return half(fmaxf(a, b)); }
inline half __hmin(half a, half b) { return half(fminf(a, b)); }
inline half __habs(half a) { return __ushort_as_half(a.bits & 0x7FFFu); }
inline half __hneg(half a) { return -a; }
inline bool __hisnan(half a) { return (a.bits & 0x7FFFu) > 0x7C00u; }

struct alignas(4) __half2 {
    half x, y;

    __half2() = default;
    inline __attribute__((always_inline)) __half2(half first, half second) : x(first), y(second) {}
    inline __attribute__((always_inline)) __half2(const __half2& other) {
        emulation::check_alignment<4>(&other);
        x = other.x, y = other.y;
    }
    inline __attribute__((always_inline)) __half2& operator=(const __half2& other) {
        emulation::check_alignment<4>(this);
        emulation::check_alignment<4>(&other);
        x = other.x, y = other.y;
        return *this;
    }
};
using half2 = __half2;

inline half2 make_half2(half x, half y) { return {x, y}; }
inline half2 __halves2half2(half x, half y) { return {x, y}; }
inline half2 __half2half2(half x) { return {x, x}; }
inline half2 __float2half2_rn(float x) { return {half(x), half(x)}; }
inline half2 __floats2half2_rn(float x, float y) { return {half(x), half(y)}; }
inline half2 __float22half2_rn(float2 value) { return {half(value.x), half(value.y)}; }
inline float2 __half22float2(half2 value) { return {static_cast<float>(value.x), static_cast<float>(value.y)}; }
inline float __low2float(half2 value) { return value.x; }
inline float __high2float(half2 value) { return value.y; }
inline half __low2half(half2 value) { return value.x; }
inline half __high2half(half2 value) { return value.y; }
inline half2 __hadd2(half2 a, half2 b) { return {a.x + b.x, a.y + b.y}; }
inline half2 __hsub2(half2 a, half2 b) { return {a.x - b.x, a.y - b.y}; }
inline half2 __hmul2(half2 a, half2 b) { return {a.x * b.x, a.y * b.y}; }
inline half2 __hfma2(half2 a, half2 b, half2 c) { return {__hfma(a.x, b.x, c.x), __hfma(a.y, b.y, c.y)}; }
inline half2 __hmax2(half2 a, half2 b) { return {__hmax(a.x, b.x), __hmax(a.y, b.y)}; }
