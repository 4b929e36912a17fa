#include "mailbox.cuh"

// What the design of the other kernels rests on and no document says of a device: how long a value takes from block to block, and how fast tensor cores are
// when their operands come from shared memory. Each kernel repeats one thing; benchmarks/CudaTts.Benchmarks/Probe times the launch and divides.

// Waiting is bounded: a device on which it does not work is what this is to find out. Some seconds.
constexpr unsigned most_probe_polls = 1u << 23;

__device__ __forceinline__ Word word_of(unsigned value, unsigned tag) { return static_cast<Word>(tag) << 32 | value; }

// Pairs of words that a thread polls together: as many as the persistent decoder's for one row.
constexpr int pairs_a_thread = 2;

// Rounds in which the blocks fill a mailbox of so many words between them, and each block waits for all of it before the next: as in
// kernels/persistent_decoder.cu. mail: [2, words] zeros, at most 4 words a thread. sums: [blocks, threads], what each thread has received; 0xFFFFFFFF when it gave up.
extern "C" __global__ void probe_broadcast(Word* mail, unsigned* sums, int words, int rounds) {
    unsigned sum = 0, polls = 0;
    for (int round = 1; round <= rounds; round++) {
        Word* const mailbox = mail + round % 2 * words;
        // Column c is sent by block c % blocks, so that no block has more than one more than another.
        for (int i = threadIdx.x; i * static_cast<int>(gridDim.x) + static_cast<int>(blockIdx.x) < words; i += blockDim.x) {
            const int column = i * gridDim.x + blockIdx.x;
            store_relaxed(mailbox + column, word_of(column, round));
        }
        WordPair seen[pairs_a_thread];
        const auto column_of = [=](int i) { return 2 * static_cast<int>(threadIdx.x + i * blockDim.x); };
#pragma unroll
        for (int i = 0; i < pairs_a_thread; i++) {
            seen[i] = {word_of(0, round), word_of(0, round)};
        }
        for (bool has_all = false; !has_all && polls < most_probe_polls; polls++) {
            has_all = true;
#pragma unroll
            for (int i = 0; i < pairs_a_thread; i++) {
                if (column_of(i) < words) {
                    seen[i] = load_pair(mailbox + column_of(i));
                }
            }
#pragma unroll
            for (int i = 0; i < pairs_a_thread; i++) {
                // A later tag: a block that sends nothing may come late, when the mailbox has its next values already.
                has_all &= tag_of(seen[i].first) >= static_cast<unsigned>(round) && tag_of(seen[i].second) >= static_cast<unsigned>(round);
            }
            if (!has_all) {
                spin_poll();
            }
        }
#pragma unroll
        for (int i = 0; i < pairs_a_thread; i++) {
            sum += static_cast<unsigned>(seen[i].first) + static_cast<unsigned>(seen[i].second);
        }
        // The next round's values depend on all of this one's.
        __syncthreads();
    }
    sums[blockIdx.x * blockDim.x + threadIdx.x] = polls < most_probe_polls ? sum : 0xFFFFFFFFu;
}
EXPORT_KERNEL(probe_broadcast)

// counter: zero.
extern "C" __global__ void probe_grid_barrier(unsigned* counter, int rounds) {
    for (int round = 0; round < rounds; round++) {
        grid_barrier(counter);
    }
}
EXPORT_KERNEL(probe_grid_barrier)

// One thread reads a word of its device's memory, each time after the last has come. word: 0.
extern "C" __global__ void probe_read(const Word* word, Word* last, int rounds) {
    Word value = 0;
    for (int round = 0; round < rounds; round++) {
        value = load_relaxed(word + value);
    }
    *last = value;
}
EXPORT_KERNEL(probe_read)

// The same of the host's memory that is mapped. word: 0.
extern "C" __global__ void probe_read_mapped(const unsigned* word, unsigned* last, int rounds) {
    unsigned value = 0;
    for (int round = 0; round < rounds; round++) {
        value = load_relaxed_system(word + value);
    }
    *last = value;
}
EXPORT_KERNEL(probe_read_mapped)

// One thread writes 8 bytes to the host's memory. is_fenced: waits until the host can see them before it goes on; without, it is how fast they leave.
extern "C" __global__ void probe_write_mapped(Word* word, int rounds, int is_fenced) {
    for (int round = 1; round <= rounds; round++) {
        store_relaxed_system(word, word_of(round, round));
        if (is_fenced != 0) {
            __threadfence_system();
        }
    }
}
EXPORT_KERNEL(probe_write_mapped)

