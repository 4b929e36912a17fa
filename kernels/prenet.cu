#include "decoder_f16.cuh"

// The prenet (arXiv:1712.05884, section 2.2): y = drop(relu(W2 drop(relu(W1 frame)))), no biases. drop zeroes half of the units and doubles
// the others, at inference too. A unit is kept where the caller's mask says so, or where Philox4x32-10 under (seed; stream 1, utterance,
// step, unit of both layers) is below 1/2. Steps are a row's own, counted from row_starts.
//
//   frame [B, frame_stride]   output [B, output_stride]   strides are multiples of 8; what lies beyond the widths is zero
//   keep_masks [B] addresses of uint8 [keep_steps, 2, units], looked at where step < keep_steps[row]   row_starts [B]
//   Every block computes the whole first layer, because 20,480 weights from L2 cost less than another launch.
//   dynamic shared memory: the first layer's output, a group's rows x output_stride floats.

// The dropout of whichever row, in the step of the run.
struct RunDropout {
    Dropout of_row;
    const int* row_starts;

    __device__ float apply(int row, int layer, int unit, float value) const {
        Dropout dropout = of_row;
        dropout.step -= row_starts[row];
        return dropout.apply(row, layer, unit, value);
    }
};

constexpr int prenet_threads = 256;

//   first_weights [frame_stride / 4, units, 4]: neighbouring threads read neighbouring vectors   second_weights [units, output_stride]
//   grid (ceil(units / 8), groups of slots), block 256: one thread is a unit of the first layer, the frame read by all at once; then one warp is one
//   unit of the second.
template <int Rows>
__device__ void first_layer_f32(
    const float* frame, const float* weights, float* hidden, const RunDropout& dropout, const int (&rows)[Rows], int frame_stride, int hidden_stride) {
    constexpr int n = vector_columns<float>;
    const int units = dropout.of_row.units;
    for (int unit = threadIdx.x; unit < hidden_stride; unit += blockDim.x) {
        float sums[Rows] = {};
        if (unit < units) {
#pragma unroll 2
            for (int column = 0; column < frame_stride; column += n) {
                float w[n];
                load_vector(weights + static_cast<long long>(column) * units + unit * n, w);
#pragma unroll
                for (int r = 0; r < Rows; r++) {
                    float x[n];
                    load_vector(frame + rows[r] * frame_stride + column, x);
#pragma unroll
                    for (int i = 0; i < n; i++) {
                        sums[r] = fmaf(w[i], x[i], sums[r]);
                    }
                }
            }
        }
#pragma unroll
        for (int r = 0; r < Rows; r++) {
            hidden[r * hidden_stride + unit] = unit < units ? dropout.apply(rows[r], 0, unit, sums[r]) : 0.0f;
        }
    }
}

template <int Rows>
__device__ void prenet_layers_f32(
    const float* frame, const float* first_weights, const float* second_weights, float* output, const RunDropout& dropout, const int* slots,
    int frame_stride, int output_stride) {
    DYNAMIC_SHARED(float, hidden);
    int rows[Rows];
    take_rows(slots, rows);
    first_layer_f32<Rows>(frame, first_weights, hidden, dropout, rows, frame_stride, output_stride);
    __syncthreads();

    const int unit = blockIdx.x * (prenet_threads / warp_size) + warp_index();
    if (unit >= dropout.of_row.units) {
        return;
    }
    int shared_rows[Rows];
    float sums[Rows] = {};
#pragma unroll
    for (int r = 0; r < Rows; r++) {
        shared_rows[r] = r;
    }
    const Inputs inputs = {hidden, output_stride, nullptr, 0, nullptr, 0};
    add_products<float, 1, Rows, LoadFrom::Local>(second_weights + static_cast<long long>(unit) * output_stride, inputs, shared_rows, sums);
    const float total = sum_over_lanes(sums);
    constexpr int lanes = warp_size / Rows;
    const int row = slots[blockIdx.y * Rows + lane_index() / lanes];
    if (lane_index() % lanes == 0 && row >= 0) {
        output[static_cast<long long>(row) * output_stride + unit] = dropout.apply(row, 1, unit, total);
    }
}

