#include "common.cuh"
#include "decoder.cuh"

// Frames and gate of a step: [frame, gate] = W [decoder state, context] + b (arXiv:1712.05884, section 2.2), and whether the utterance ends
// here.
//   hidden [B, hidden_width], context [B, context_width], widths multiples of 8   weights [frame_width + 1, hidden_width + context_width],
//   the gate's row last
//   frame [B, frame_stride]: what the next step's prenet reads
//   records [slots, chunk_steps, record_width]: frame and gate logit go to the front of this step's record
//   end [B]: steps of the utterance that count. It starts as the row's limit; the first step whose gate logit exceeds gate_logits[row] sets
//   it to its own number.
//   (A logit is compared, because sigmoid(x) > p exactly where x > log(p / (1 - p)).) Steps computed after the end are not looked at.
//   grid (ceil((frame_width + 1) / 8), groups of slots), block 256: one warp is one output. No shared memory.

constexpr int projection_warps = 8;
constexpr int projection_threads = projection_warps * warp_size;

template <typename T, int Rows>
__device__ void projection(
    const Inputs& inputs, const T* weights, const float* bias, float* frame, float* records, int* end, const float* gate_logits,
    const int* slots, int step, int frame_width, int frame_stride, int record, int chunk_steps, int record_width) {
    const int output = blockIdx.x * projection_warps + warp_index();
    if (output > frame_width) {
        return;
    }
    int rows[Rows];
    take_rows(slots, rows);
    float sums[Rows] = {};
    add_products<T, 1, Rows>(weights + static_cast<long long>(output) * inputs.columns(), inputs, rows, sums);
    const float value = sum_over_lanes(sums) + bias[output];
    constexpr int lanes = warp_size / Rows;
    const int slot = blockIdx.y * Rows + lane_index() / lanes;
    const int row = slots[slot];
    if (lane_index() % lanes != 0 || row < 0) {
        return;
    }
    records[(static_cast<long long>(slot) * chunk_steps + record) * record_width + output] = value;
    if (output < frame_width) {
        frame[static_cast<long long>(row) * frame_stride + output] = value;
    } else if (value > gate_logits[row] && step < end[row]) {
        end[row] = step + 1;
    }
}

#define PROJECTION(NAME, TYPE, ROWS)                                                                                                       \
    extern "C" __global__ void __launch_bounds__(projection_threads) NAME(                                                                 \
        const float* hidden, const float* context, const TYPE* weights, const float* bias, float* frame, float* records, int* end,         \
        const float* gate_logits, const int* slots, const int* chunk_start, int hidden_width, int context_width, int frame_width,          \
        int frame_stride, int offset, int chunk_steps, int record_width) {                                                                 \
        const Inputs inputs = {hidden, hidden_width, context, context_width, nullptr, 0};                                                  \
        projection<TYPE, ROWS>(                                                                                                            \
            inputs, weights, bias, frame, records, end, gate_logits, slots, *chunk_start + offset, frame_width, frame_stride, offset,      \
            chunk_steps, record_width);                                                                                                    \
    }                                                                                                                                      \
    EXPORT_KERNEL(NAME)

PROJECTION(projection_f32, float, 1)
PROJECTION(projection_f16, half, 1)
PROJECTION(projection_batch_f32, float, batch_rows)
PROJECTION(projection_batch_f16, half, batch_rows)
