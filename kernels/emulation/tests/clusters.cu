#include "cluster.cuh"

// Kernels of blocks in clusters, most as they are meant (tests/CudaTts.Tests/Emulation/ClusterTests.cs).

// ranks [2, blocks]: of each block its rank and how many blocks its cluster has.
extern "C" __global__ void write_ranks(unsigned* ranks) {
    if (threadIdx.x == 0) {
        ranks[blockIdx.x] = cluster_rank();
        ranks[gridDim.x + blockIdx.x] = cluster_blocks();
    }
}
EXPORT_KERNEL(write_ranks)

// Every thread sends its index in the grid to its neighbour in the block that is next in the cluster, which waits for it.
// received [grid threads]. dynamic: whether the box is the one of the launch.
extern "C" __global__ void send_around(unsigned long long* received, int dynamic) {
    SHARED(unsigned long long, fixed, 64);
    DYNAMIC_SHARED(unsigned long long, given);
    unsigned long long* const box = dynamic != 0 ? given : fixed;
    const unsigned thread = blockIdx.x * blockDim.x + threadIdx.x;
    box[threadIdx.x] = 0;
    cluster_barrier();
    const ClusterWords next = map_words(box, (cluster_rank() + 1) % cluster_blocks()) + static_cast<int>(threadIdx.x);
    store_relaxed_cluster(next, thread + 1);
    unsigned long long word;
    while ((word = load_relaxed_cluster(box + threadIdx.x)) == 0) {
        spin_poll();
    }
    received[thread] = word - 1;
    cluster_barrier();
}
EXPORT_KERNEL(send_around)

// sums [blocks, threads]: of the numbers of all blocks of the cluster, round by round through a box of each block for each other. Two boxes by turns, so that
// one barrier a round is enough. Blocks of even rank come to the barrier late.
extern "C" __global__ void sum_over_cluster(unsigned long long* sums, int rounds) {
    SHARED(unsigned long long, boxes, 2 * 8 * 64);
    unsigned long long mine = blockIdx.x * blockDim.x + threadIdx.x;
    const int blocks = static_cast<int>(cluster_blocks());
    const int rank = static_cast<int>(cluster_rank());
    const int threads = static_cast<int>(blockDim.x);
    cluster_barrier();
    for (int round = 0; round < rounds; round++) {
        const int first = round % 2 * blocks * threads + static_cast<int>(threadIdx.x);
        for (int to = 0; to < blocks; to++) {
            store_relaxed_cluster(map_words(boxes, static_cast<unsigned>(to)) + (first + rank * threads), mine);
        }
        if (rank % 2 == 0) {
            __syncthreads();
        }
        cluster_barrier();
        mine = 0;
        for (int from = 0; from < blocks; from++) {
            mine += load_relaxed_cluster(boxes + first + from * threads);
        }
    }
    sums[blockIdx.x * blockDim.x + threadIdx.x] = mine;
}
EXPORT_KERNEL(sum_over_cluster)

// Clusters wait for each other too: through a counter in global memory between the barriers of the clusters. It is zero at first. seen [blocks].
extern "C" __global__ void sum_over_clusters(unsigned* counter, unsigned* seen) {
    cluster_barrier();
    if (threadIdx.x == 0 && cluster_rank() == 0) {
        add_release(counter, 1);
        flag_wait(counter, gridDim.x / cluster_blocks());
    }
    cluster_barrier();
    if (threadIdx.x == 0) {
        seen[blockIdx.x] = load_acquire(counter);
    }
}
EXPORT_KERNEL(sum_over_clusters)

// Wrong on purpose from here on.

// words [blocks]: what lies in the box of the block that is next and has written nothing.
extern "C" __global__ void read_fresh_box(unsigned long long* words) {
    SHARED(unsigned long long, box, 32);
    cluster_barrier();
    if (threadIdx.x == 0) {
        store_relaxed_cluster(map_words(box, (cluster_rank() + 1) % cluster_blocks()) + 1, 7);
    }
    cluster_barrier();
    if (threadIdx.x < 2) {
        words[blockIdx.x * 2 + threadIdx.x] = load_relaxed_cluster(box + threadIdx.x);
    }
}
EXPORT_KERNEL(read_fresh_box)

// rank, word: where block 0 writes to. is_early: before all have begun. is_late: when the others may have returned. offset: bytes.
extern "C" __global__ void write_to_block(int rank, int word, int is_early, int is_late, int offset) {
    SHARED(unsigned long long, box, 15);
    SHARED(unsigned long long, others, 2);
    box[0] = 0;
    others[0] = 0;
    if (is_early == 0) {
        cluster_barrier();
    }
    if (is_late != 0 && cluster_rank() == 0) {
        for (int i = 0; i < 8; i++) {
            spin_pause();
        }
    }
    if (cluster_rank() == 0 && threadIdx.x == 0) {
        unsigned char* const first = reinterpret_cast<unsigned char*>(box) + offset;
        store_relaxed_cluster(map_words(reinterpret_cast<unsigned long long*>(first), static_cast<unsigned>(rank)) + word, 7);
    }
    if (is_late == 0) {
        cluster_barrier();
    }
}
EXPORT_KERNEL(write_to_block)

extern "C" __global__ void map_global_words(unsigned long long* words) { store_relaxed_cluster(map_words(words, 0), 7); }
EXPORT_KERNEL(map_global_words)

extern "C" __global__ void load_global_words(unsigned long long* words) { words[0] = load_relaxed_cluster(words + 1); }
EXPORT_KERNEL(load_global_words)

// how: 0 a block returns before the barrier; 1 a thread of one does; 2 one waits at a barrier of its own; 3 threads of one are at __syncthreads; 4 one block
// comes to another cluster_barrier.
extern "C" __global__ void miss_cluster_barrier(int rank, int how) {
    const bool is_it = static_cast<int>(cluster_rank()) == rank;
    if (is_it && (how == 0 || (how == 1 && threadIdx.x == 5))) {
        return;
    }
    if (is_it && how == 2) {
        SHARED(unsigned, never, 1);
        never[0] = 0;
        flag_wait(never, 1);
    }
    if (is_it && how == 3 && threadIdx.x < 4) {
        __syncthreads();
    }
    if (is_it && how == 4) {
        cluster_barrier();
        return;
    }
    cluster_barrier();
}
EXPORT_KERNEL(miss_cluster_barrier)

// A word that nobody sends.
extern "C" __global__ void wait_for_word(unsigned long long* output) {
    SHARED(unsigned long long, box, 1);
    box[0] = 0;
    cluster_barrier();
    while (load_relaxed_cluster(box) == 0) {
        spin_poll();
    }
    output[0] = 1;
}
EXPORT_KERNEL(wait_for_word)
