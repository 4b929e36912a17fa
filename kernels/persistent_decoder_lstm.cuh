#pragma once

#include "persistent_step.cuh"

// The decoder LSTM of a step: over the attention LSTM's output, the context and its own state.

template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::decoder_lstm() {
    float context[Rows * gate_count] = {};
    if (has_unit2) {
        add_context<gate_count>(gate_count * (s.attention_units + unit), gate_count * (warps_here() + warp_index()), here.weights, this->stride_w(), context);
    }
    const float of_context = sum_over_lanes(context);
    __syncthreads();
    if (has_unit2) {
        value2 = update_cell<Rows>(fmaf(of_context, here.scale[Lanes::row()], of_hidden2), cell2);
        if (Lanes::updates() && has_gate_row) {
            send(mailbox(hidden2_mailbox, Lanes::row(), tag) + unit, value2, tag);
        }
    }
    store_alignment();
    if constexpr (is_clustered) {
        add_hidden1();
    }
    __syncthreads();
    add_contexts();
}

// The last chunk done, what the decoder LSTM's gates are but for the context.
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::add_hidden1_to_decoder(int first, int end) {
    add_decoder(first, end, here.hidden1 + first * chunk, this->stride_1());
    if (end == chunks_1) {
        of_hidden2 = sum_over_lanes(sums2) + bias2;
        clear(sums2);
    }
}

// Chunks first to end - 1 of the decoder LSTM: the first lie in registers, the next in shared memory, the others in L2.
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::add_decoder(int first, int end, const float* staged, int stride) {
#pragma unroll
    for (int c = 0; c < Kept; c++) {
        if (c >= first && c < end) {
            add_chunk<Rows, gate_count>(kept[c], staged + (c - first) * chunk, stride, sums2);
        }
    }
    constexpr int of_chunk = gate_count * warp_size;
    const int rest = max(first, Kept);
    const int from_shared = max(rest, min(end, Kept + s.shared_chunks));
    const uint4* const mine = here.lstm2 + (warp_index() * s.shared_chunks - Kept + rest) * of_chunk + lane_index();
    add_chunks<Rows, gate_count>({mine, warp_size, of_chunk}, from_shared - rest, staged + (rest - first) * chunk, stride, sums2);
    add_chunks<Rows, gate_count, LoadFrom::ReadOnly>(
        {global2 + from_shared * of_chunk, warp_size, of_chunk}, end - from_shared, staged + (from_shared - first) * chunk, stride, sums2);
}
