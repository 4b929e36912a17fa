#pragma once

#include <cstdint>

// CUDA's vector types. A copy from or to memory checks the address as the hardware would: a vector that is not aligned to its size is an error
// (CUDA_ERROR_MISALIGNED_ADDRESS). For variables the compiler knows the alignment, and the check costs nothing.

namespace emulation {

[[noreturn]] __attribute__((cold)) void fail_misaligned(const volatile void* address, unsigned bytes);

template <unsigned Bytes> inline __attribute__((always_inline)) void check_alignment(const volatile void* address) {
    if (__builtin_expect(reinterpret_cast<std::uintptr_t>(address) % Bytes != 0, 0)) {
        fail_misaligned(address, Bytes);
    }
}

} // namespace emulation

#define EMULATION_VECTOR_2(NAME, ELEMENT)                                                                                       \
    struct alignas(2 * sizeof(ELEMENT)) NAME {                                                                                  \
        ELEMENT x, y;                                                                                                           \
        NAME() = default;                                                                                                       \
        inline __attribute__((always_inline)) constexpr NAME(ELEMENT first, ELEMENT second) : x(first), y(second) {}            \
        inline __attribute__((always_inline)) NAME(const NAME& other) {                                                         \
            emulation::check_alignment<2 * sizeof(ELEMENT)>(&other);                                                            \
            x = other.x, y = other.y;                                                                                           \
        }                                                                                                                       \
        inline __attribute__((always_inline)) NAME& operator=(const NAME& other) {                                              \
            emulation::check_alignment<2 * sizeof(ELEMENT)>(this);                                                              \
            emulation::check_alignment<2 * sizeof(ELEMENT)>(&other);                                                            \
            x = other.x, y = other.y;                                                                                           \
            return *this;                                                                                                       \
        }                                                                                                                       \
    };                                                                                                                          \
    inline __attribute__((always_inline)) NAME make_##NAME(ELEMENT x, ELEMENT y) { return NAME(x, y); }

#define EMULATION_VECTOR_4(NAME, ELEMENT)                                                                                       \
    struct alignas(4 * sizeof(ELEMENT)) NAME {                                                                                  \
        ELEMENT x, y, z, w;                                                                                                     \
        NAME() = default;                                                                                                       \
        inline __attribute__((always_inline)) constexpr NAME(ELEMENT first, ELEMENT second, ELEMENT third, ELEMENT fourth)      \
            : x(first), y(second), z(third), w(fourth) {}                                                                       \
        inline __attribute__((always_inline)) NAME(const NAME& other) {                                                         \
            emulation::check_alignment<4 * sizeof(ELEMENT)>(&other);                                                            \
            x = other.x, y = other.y, z = other.z, w = other.w;                                                                 \
        }                                                                                                                       \
        inline __attribute__((always_inline)) NAME& operator=(const NAME& other) {                                              \
            emulation::check_alignment<4 * sizeof(ELEMENT)>(this);                                                              \
            emulation::check_alignment<4 * sizeof(ELEMENT)>(&other);                                                            \
            x = other.x, y = other.y, z = other.z, w = other.w;                                                                 \
            return *this;                                                                                                       \
        }                                                                                                                       \
    };                                                                                                                          \
    inline __attribute__((always_inline)) NAME make_##NAME(ELEMENT x, ELEMENT y, ELEMENT z, ELEMENT w) { return NAME(x, y, z, w); }

EMULATION_VECTOR_2(float2, float)
EMULATION_VECTOR_2(int2, int)
EMULATION_VECTOR_2(uint2, unsigned)
EMULATION_VECTOR_2(double2, double)
EMULATION_VECTOR_2(ulonglong2, unsigned long long)
EMULATION_VECTOR_4(float4, float)
EMULATION_VECTOR_4(int4, int)
EMULATION_VECTOR_4(uint4, unsigned)
EMULATION_VECTOR_4(short4, short)
EMULATION_VECTOR_4(ushort4, unsigned short)
EMULATION_VECTOR_4(char4, signed char)
EMULATION_VECTOR_4(uchar4, unsigned char)

struct float3 {
    float x, y, z;
};
struct int3 {
    int x, y, z;
};
struct uint3 {
    unsigned x, y, z;
};
inline float3 make_float3(float x, float y, float z) { return {x, y, z}; }
inline int3 make_int3(int x, int y, int z) { return {x, y, z}; }
inline uint3 make_uint3(unsigned x, unsigned y, unsigned z) { return {x, y, z}; }

using dim3 = uint3;
