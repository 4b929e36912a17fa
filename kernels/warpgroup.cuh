#pragma once

#include "common.cuh"

// Products of a warpgroup, four warps that begin at a multiple of four, on the tensor cores of compute capability 9.0 (sm_90a): PTX ISA, "Asynchronous Warpgroup
// Level Matrix Multiply-Accumulate Instructions". All 128 threads call the same function with the same descriptor.
//
// wgmma is asynchronous: its registers (sums, a) and its second matrix must be left alone until wgmma_wait. Its rules, all of which the emulated device checks:
// wgmma_fence between any access to its registers and it; fence_async_proxy, by whoever wrote the second matrix by cp_async_16, before the barrier that lets others
// multiply with it, because wgmma reads shared memory through another proxy.

// Where something in dynamic shared memory is in the window of shared memory, bytes.
__device__ __forceinline__ unsigned shared_address(const void* shared) {
#ifdef CUDATTS_EMULATED
    return emulation::shared_address(shared);
#else
    return static_cast<unsigned>(__cvta_generic_to_shared(shared));
#endif
}

// What wgmma is told of its second matrix [16, n], which lies in core matrices of eight columns, each column's eight halves of the depth side by side (16 bytes), 128
// bytes together ("K-major", no swizzling): bytes from a core matrix to the next along the depth, and to that of the next eight columns. All are multiples of 16.
__device__ __forceinline__ unsigned long long matrix_descriptor(const void* shared, unsigned depth_offset, unsigned column_offset) {
    return static_cast<unsigned long long>((shared_address(shared) & 0x3FFFFu) >> 4) | static_cast<unsigned long long>(depth_offset >> 4) << 16 |
           static_cast<unsigned long long>(column_offset >> 4) << 32;
}

__device__ __forceinline__ void fence_async_proxy() {
#ifdef CUDATTS_EMULATED
    emulation::fence_async_proxy();
#else
    asm volatile("fence.proxy.async.shared::cta;\n" ::: "memory");
#endif
}

#ifdef CUDATTS_EMULATED

__device__ __forceinline__ void wgmma_fence() { emulation::warpgroup_fence(emulation::Place::current()); }
__device__ __forceinline__ void wgmma_commit() { emulation::warpgroup_commit(emulation::Place::current()); }
template <int Groups> __device__ __forceinline__ void wgmma_wait() { emulation::warpgroup_wait(Groups, emulation::Place::current()); }
template <int Fragments> __device__ __forceinline__ void wgmma(float (&sums)[Fragments][4], const unsigned (&a)[4], unsigned long long b) {
    emulation::warpgroup_multiply(&sums[0][0], a, b, Fragments * 8, emulation::Place::current());
}

#else

__device__ __forceinline__ void wgmma_fence() { asm volatile("wgmma.fence.sync.aligned;\n" ::: "memory"); }
__device__ __forceinline__ void wgmma_commit() { asm volatile("wgmma.commit_group.sync.aligned;\n" ::: "memory"); }

// Waits until at most Groups of the last committed groups are still under way.
template <int Groups> __device__ __forceinline__ void wgmma_wait() { asm volatile("wgmma.wait_group.sync.aligned %0;\n" ::"n"(Groups) : "memory"); }

#define WGMMA_SUMS(J) "+f"(sums[J][0]), "+f"(sums[J][1]), "+f"(sums[J][2]), "+f"(sums[J][3])

// sums [64, n] += a [64, 16] b [16, n], halves in, floats summed. Warp w of the warpgroup has rows 16 w to 16 w + 15: a as mma_m16n8k16 has it, sums as n / 8 of its
// tiles beside each other. b: see matrix_descriptor.
__device__ __forceinline__ void wgmma(float (&sums)[8][4], const unsigned (&a)[4], unsigned long long b) {
    asm volatile("wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 "
                 "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
                 "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, "
                 "{%32, %33, %34, %35}, %36, 1, 1, 1, 0;\n"
                 : WGMMA_SUMS(0), WGMMA_SUMS(1), WGMMA_SUMS(2), WGMMA_SUMS(3), WGMMA_SUMS(4), WGMMA_SUMS(5), WGMMA_SUMS(6), WGMMA_SUMS(7)
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}

__device__ __forceinline__ void wgmma(float (&sums)[16][4], const unsigned (&a)[4], unsigned long long b) {
    asm volatile("wgmma.mma_async.sync.aligned.m64n128k16.f32.f16.f16 "
                 "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
                 "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
                 "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
                 "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "
                 "{%64, %65, %66, %67}, %68, 1, 1, 1, 0;\n"
                 : WGMMA_SUMS(0), WGMMA_SUMS(1), WGMMA_SUMS(2), WGMMA_SUMS(3), WGMMA_SUMS(4), WGMMA_SUMS(5), WGMMA_SUMS(6), WGMMA_SUMS(7),
                   WGMMA_SUMS(8), WGMMA_SUMS(9), WGMMA_SUMS(10), WGMMA_SUMS(11), WGMMA_SUMS(12), WGMMA_SUMS(13), WGMMA_SUMS(14), WGMMA_SUMS(15)
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}

#undef WGMMA_SUMS

#endif
