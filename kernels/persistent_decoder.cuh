#pragma once

#include "cluster.cuh"
#include "mailbox.cuh"
#include "persistent_products.cuh"

// The persistent decoder's memory: what a launch is given, what of it a block keeps on the chip, and how vectors come from other blocks. persistent_step.cuh
// has the step.

struct Sizes {
    int attention_units;
    int decoder_units;
    int prenet;
    int step_width;
    int attention;
    int taps;
    int token_stride;
    int projected_stride;
    int mailbox_width;
    // What of it lies in shared memory: chunks of the decoder LSTM behind those in registers, the projected memory of all rows or of none.
    int shared_chunks;
    int shared_projected_rows;

    // Rows of projection, gate and first prenet layer.
    __device__ __forceinline__ int small() const { return step_width + 1 + prenet; }
    __device__ __forceinline__ int projected_rows() const { return 4 * attention_units + 4 * decoder_units + (small() + 3) / 4 * 4; }
    __device__ __forceinline__ int location_groups() const { return (taps + location_taps - 1) / location_taps; }
    // Zeros before every row's alignment and behind the last one's, so that no tap of the location filter is outside.
    __device__ __forceinline__ int gap() const { return (max(taps / 2, location_groups() * location_taps - taps / 2) + 3) / 4 * 4; }
    __device__ __forceinline__ int signal_stride() const { return projected_stride + gap(); }
    __device__ __forceinline__ int token_tiles() const { return (token_stride + tile_tokens - 1) / tile_tokens; }
};

// [B, units padded to 8], [B, token_stride]: read at the start and written at the end.
struct State {
    float* hidden1;
    float* cell1;
    float* hidden2;
    float* cell2;
    float* previous;
    float* cumulative;
};

// In whole chunks, see PersistentDecoderWeights.cs: lstm1 over [prenet, h1], lstm2 over [h1, h2], small over h2: projection, gate, first prenet layer.
// location [high and low halves, tiles of 16 components, 2 * groups of taps, 32 lanes].
struct Weights {
    const uint4* lstm1;
    const uint4* lstm2;
    const uint4* small;
    const uint4* prenet2;
    const uint4* query;
    const uint4* location;
    const float* bias1;
    const float* bias2;
    const float* small_bias;
    const float* v;
};

// Of each row of the batch; keys [B, token_stride, attention], projected_memory [B, projected_rows, projected_stride].
struct Request {
    const float* keys;
    const unsigned* projected_memory;
    const int* slots;
    const int* tokens;
    int* end;
    const float* gate_logits;
    const unsigned long long* keep_masks;
    const int* keep_steps;
    const unsigned long long* seeds;
    const unsigned* utterances;
};

// Up to `steps` steps from `start` on, of the rows in the first `active` slots. mail [2 parities, mailboxes, Rows, mailbox_width]; in the host's memory records
// [slots, record_steps, step_width + 1 + token_stride]: frames, gate logit, alignment, and the word that ends the launch when it is not 0.
struct Launch {
    Word* mail;
    Word* records;
    const unsigned* cancel;
    PollLimit poll_limit;
    int active;
    int start;
    int steps;
    int record_steps;
    unsigned first_tag;
};

__device__ __forceinline__ int padded(int width) { return (width + 7) / 8 * 8; }
__device__ __forceinline__ int warps_here() { return static_cast<int>(blockDim.x) / warp_size; }
// Of rows that are dealt out to blocks one by one.
__device__ __forceinline__ int rows_here(int rows) { return (rows + static_cast<int>(gridDim.x) - 1) / static_cast<int>(gridDim.x); }

template <typename T> __device__ __forceinline__ void copy_to_shared(T* target, const T* source, int count) {
    for (int i = threadIdx.x; i < count; i += blockDim.x) {
        target[i] = __ldg(source + i);
    }
}

template <int Count> __device__ __forceinline__ void clear(float (&values)[Count]) {
#pragma unroll
    for (int i = 0; i < Count; i++) {
        values[i] = 0.0f;
    }
}

// Words of a mailbox in global memory, which blocks all over the device write, or in this block's shared memory, which those of its cluster write.
struct GlobalMailbox {
    const Word* words;
    int stride;
    __device__ __forceinline__ WordPair load(int row, int column) const { return load_pair(words + row * stride + column); }
};

struct ClusterMailbox {
    const Word* words;
    int stride;
    __device__ __forceinline__ WordPair load(int row, int column) const {
        const Word* const pair = words + row * stride + column;
        return {load_relaxed_cluster(pair), load_relaxed_cluster(pair + 1)};
    }
};

// Waits for a vector of Rows rows of which this thread, one of `threads`, takes every threads-th pair of columns, and calls take(r, column, first, second) for
// all pairs below width, an even number. Row r has counts(r) words; beyond them values are 0. A round of polls has all its loads under way at once.
template <int Rows, int Pairs, typename From, typename Counts, typename Take>
__device__ __forceinline__ void receive(const From& from, int thread, int threads, int width, unsigned tag, const PollLimit& poll_limit, unsigned mailbox,
    unsigned step, const Counts& counts, const Take& take) {
#pragma unroll 1
    for (int first = 2 * thread; first < width; first += 2 * Pairs * threads) {
        WordPair pairs[Rows * Pairs];
        const auto column_of = [=](int i) { return first + i % Pairs * 2 * threads; };
        const auto is_wanted = [=](int i, int word) { return column_of(i) + word < counts(i / Pairs); };
#pragma unroll
        for (int i = 0; i < Rows * Pairs; i++) {
            pairs[i] = {make_word(0.0f, tag), make_word(0.0f, tag)};
        }
        unsigned polls = 0;
        for (bool has_all = false; !has_all;) {
            has_all = true;
#pragma unroll
            for (int i = 0; i < Rows * Pairs; i++) {
                if (is_wanted(i, 0)) {
                    pairs[i] = from.load(i / Pairs, column_of(i));
                }
            }
#pragma unroll
            for (int i = 0; i < Rows * Pairs; i++) {
                has_all &= tag_of(pairs[i].first) == tag && (tag_of(pairs[i].second) == tag || !is_wanted(i, 1));
            }
            if (!has_all) {
                count_poll(poll_limit, polls, mailbox, step);
            }
        }
#pragma unroll
        for (int i = 0; i < Rows * Pairs; i++) {
            if (column_of(i) < width) {
                take(i / Pairs, column_of(i), value_of(pairs[i].first), is_wanted(i, 1) ? value_of(pairs[i].second) : 0.0f);
            }
        }
    }
}
