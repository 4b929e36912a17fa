#pragma once

// CUDA C++ for g++: compile a .cu with `-x c++ -include kernels/emulation/cuda_emulation.h`. README.md says how and what is checked.

#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "built_in_types.h"
#include "half.h"
#include "runtime.h"

#define CUDATTS_EMULATED 1

#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __grid_constant__
#define __align__(bytes) alignas(bytes)

#undef assert
#define assert(condition) ((condition) ? static_cast<void>(0) : emulation::fail(710, "assertion failed at %s:%d: %s", __FILE__, __LINE__, #condition))

// A reference to an array keeps sizeof and indexing as they are under nvcc.
#define SHARED(TYPE, NAME, COUNT)                                                                                                       \
    static constinit emulation::SharedSite NAME##_site{#NAME, sizeof(TYPE) * (COUNT)};                                                  \
    TYPE(&NAME)[COUNT] = *static_cast<TYPE(*)[COUNT]>(emulation::shared_array(NAME##_site))
#define DYNAMIC_SHARED(TYPE, NAME) TYPE* const NAME = static_cast<TYPE*>(emulation::dynamic_shared_memory())

#define EXPORT_KERNEL(NAME) [[maybe_unused]] static const bool NAME##_is_registered = emulation::register_kernel(#NAME, &NAME, __FILE__);
#define EXPORT_CONSTANT(NAME, VALUE) [[maybe_unused]] static const bool NAME##_is_exported = emulation::register_constant(#NAME, static_cast<int>(VALUE));

constexpr int warpSize = 32;

// Barriers

inline void __syncthreads(emulation::Place place = emulation::Place::current()) { emulation::block_barrier(emulation::Collective::Barrier, false, place); }
inline int __syncthreads_or(int predicate, emulation::Place place = emulation::Place::current()) {
    return emulation::block_barrier(emulation::Collective::BarrierOr, predicate != 0, place) != 0;
}
inline int __syncthreads_and(int predicate, emulation::Place place = emulation::Place::current()) {
    return emulation::block_barrier(emulation::Collective::BarrierAnd, predicate != 0, place) == blockDim.x * blockDim.y * blockDim.z;
}
inline int __syncthreads_count(int predicate, emulation::Place place = emulation::Place::current()) {
    return static_cast<int>(emulation::block_barrier(emulation::Collective::BarrierCount, predicate != 0, place));
}
inline void __syncwarp(unsigned mask = 0xFFFFFFFFu, emulation::Place place = emulation::Place::current()) { emulation::warp_barrier(mask, place); }

inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_system() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __nanosleep(unsigned, emulation::Place place = emulation::Place::current()) { emulation::yield(place); }

// Shuffles and votes

namespace emulation {

template <typename T> inline T shuffle_value(unsigned mask, T value, unsigned source_lane, Place place) {
    static_assert(sizeof(T) <= 8 && std::is_trivially_destructible_v<T>);
    std::uint64_t bits = 0;
    std::memcpy(&bits, static_cast<const void*>(&value), sizeof(T));
    bits = shuffle(mask, bits, source_lane, place);
    std::memcpy(static_cast<void*>(&value), &bits, sizeof(T));
    return value;
}

} // namespace emulation

template <typename T> inline T __shfl_sync(unsigned mask, T value, int source, int width = 32, emulation::Place place = emulation::Place::current()) {
    const unsigned lane = emulation::lane_index();
    return emulation::shuffle_value(mask, value, (lane & ~(width - 1u)) | (source & (width - 1u)), place);
}
template <typename T> inline T __shfl_xor_sync(unsigned mask, T value, int with, int width = 32, emulation::Place place = emulation::Place::current()) {
    const unsigned lane = emulation::lane_index();
    const unsigned source = lane ^ static_cast<unsigned>(with);
    return emulation::shuffle_value(mask, value, source < (lane & ~(width - 1u)) + width ? source : lane, place);
}
template <typename T> inline T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32, emulation::Place place = emulation::Place::current()) {
    const unsigned lane = emulation::lane_index();
    return emulation::shuffle_value(mask, value, (lane & (width - 1u)) >= by ? lane - by : lane, place);
}
template <typename T> inline T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32, emulation::Place place = emulation::Place::current()) {
    const unsigned lane = emulation::lane_index();
    return emulation::shuffle_value(mask, value, (lane & (width - 1u)) + by < static_cast<unsigned>(width) ? lane + by : lane, place);
}

