#pragma once

#include "common.cuh"

// Thread-block clusters (compute capability 9.0 and later: only files NAME_sm90.cu and NAME_sm90a.cu may include this): blocks of one launch that run beside each
// other and write into each other's shared memory. The launch says how many, along x. Instructions: PTX ISA, "mapa", "barrier.cluster", "Memory Consistency
// Model" and the special registers %cluster_ctarank and %cluster_nctarank.
// Another block's shared memory exists from the first cluster_barrier on, and until that block returns: before its end, too, every block needs a
// cluster_barrier (or to know by other means that nobody writes to it any more).

// Number of this block within its cluster, and how many blocks a cluster has.
__device__ __forceinline__ unsigned cluster_rank() {
#ifdef CUDATTS_EMULATED
    return emulation::cluster_rank();
#else
    unsigned rank;
    asm("mov.u32 %0, %%cluster_ctarank;\n" : "=r"(rank));
    return rank;
#endif
}

__device__ __forceinline__ unsigned cluster_blocks() {
#ifdef CUDATTS_EMULATED
    return emulation::cluster_blocks();
#else
    unsigned blocks;
    asm("mov.u32 %0, %%cluster_nctarank;\n" : "=r"(blocks));
    return blocks;
#endif
}

// Where words of 64 bits begin in the shared memory of a block of this cluster: an address of the window shared::cluster, which has 32 bits.
struct ClusterWords {
#ifdef CUDATTS_EMULATED
    emulation::ClusterAddress address;
#else
    unsigned address;
#endif

    __device__ __forceinline__ ClusterWords operator+(int words) const {
        return {address + words * static_cast<int>(sizeof(unsigned long long))};
    }
};

// The same words as shared, which is in this block's shared memory, in that of the block of a rank.
__device__ __forceinline__ ClusterWords map_words(unsigned long long* shared, unsigned rank) {
#ifdef CUDATTS_EMULATED
    return {emulation::map_shared(shared, rank)};
#else
    ClusterWords mapped;
    asm("mapa.shared::cluster.u32 %0, %1, %2;\n" : "=r"(mapped.address) : "r"(static_cast<unsigned>(__cvta_generic_to_shared(shared))), "r"(rank));
    return mapped;
#endif
}

// 64 bits at once, so that a value and its mark come together; what else was written is not ordered by it.
__device__ __forceinline__ void store_relaxed_cluster(ClusterWords word, unsigned long long value) {
#ifdef CUDATTS_EMULATED
    emulation::store_cluster(word.address, value);
#else
    asm volatile("st.relaxed.cluster.shared::cluster.u64 [%0], %1;\n" ::"r"(word.address), "l"(value) : "memory");
#endif
}

// Of this block's own shared memory, where another block of the cluster may have written it.
__device__ __forceinline__ unsigned long long load_relaxed_cluster(const unsigned long long* shared) {
#ifdef CUDATTS_EMULATED
    return emulation::load_cluster(shared);
#else
    unsigned long long value;
    asm volatile("ld.relaxed.cluster.shared::cta.u64 %0, [%1];\n" : "=l"(value) : "r"(static_cast<unsigned>(__cvta_generic_to_shared(shared))) : "memory");
    return value;
#endif
}

// All threads of all blocks of the cluster. What any of them wrote before it, all see after it. It takes the place of __syncthreads too.
__device__ __forceinline__ void cluster_barrier() {
#ifdef CUDATTS_EMULATED
    emulation::cluster_barrier(emulation::Place::current());
#else
    asm volatile("barrier.cluster.arrive.release.aligned;\nbarrier.cluster.wait.acquire.aligned;\n" ::: "memory");
#endif
}