// In half precision, weights as decoder_f16.cuh has them: first_weights of [units, frame_stride], second_weights of [units, output_stride].
//   grid (ceil(units / 16), groups of slots), block 128: a warp makes every fourth tile of the first layer; then the block makes one of the second.
__device__ __forceinline__ void first_layer_f16(
    const Inputs& frame, const half* weights, float* hidden, const RunDropout& dropout, const int* group, int hidden_stride) {
    const int units = dropout.of_row.units;
    const int chunks = chunk_count(frame.columns());
    for (int tile = warp_index(); tile * tile_rows < hidden_stride; tile += tile_threads / warp_size) {
        float sums[1][2][4] = {};
        if (tile * tile_rows < units) {
            multiply_chunks<LoadFrom::ReadOnly>(tile_fragments(weights, tile, chunks), frame, group[lane_index() / 4], 0, chunks, sums);
        }
#pragma unroll
        for (int i = 0; i < 4; i++) {
            const int unit = tile * tile_rows + lane_index() / 4 + i / 2 * 8;
            const int slot = lane_index() % 4 * 2 + i % 2;
            if (unit < hidden_stride) {
                const bool is_real = unit < units && group[slot] >= 0;
                hidden[slot * hidden_stride + unit] = is_real ? dropout.apply(group[slot], 0, unit, join_halves(sums[0][0][i], sums[0][1][i])) : 0.0f;
            }
        }
    }
}

__device__ __forceinline__ void prenet_layers_f16(
    const float* frame, const half* first_weights, const half* second_weights, float* output, const RunDropout& dropout, const int* slots,
    int frame_stride, int output_stride) {
    DYNAMIC_SHARED(float, hidden);
    SHARED(float, parts, column_parts * tile_sums);
    const int* const group = slots + blockIdx.y * tile_slots;
    first_layer_f16({frame, frame_stride, nullptr, 0, nullptr, 0}, first_weights, hidden, dropout, group, output_stride);
    __syncthreads();
    multiply_tile<LoadFrom::Local>(second_weights, blockIdx.x, {hidden, output_stride, nullptr, 0, nullptr, 0}, lane_index() / 4, parts);
    const int unit = blockIdx.x * tile_rows + threadIdx.x % tile_rows;
    const int slot = threadIdx.x / tile_rows;
    if (unit < dropout.of_row.units && group[slot] >= 0) {
        output[static_cast<long long>(group[slot]) * output_stride + unit] =
            dropout.apply(group[slot], 1, unit, tile_sum(parts, threadIdx.x % tile_rows, slot));
    }
}

#define PRENET(NAME, TYPE, THREADS, LAYERS)                                                                                                \
    extern "C" __global__ void __launch_bounds__(THREADS, 1) NAME(                                                                         \
        const float* frame, const TYPE* first_weights, const TYPE* second_weights, float* output, const unsigned long long* keep_masks,    \
        const int* keep_steps, const unsigned long long* seeds, const unsigned* utterances, const int* slots, const int* row_starts,       \
        const int* chunk_start, int offset, int units, int frame_stride, int output_stride) {                                              \
        const RunDropout dropout = {{keep_masks, keep_steps, seeds, utterances, *chunk_start + offset, units}, row_starts};                \
        LAYERS(frame, first_weights, second_weights, output, dropout, slots, frame_stride, output_stride);                                 \
    }                                                                                                                                      \
    EXPORT_KERNEL(NAME)

PRENET(prenet_f32, float, prenet_threads, prenet_layers_f32<1>)
PRENET(prenet_batch_f32, float, prenet_threads, prenet_layers_f32<batch_rows>)
PRENET(prenet_f16, half, tile_threads, prenet_layers_f16)