// One thread writes a number to the host's memory and waits for the host to answer with the same. rounds_done: how many came back.
extern "C" __global__ void probe_ask_host(Word* question, const unsigned* answer, int* rounds_done, int rounds) {
    int round = 0;
    for (unsigned polls = 0; round < rounds && polls < most_probe_polls / 8; round++) {
        store_relaxed_system(question, static_cast<Word>(round + 1));
        while (load_relaxed_system(answer) != static_cast<unsigned>(round + 1) && ++polls < most_probe_polls / 8) {
            spin_poll();
        }
    }
    *rounds_done = round;
}
EXPORT_KERNEL(probe_ask_host)

// Copies vectors of 16 bytes, four under way a thread.
extern "C" __global__ void probe_copy(const uint4* source, uint4* target, int vectors) {
    const int stride = static_cast<int>(gridDim.x * blockDim.x);
    for (int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x); i < vectors; i += 4 * stride) {
        uint4 taken[4] = {};
#pragma unroll
        for (int j = 0; j < 4; j++) {
            if (i + j * stride < vectors) {
                taken[j] = __ldg(source + i + j * stride);
            }
        }
#pragma unroll
        for (int j = 0; j < 4; j++) {
            if (i + j * stride < vectors) {
                target[i + j * stride] = taken[j];
            }
        }
    }
}
EXPORT_KERNEL(probe_copy)

// Warps of 64 x 32, as the convolutions have them: 16 products of 16 x 8 x 16 a round, out of a of [4][16 x 16] and b of [4][16 x 8], from shared memory.
constexpr int warp_rows = 4, warp_columns = 4;
constexpr int row_halves = 16 + 8;

enum class Rate { Both, Products, Loads };

// ldmatrix of a warp's operands, from rows that are 48 bytes apart, without bank conflicts. base: where in shared memory this round's begin.
__device__ __forceinline__ void load_operands(const half* base, unsigned (&a)[warp_rows][4], unsigned (&b)[warp_columns][2]) {
#pragma unroll
    for (int i = 0; i < warp_rows; i++) {
        ldmatrix_x4(a[i], base + (i * 16 + lane_index() % 16) * row_halves + lane_index() / 16 * 8);
    }
#pragma unroll
    for (int j = 0; j < warp_columns; j++) {
        ldmatrix_x2(b[j], base + (j * 8 + lane_index() % 8) * row_halves + lane_index() / 8 % 2 * 8);
    }
}

// results: [blocks, threads], sums that depend on all of it. Shared memory holds ones: every sum is 16 a round.
template <Rate Of> __device__ __forceinline__ void repeat_products(float* results, int rounds) {
    SHARED(half, tiles, 2 * 64 * row_halves);
    for (int i = threadIdx.x; i < 2 * 64 * row_halves; i += blockDim.x) {
        tiles[i] = from_float<half>(1.0f);
    }
    __syncthreads();
    float sums[warp_rows][warp_columns][4] = {};
    unsigned a[warp_rows][4], b[warp_columns][2];
    unsigned mixed = 0;
    load_operands(tiles, a, b);
#pragma unroll 1
    for (int round = 0; round < rounds; round++) {
        if (Of != Rate::Products) {
            load_operands(tiles + round % 2 * 64 * row_halves, a, b);
        }
        if (Of == Rate::Loads) {
#pragma unroll
            for (int i = 0; i < warp_rows; i++) {
                mixed ^= a[i][0] ^ a[i][1] ^ a[i][2] ^ a[i][3] ^ b[i][0] ^ b[i][1];
            }
        } else {
            mma_m16n8k16<warp_rows, warp_columns>(sums, a, b);
        }
    }
    float sum = static_cast<float>(mixed);
#pragma unroll
    for (int i = 0; i < warp_rows; i++) {
#pragma unroll
        for (int j = 0; j < warp_columns; j++) {
            sum += sums[i][j][0] + sums[i][j][1] + sums[i][j][2] + sums[i][j][3];
        }
    }
    results[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

extern "C" __global__ void __launch_bounds__(256) probe_products_from_shared(float* results, int rounds) { repeat_products<Rate::Both>(results, rounds); }
EXPORT_KERNEL(probe_products_from_shared)

extern "C" __global__ void __launch_bounds__(256) probe_products(float* results, int rounds) { repeat_products<Rate::Products>(results, rounds); }
EXPORT_KERNEL(probe_products)

extern "C" __global__ void __launch_bounds__(256) probe_loads_from_shared(float* results, int rounds) { repeat_products<Rate::Loads>(results, rounds); }
EXPORT_KERNEL(probe_loads_from_shared)
