#pragma once

#include "cluster.cuh"
#include "mailbox.cuh"

// How a vector comes from other blocks: mailboxes in global memory or in the shared memory of a cluster, and waiting for all words of a thread.

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
