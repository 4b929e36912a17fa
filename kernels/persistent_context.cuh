#pragma once

#include "persistent_step.cuh"

// The softmax of the energies, and what reads the context c = sum over t of a[t] m[t]. The context itself is never made: V c, for all weights V that read it, is
// the sum of the projected memory V m[t] (projected_memory.cu), weighted by the alignment a.

// A warp a row, by every block for itself: weights in place of energies. Their sum is not waited for: it divides what was multiplied by the weights.
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::softmax() {
    const int r = warp_index();
    float sum = 0.0f;
    if (r < launch.active) {
        sum = exponentials(r, here.tokens[r], here.weights + r * this->stride_w());
    }
    __syncthreads();
    if (r < launch.active) {
        sum = warp_sum(sum);
        if (lane_index() == 0) {
            here.scale[r] = 1.0f / sum;
        }
    }
}

// exp(energy - largest) of this lane's pairs of tokens; returns their sum.
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ float Step<Rows, Kept, Cluster>::exponentials(int r, int count, float* of_row) const {
    float largest = -INFINITY;
    receive_rows<1, 2>(energies_mailbox, r, lane_index(), warp_size, (count + 1) / 2 * 2, [=](int) { return count; },
        [&](int, int token, float first, float second) {
            of_row[token] = first;
            of_row[token + 1] = second;
            largest = fmaxf(largest, fmaxf(first, token + 1 < count ? second : first));
        });
    largest = warp_max(largest);
    float sum = 0.0f;
    // To a multiple of four tokens, as the projected memory is multiplied by so many at a time.
    for (int token = 2 * lane_index(); token < (count + 3) / 4 * 4; token += 2 * warp_size) {
#pragma unroll
        for (int i = 0; i < 2; i++) {
            const float weight = token + i < count ? fast_exp2(log2_e * (of_row[token + i] - largest)) : 0.0f;
            of_row[token + i] = weight;
            sum += weight;
        }
    }
    return sum;
}

// A warp a row: the alignment, for the location features of the next step and for the host.
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::store_alignment() {
    const int r = warp_index();
    if (r < launch.active) {
        const int first = r * s.signal_stride();
        for (int token = lane_index(); token < here.tokens[r]; token += warp_size) {
            const float alignment = here.weights[r * this->stride_w() + token] * here.scale[r];
            here.alignment[first + token] = alignment;
            here.cumulative[first + token] += alignment;
            if (static_cast<int>(blockIdx.x) == r % static_cast<int>(gridDim.x)) {
                send_to_host(this->record(r, step) + s.step_width + 1 + token, alignment, tag);
            }
        }
    }
}

// sums += projected memory times numbers of the tokens, lines of which are `stride` apart: Outputs rows from row `first` on, which in shared memory is
// row first_here.
template <int Rows, int Kept, int Cluster>
template <int Outputs>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::add_context(int first, int first_here, const float* numbers, int stride, float (&sums)[Rows * Outputs]) const {
    // Sixteen loads of 8 bytes a lane are under way at most.
    constexpr int count = rows_at_once;
#pragma unroll
    for (int r = 0; r < Rows; r += count) {
        int longest = 0;
#pragma unroll
        for (int i = 0; i < count; i++) {
            longest = max(longest, here.tokens[r + i]);
        }
        const auto memory = [&](const unsigned* lines, int i) {
            return ProjectedMemory{lines, numbers + (r + i) * stride, s.projected_stride, here.tokens[r + i]};
        };
        if (s.shared_projected_rows > 0) {
            const unsigned* const mine = here.projected_memory + first_here * (s.projected_stride / 2);
            add_projected_memory<count, Outputs, LoadFrom::Local>(
                [&](int i) { return memory(mine + (r + i) * this->projected_words(), i); }, longest, sums + r * Outputs);
        } else {
            add_projected_memory<count, Outputs, LoadFrom::ReadOnly>(
                [&](int i) { return memory(this->projected_memory_of(here.row[r + i], first), i); }, longest, sums + r * Outputs);
        }
    }
}

// What else reads the context: the next step's attention LSTM, this one's projection.
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::add_contexts() {
    if (has_unit1) {
        add_context<gate_count>(gate_count * unit, gate_count * warp_index(), here.alignment, s.signal_stride(), sums1);
    }
    if (g < s.small()) {
        add_context<1>(this->small_projected_row() + g, 2 * gate_count * warps_here() + warp_index(), here.alignment, s.signal_stride(), small_sums);
    }
}
