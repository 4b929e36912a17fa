#include "decoder_f16.cuh"
#include "decoder_slots.cuh"

// Frames and gate of a step: [frame, gate] = W [decoder state, context] + b (arXiv:1712.05884, section 2.2), whether the utterance ends here, and who
// has its slot then.
//   hidden [B, hidden_width], context [B, context_width], widths multiples of 8   weights [frame_width + 1, hidden_width + context_width], the gate's
//   row last; in half precision as decoder_f16.cuh has them
//   frame [B, frame_stride]: what the next step's prenet reads
//   records [S, chunk_steps, record_width]: frame and gate logit go to the front of this step's record
//   end [B]: steps of the utterance that count. It starts as the row's limit; the first step whose gate logit exceeds gate_logits[row] sets it to its
//   own number, counted from the row's first.
//   (A logit is compared, because sigmoid(x) > p exactly where x > log(p / (1 - p)).)
//   slots, chunk_rows, row_starts, queue: decoder_slots.cuh   done: a zero, and left so

struct Frames {
    const float* bias;
    float* frame;
    float* records;
    int* end;
    const float* gate_logits;
    int step;
    int frame_width;
    int frame_stride;
    int offset;
    int chunk_steps;
    int record_width;

    // Keeps an output, and ends the row that is its gate's.
    __device__ void store(const SlotQueue& queue, int slot, int output, float sum) const {
        const int row = queue.slots[slot];
        if (row < 0 || output > frame_width) {
            return;
        }
        const float value = sum + bias[output];
        records[(static_cast<long long>(slot) * chunk_steps + offset) * record_width + output] = value;
        if (output < frame_width) {
            frame[static_cast<long long>(row) * frame_stride + output] = value;
            return;
        }
        const int own_step = step - queue.row_starts[row];
        if (value > gate_logits[row] && own_step < end[row]) {
            end[row] = own_step + 1;
        }
    }
};

constexpr int projection_warps = 8;
constexpr int projection_threads = projection_warps * warp_size;

//   grid (ceil((frame_width + 1) / 8), groups of slots), block 256: one warp is one output.
template <int Rows> __device__ void project_f32(const Inputs& inputs, const float* weights, const Frames& frames, const SlotQueue& queue) {
    const int output = blockIdx.x * projection_warps + warp_index();
    if (output <= frames.frame_width) {
        int rows[Rows];
        take_rows(queue.slots, rows);
        float sums[Rows] = {};
        add_products<float, 1, Rows>(weights + static_cast<long long>(output) * inputs.columns(), inputs, rows, sums);
        const float sum = sum_over_lanes(sums);
        constexpr int lanes = warp_size / Rows;
        if (lane_index() % lanes == 0) {
            frames.store(queue, blockIdx.y * Rows + lane_index() / lanes, output, sum);
        }
    }
}

//   grid (ceil((frame_width + 1) / 16), groups of slots), block 128.
__device__ void project_f16(const Inputs& inputs, const half* weights, const Frames& frames, const SlotQueue& queue) {
    SHARED(float, parts, column_parts * tile_sums);
    const int first_slot = blockIdx.y * tile_slots;
    multiply_tile<LoadFrom::ReadOnly>(weights, blockIdx.x, inputs, queue.slots[first_slot + lane_index() / 4], parts);
    const int row = threadIdx.x % tile_rows;
    const int slot = threadIdx.x / tile_rows;
    frames.store(queue, first_slot + slot, blockIdx.x * tile_rows + row, tile_sum(parts, row, slot));
}

#define PROJECTION(NAME, TYPE, THREADS, PROJECT)                                                                                           \
    extern "C" __global__ void __launch_bounds__(THREADS, 1) NAME(                                                                         \
        const float* hidden, const float* context, const TYPE* weights, const float* bias, float* frame, float* records, int* end,         \
        const float* gate_logits, int* slots, int* chunk_rows, int* row_starts, int* queue, unsigned* done, const int* chunk_start,        \
        int hidden_width, int context_width, int frame_width, int frame_stride, int slot_count, int offset, int chunk_steps,               \
        int record_width) {                                                                                                                \
        const Inputs inputs = {hidden, hidden_width, context, context_width, nullptr, 0};                                                  \
        const int step = *chunk_start + offset;                                                                                            \
        const Frames frames = {bias, frame, records, end, gate_logits, step, frame_width, frame_stride, offset, chunk_steps, record_width}; \
        const SlotQueue waiting = {slots, slot_count, chunk_rows, row_starts, queue};                                                \
        PROJECT(inputs, weights, frames, waiting);                                                                                         \
        if (is_last_block(done, gridDim.x * gridDim.y)) {                                                                                  \
            waiting.hand_on(step, offset, end);                                                                                            \
        }                                                                                                                                  \
    }                                                                                                                                      \
    EXPORT_KERNEL(NAME)

PROJECTION(projection_f32, float, projection_threads, project_f32<1>)
PROJECTION(projection_batch_f32, float, projection_threads, project_f32<batch_rows>)
PROJECTION(projection_f16, half, tile_threads, project_f16)

EXPORT_CONSTANT(projection_threads, projection_threads)