inline unsigned __ballot_sync(unsigned mask, int predicate, emulation::Place place = emulation::Place::current()) {
    return emulation::ballot(mask, predicate != 0, place);
}
inline int __any_sync(unsigned mask, int predicate, emulation::Place place = emulation::Place::current()) {
    return emulation::ballot(mask, predicate != 0, place) != 0;
}
inline int __all_sync(unsigned mask, int predicate, emulation::Place place = emulation::Place::current()) {
    return emulation::ballot(mask, predicate != 0, place) == mask;
}
template <typename T> inline unsigned __match_any_sync(unsigned mask, T value, emulation::Place place = emulation::Place::current()) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(T));
    return emulation::match_any(mask, bits, place);
}
// A fibre runs alone, so this is the one lane; code must not rely on more on hardware either.
inline unsigned __activemask() { return 1u << emulation::lane_index(); }

// Atomics

template <typename T> inline T atomicAdd(T* address, std::type_identity_t<T> value) {
    if constexpr (std::is_floating_point_v<T>) {
        T old = __atomic_load_n(reinterpret_cast<std::conditional_t<sizeof(T) == 4, unsigned, unsigned long long>*>(address), __ATOMIC_RELAXED), next;
        using Bits = std::conditional_t<sizeof(T) == 4, unsigned, unsigned long long>;
        Bits bits = __atomic_load_n(reinterpret_cast<Bits*>(address), __ATOMIC_RELAXED);
        do {
            old = std::bit_cast<T>(bits);
            next = old + value;
        } while (!__atomic_compare_exchange_n(reinterpret_cast<Bits*>(address), &bits, std::bit_cast<Bits>(next), false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
        return old;
    } else {
        return __atomic_fetch_add(address, value, __ATOMIC_RELAXED);
    }
}
template <typename T> inline T atomicSub(T* address, std::type_identity_t<T> value) { return __atomic_fetch_sub(address, value, __ATOMIC_RELAXED); }
template <typename T> inline T atomicAnd(T* address, std::type_identity_t<T> value) { return __atomic_fetch_and(address, value, __ATOMIC_RELAXED); }
template <typename T> inline T atomicOr(T* address, std::type_identity_t<T> value) { return __atomic_fetch_or(address, value, __ATOMIC_RELAXED); }
template <typename T> inline T atomicXor(T* address, std::type_identity_t<T> value) { return __atomic_fetch_xor(address, value, __ATOMIC_RELAXED); }
template <typename T> inline T atomicExch(T* address, std::type_identity_t<T> value) {
    T old;
    __atomic_exchange(address, &value, &old, __ATOMIC_RELAXED);
    return old;
}
template <typename T> inline T atomicCAS(T* address, std::type_identity_t<T> compare, std::type_identity_t<T> value) {
    static_assert(std::is_integral_v<T>);
    __atomic_compare_exchange_n(address, &compare, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    return compare;
}
template <typename T> inline T atomicMax(T* address, std::type_identity_t<T> value) {
    static_assert(std::is_integral_v<T>);
    T old = __atomic_load_n(address, __ATOMIC_RELAXED);
    while (old < value && !__atomic_compare_exchange_n(address, &old, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    return old;
}
template <typename T> inline T atomicMin(T* address, std::type_identity_t<T> value) {
    static_assert(std::is_integral_v<T>);
    T old = __atomic_load_n(address, __ATOMIC_RELAXED);
    while (value < old && !__atomic_compare_exchange_n(address, &old, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    return old;
}

// Cached loads and stores

template <typename T> inline T __ldg(const T* address) { return *address; }
template <typename T> inline T __ldcg(const T* address) { return *address; }
template <typename T> inline T __ldca(const T* address) { return *address; }
template <typename T> inline T __ldcs(const T* address) { return *address; }
template <typename T> inline void __stcg(T* address, std::type_identity_t<T> value) { *address = value; }
template <typename T> inline void __stcs(T* address, std::type_identity_t<T> value) { *address = value; }

// Arithmetic

inline int min(int a, int b) { return b < a ? b : a; }
inline int max(int a, int b) { return a < b ? b : a; }
inline unsigned min(unsigned a, unsigned b) { return b < a ? b : a; }
inline unsigned max(unsigned a, unsigned b) { return a < b ? b : a; }
inline unsigned min(int a, unsigned b) { return min(static_cast<unsigned>(a), b); }
inline unsigned max(int a, unsigned b) { return max(static_cast<unsigned>(a), b); }
inline unsigned min(unsigned a, int b) { return min(a, static_cast<unsigned>(b)); }
inline unsigned max(unsigned a, int b) { return max(a, static_cast<unsigned>(b)); }
inline long long min(long long a, long long b) { return b < a ? b : a; }
inline long long max(long long a, long long b) { return a < b ? b : a; }
inline unsigned long long min(unsigned long long a, unsigned long long b) { return b < a ? b : a; }
inline unsigned long long max(unsigned long long a, unsigned long long b) { return a < b ? b : a; }
inline float min(float a, float b) { return fminf(a, b); }
inline float max(float a, float b) { return fmaxf(a, b); }
inline double min(double a, double b) { return fmin(a, b); }
inline double max(double a, double b) { return fmax(a, b); }

inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline float __expf(float x) { return expf(x); }
inline float __exp10f(float x) { return exp10f(x); }
inline float __logf(float x) { return logf(x); }
inline float __log2f(float x) { return log2f(x); }
inline float __log10f(float x) { return log10f(x); }
inline float __powf(float x, float y) { return powf(x, y); }
inline float __sinf(float x) { return sinf(x); }
inline float __cosf(float x) { return cosf(x); }
inline float __tanf(float x) { return tanf(x); }
inline float __fdividef(float x, float y) { return x / y; }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline float __fsqrt_rn(float x) { return sqrtf(x); }
inline float __frsqrt_rn(float x) { return rsqrtf(x); }
inline float __fdiv_rn(float x, float y) { return x / y; }
inline float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
inline float __saturatef(float x) { return fminf(fmaxf(x, 0.0f), 1.0f); }
// These two are never fused with what follows.
inline float __fmul_rn(float x, float y) {
    const volatile float product = x * y;
    return product;
}
inline float __fadd_rn(float x, float y) {
    const volatile float sum = x + y;
    return sum;
}

inline int __float_as_int(float x) { return std::bit_cast<int>(x); }
inline unsigned __float_as_uint(float x) { return std::bit_cast<unsigned>(x); }
inline float __int_as_float(int x) { return std::bit_cast<float>(x); }
inline float __uint_as_float(unsigned x) { return std::bit_cast<float>(x); }
inline int __float2int_rn(float x) { return static_cast<int>(lrintf(x)); }
inline int __float2int_rz(float x) { return static_cast<int>(x); }
inline int __float2int_rd(float x) { return static_cast<int>(floorf(x)); }
inline int __float2int_ru(float x) { return static_cast<int>(ceilf(x)); }
inline float __int2float_rn(int x) { return static_cast<float>(x); }
inline float __uint2float_rn(unsigned x) { return static_cast<float>(x); }

inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __clz(int x) { return std::countl_zero(static_cast<unsigned>(x)); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>((static_cast<unsigned long long>(a) * b) >> 32); }
inline int __mulhi(int a, int b) { return static_cast<int>((static_cast<long long>(a) * b) >> 32); }

[[noreturn]] inline void __trap() { emulation::fail(719, "__trap() was reached"); }
