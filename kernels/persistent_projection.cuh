#pragma once

#include "persistent_step.cuh"

// The projection of a step: its frames, the gate, which is the stop token of arXiv:1712.05884, section 2.2, and the first prenet layer of the next step.

template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::projection() {
    stage(hidden2_mailbox, s.decoder_units, here.hidden2, this->stride_2());
    project(true);
    add_decoder(chunks_1, chunks_1 + chunks_2, here.hidden2, this->stride_2());
    if (g == s.step_width && (step - launch.start) % cancel_interval == 0) {
        cancelled = load_relaxed_system(launch.cancel);
    }
}

// Frames and gate, and the first prenet layer of the step after it.
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::project(bool is_step) {
    if (g < s.small()) {
        // All wait for what the gate says, so what it is compared with is asked for before its sum.
        const bool is_gate = g == s.step_width && has_value();
        const float limit = is_gate ? request.gate_logits[here.row[value_slot()]] : 0.0f;
        const int end = is_gate ? request.end[here.row[value_slot()]] : 0;
        add_chunks<Rows, 1>(this->my_rows(here.small, 1, chunks_2), chunks_2, here.hidden2, this->stride_2(), small_sums);
        const float value = sum_over_lanes(small_sums) + small_bias;
        clear(small_sums);
        const int prenet_unit = g - s.step_width - 1;
        if (prenet_unit >= 0) {
            if (has_value()) {
                send(mailbox(prenet1_mailbox, value_slot(), tag + 1) + prenet_unit, Dropout::apply(keeps, value), tag + 1);
            }
        } else if (is_step && has_value()) {
            send_to_host(this->record(value_slot(), step) + g, value, tag);
        }
        if (g == s.step_width) {
            stop_token(is_step, value, limit, end);
        }
    }
    const int without_unit = static_cast<int>(blockIdx.x) - static_cast<int>(gridDim.x) + blocks_without_unit();
    if (without_unit >= 0 && threadIdx.x == 0) {
        send(mailbox(prenet1_mailbox, 0, tag + 1) + end_column() + 1 + without_unit, 0.0f, tag + 1);
    }
}

// The gate's warp: which rows end with this step, and whether all have, which everyone hears with the next prenet vector.
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::stop_token(bool is_step, float logit, float limit, int end) {
    bool has_ended = true;
    if (has_value()) {
        if (is_step && logit > limit && step < end) {
            end = step + 1;
            request.end[here.row[value_slot()]] = end;
        }
        has_ended = step + 1 >= end;
    }
    const bool have_all = __all_sync(all_lanes, has_ended) || cancelled != 0;
    if (lane_index() == 0) {
        send(mailbox(prenet1_mailbox, 0, tag + 1) + end_column(), is_step && have_all ? 1.0f : 0.0f, tag + 1);
    }
}
