#pragma once

#include "persistent_step.cuh"

// How a thread of the persistent decoder takes vectors that other blocks have broadcast, and sends its own share of one.

// Calls take(r, column, first, second) for Count rows' pairs of words, from row `row` on, as they come to this thread, one of `threads`.
template <int Rows, int Kept, int Cluster>
template <int Count, int Pairs, typename Counts, typename Take>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::receive_rows(
    Mailbox which, int row, int thread, int threads, int width, const Counts& counts, const Take& take) const {
    const auto counts_here = [&](int i) { return row + i < launch.active ? counts(row + i) : 0; };
    const auto take_here = [&](int i, int column, float first, float second) { take(row + i, column, first, second); };
    if constexpr (is_clustered) {
        if (which == prenet2_mailbox || which == query_mailbox || which == energies_mailbox) {
            // Polls of shared memory are some ten times as quick.
            const PollLimit poll_limit = {launch.poll_limit.abandoned, launch.poll_limit.most_polls * 16};
            const ClusterMailbox from = {cluster_mailbox(which, row, tag), this->cluster_width(which)};
            receive<Count, Pairs>(from, thread, threads, width, tag, poll_limit, which, step, counts_here, take_here);
            return;
        }
    }
    const GlobalMailbox from = {mailbox(which, row, tag), s.mailbox_width};
    receive<Count, Pairs>(from, thread, threads, width, tag, launch.poll_limit, which, step, counts_here, take_here);
}

template <int Rows, int Kept, int Cluster>
template <int Pairs, typename Counts, typename Take>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::receive_mailbox(Mailbox which, int width, const Counts& counts, const Take& take) const {
#pragma unroll
    for (int r = 0; r < Rows; r += rows_awaited) {
        receive_rows<rows_awaited, Pairs>(which, r, threadIdx.x, blockDim.x, width, counts, take);
    }
}

// Stages a vector in chunks; all threads see all of it when it returns.
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::stage(Mailbox which, int count, float* target, int stride) const {
    if constexpr (!has_places) {
        __syncthreads();
    }
    receive_mailbox<pairs_at_once>(which, chunks_of(count) * chunk, [=](int) { return count; }, [=](int r, int column, float first, float second) {
        *reinterpret_cast<float2*>(target + r * stride + staged_place(column)) = make_float2(first, second);
    });
    __syncthreads();
}

// Sends a value that GroupLanes lanes have to all blocks that want it, which those lanes divide.
template <int Rows, int Kept, int Cluster>
template <int GroupLanes>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::send_vector(Mailbox which, int row, int column, float value) const {
    if constexpr (is_clustered) {
#pragma unroll
        for (int rank = lane_index() % GroupLanes; rank < Cluster; rank += GroupLanes) {
            store_relaxed_cluster(map_words(cluster_mailbox(which, row, tag), rank) + column, make_word(value, tag));
        }
    } else if (lane_index() % GroupLanes == 0) {
        send(mailbox(which, row, tag) + column, value, tag);
    }
}

// The outputs of a warp's rows of a matrix over a staged vector, sent; adjust(value, r, output) is what becomes of a sum.
template <int Rows, int Kept, int Cluster>
template <int Outputs, typename Adjust>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::multiply_and_send(
    Mailbox which, const uint4* rows, int chunks, const float* staged, int stride, int outputs, const Adjust& adjust) const {
    constexpr int group = warp_size / (Rows * Outputs);
    if (owner * Outputs < outputs) {
        float sums[Rows * Outputs] = {};
        add_chunks<Rows, Outputs>(this->my_rows(rows, Outputs, chunks), chunks, staged, stride, sums);
        const float value = adjust(sum_over_lanes(sums));
        const int r = lane_index() / group / Outputs;
        const int output = owner * Outputs + lane_index() / group % Outputs;
        if (r < launch.active && output < outputs) {
            send_vector<group>(which, r, output, value);
        }
    }
}
