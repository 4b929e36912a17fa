#pragma once

#include "persistent_step.cuh"

// The prenet of a step (arXiv:1712.05884, section 2.2): its first layer comes from the projection of the step before, as one product with it
// (persistent_projection.cuh); here its second one, with dropout in inference too, and the end of the launch, of which all blocks hear with the first.

// The first frame is zero, and so is what the prenet makes of it. All hear here, too, whether the step before was the last one.
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ bool Step<Rows, Kept, Cluster>::prenet() {
    if (step == 0) {
        return true;
    }
    constexpr int group = warp_size / (Rows * prenet_rows);
    const int r = lane_index() / group / prenet_rows;
    const int output = owner * prenet_rows + lane_index() / group % prenet_rows;
    const bool keeps_second = r < launch.active && output < s.prenet && dropout_of(step).keeps(here.row[r], 1, output);
    receive_end();
    stage(prenet1_mailbox, s.prenet, here.frames1, this->stride_p());
    if (*here.has_ended != 0.0f) {
        return false;
    }
    multiply_and_send<prenet_rows>(
        prenet2_mailbox, here.prenet2, chunks_p, here.frames1, this->stride_p(), s.prenet, [=](float value) { return Dropout::apply(keeps_second, value); });
    stage(prenet2_mailbox, s.prenet, here.frames2, this->stride_p());
    add_chunks<Rows, gate_count>(this->my_lstm1(0), chunks_p, here.frames2, this->stride_p(), sums1);
    return true;
}

template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::receive_end() const {
    const int count = end_column() + 1 + blocks_without_unit();
    const int thread = end_column() / 2 + static_cast<int>(blockDim.x - 1 - threadIdx.x);
    receive_rows<1, 1>(prenet1_mailbox, 0, thread, blockDim.x, count + 1, [=](int) { return count; }, [&](int, int column, float first, float) {
        if (column == end_column()) {
            *here.has_ended = first;
        }
    });
}

// The last ones, of whose vectors nobody waits for a word: they give a sign of life, as no block may be two steps ahead.
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ int Step<Rows, Kept, Cluster>::blocks_without_unit() const {
    const int with_units = (max(s.attention_units, s.decoder_units) + warps_here() - 1) / warps_here();
    return max(0, static_cast<int>(gridDim.x) - with_units);
}

// Whether the dropout of the next step's first prenet layer keeps this lane's unit: known before its sum is.
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ bool Step<Rows, Kept, Cluster>::keeps_next() const {
    const int prenet_unit = g - s.step_width - 1;
    return prenet_unit >= 0 && prenet_unit < s.prenet && has_value() && dropout_of(step + 1).keeps(here.row[value_slot()], 0, prenet_unit);
}
