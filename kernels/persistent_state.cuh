#pragma once

#include "persistent_step.cuh"

// What the persistent decoder keeps from one launch to the next: LSTM states and alignments.

// As if the step before had just ended.
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::load_state() {
    const int row = here.row[has_gate_row ? Lanes::row() : 0];
    cell1 = has_unit1 ? state.cell1[static_cast<long long>(row) * padded(s.attention_units) + unit] : 0.0f;
    cell2 = has_unit2 ? state.cell2[static_cast<long long>(row) * padded(s.decoder_units) + unit] : 0.0f;
    tag = launch.first_tag - 1;
    step = launch.start - 1;
    stage_state(state.hidden1, s.attention_units, here.hidden1, this->stride_1());
    add_hidden1();
    add_contexts();
    stage_state(state.hidden2, s.decoder_units, here.hidden2, this->stride_2());
    if (launch.start > 0) {
        keeps = keeps_next();
        project(false);
    } else {
        clear(small_sums);
    }
    add_decoder(chunks_1, chunks_1 + chunks_2, here.hidden2, this->stride_2());
}

template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::stage_state(const float* vectors, int count, float* target, int stride) const {
    __syncthreads();
    const int width = chunks_of(count) * chunk;
    for (int i = threadIdx.x; i < Rows * width; i += blockDim.x) {
        const int column = i % width;
        const bool is_real = column < count && i / width < launch.active;
        target[i / width * stride + staged_place(column)] =
            is_real ? vectors[static_cast<long long>(here.row[i / width]) * padded(count) + column] : 0.0f;
    }
    __syncthreads();
}

template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::store_state() const {
    if (Lanes::updates() && has_gate_row) {
        const long long row = here.row[Lanes::row()];
        if (has_unit1) {
            state.hidden1[row * padded(s.attention_units) + unit] = value1;
            state.cell1[row * padded(s.attention_units) + unit] = cell1;
        }
        if (has_unit2) {
            state.hidden2[row * padded(s.decoder_units) + unit] = value2;
            state.cell2[row * padded(s.decoder_units) + unit] = cell2;
        }
    }
    for (int i = threadIdx.x; blockIdx.x == 0 && i < launch.active * s.token_stride; i += blockDim.x) {
        const int r = i / s.token_stride;
        const int token = i % s.token_stride;
        const int at = r * s.signal_stride() + token;
        state.previous[here.row[r] * s.token_stride + token] = here.alignment[at];
        state.cumulative[here.row[r] * s.token_stride + token] = here.cumulative[at];
    }
}
