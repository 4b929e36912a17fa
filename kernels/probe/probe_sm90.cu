#include "cluster.cuh"
#include "mailbox.cuh"

// The broadcast of probe.cu within a cluster: every block writes its words into the shared memory of all blocks, and waits for its own mailbox alone.

constexpr unsigned most_cluster_polls = 1u << 23;
constexpr int most_cluster_words = 1024;
constexpr int cluster_words_a_thread = 4;

// words: a multiple of the cluster's blocks, at most 4 a thread. sums: [blocks, threads], what each thread has received; 0xFFFFFFFF when it gave up.
extern "C" __global__ void probe_cluster_broadcast(unsigned* sums, int words, int rounds) {
    SHARED(Word, mailboxes, 2 * most_cluster_words);
    for (int i = threadIdx.x; i < 2 * most_cluster_words; i += blockDim.x) {
        mailboxes[i] = 0;
    }
    cluster_barrier();
    const int rank = static_cast<int>(cluster_rank()), blocks = static_cast<int>(cluster_blocks());
    unsigned sum = 0, polls = 0;
    for (int round = 1; round <= rounds; round++) {
        Word* const mailbox = mailboxes + round % 2 * most_cluster_words;
        const Word tag = static_cast<Word>(round) << 32;
        for (int i = threadIdx.x; i < words; i += blockDim.x) {
            const int column = i / blocks * blocks + rank;
            store_relaxed_cluster(map_words(mailbox + column, static_cast<unsigned>(i % blocks)), tag | static_cast<unsigned>(column));
        }
        Word seen[cluster_words_a_thread];
        const auto column_of = [=](int i) { return static_cast<int>(threadIdx.x + i * blockDim.x); };
#pragma unroll
        for (int i = 0; i < cluster_words_a_thread; i++) {
            seen[i] = column_of(i) < words ? 0 : tag;
        }
        for (bool is_missing = true; is_missing && polls < most_cluster_polls;) {
            is_missing = false;
#pragma unroll
            for (int i = 0; i < cluster_words_a_thread; i++) {
                if (seen[i] < tag) {
                    seen[i] = load_relaxed_cluster(mailbox + column_of(i));
                }
            }
#pragma unroll
            for (int i = 0; i < cluster_words_a_thread; i++) {
                is_missing |= seen[i] < tag;
            }
            if (is_missing) {
                spin_poll();
                polls++;
            }
        }
#pragma unroll
        for (int i = 0; i < cluster_words_a_thread; i++) {
            sum += static_cast<unsigned>(seen[i]);
        }
        // The next round's values depend on all of this one's.
        __syncthreads();
    }
    sums[blockIdx.x * blockDim.x + threadIdx.x] = polls < most_cluster_polls ? sum : 0xFFFFFFFFu;
    // Others may still write into this block's shared memory.
    cluster_barrier();
}
EXPORT_KERNEL(probe_cluster_broadcast)
