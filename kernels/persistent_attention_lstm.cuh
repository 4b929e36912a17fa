#pragma once

#include "persistent_step.cuh"

// The attention LSTM of a step: over the prenet's output, the context of the step before and its own state.

template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::attention_lstm() {
    if (has_unit1) {
        value1 = update_cell<Rows>(sum_over_lanes(sums1) + bias1, cell1);
        if (Lanes::updates() && has_gate_row) {
            send(mailbox(hidden1_mailbox, Lanes::row(), tag) + unit, value1, tag);
        }
    }
    clear(sums1);
    location_features();
    keeps = keeps_next();
}

template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::add_hidden1() {
    add_chunks<Rows, gate_count>(this->my_lstm1(chunks_p), chunks_1, here.hidden1, this->stride_1(), sums1);
}
