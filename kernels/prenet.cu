#include "decoder_f16.cuh"

// The prenet (arXiv:1712.05884, section 2.2): y = drop(relu(W2 drop(relu(W1 frame)))), no biases. drop zeroes half of the units and doubles
// the others, at inference too. A unit is kept where the caller's mask says so, or where Philox4x32-10 under (seed; stream 1, utterance,
// step, unit of both layers) is below 1/2. Steps are a row's own, counted from row_starts.
//
//   frame [B, frame_stride]   output [B, output_stride]   strides are multiples of 8; what lies beyond the widths is zero
//   keep_masks [B] addresses of uint8 [keep_steps, 2, units], read where step < keep_steps[row]   row_starts [B]
//   Every block computes the whole first layer, because 20,480 weights from L2 cost less than another launch.
//   dynamic shared memory: the first layer's output, a group's rows x output_stride floats.

// The dropout of one row in the step of the run. What it takes is read at once, before the sums are made; a row's seed that is read after its masks were found
// to have ended is one more trip to memory on the way of every step.
struct RowDropout {
    // [2, units] of this step; null where random numbers decide.
    const unsigned char* masks;
    unsigned long long seed;
    unsigned utterance;
    int step;
    int units;

    __device__ bool keeps(int layer, int unit) const {
        const int index = layer * units + unit;
        return masks != nullptr ? masks[index] != 0 : philox_uniform(seed, prenet_dropout_stream, utterance, step, index) < 0.5f;
    }

    // A bit for each of the first layer's units from 4 * quad on: random numbers come in fours.
    __device__ unsigned keeps_of_four(int quad) const {
        if (masks != nullptr) {
            unsigned bits = 0;
            for (int i = 0; i < 4; i++) {
                bits |= 4 * quad + i < units && masks[4 * quad + i] != 0 ? 1u << i : 0u;
            }
            return bits;
        }
        const float4 four = philox_uniform4(seed, prenet_dropout_stream, utterance, step, quad);
        return (four.x < 0.5f ? 1u : 0u) | (four.y < 0.5f ? 2u : 0u) | (four.z < 0.5f ? 4u : 0u) | (four.w < 0.5f ? 8u : 0u);
    }
};

// That of whichever row, in the step of the run.
struct RunDropout {
    Dropout of_row;
    const int* row_starts;

    __device__ RowDropout of(int row) const {
        const int step = of_row.step - row_starts[row];
        const unsigned char* const masks = reinterpret_cast<const unsigned char*>(of_row.keep_masks[row]);
        const int masked_steps = of_row.keep_steps[row];
        return {step < masked_steps ? masks + static_cast<long long>(step) * 2 * of_row.units : nullptr, of_row.seeds[row], of_row.utterances[row], step,
            of_row.units};
    }

    __device__ float apply(int row, int layer, int unit, float value) const { return Dropout::apply(of(row).keeps(layer, unit), value); }
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
#pragma unroll(Rows == 1 ? 10 : 2)
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
//   grid (ceil(units / 16), groups of slots), block 256: a warp makes every eighth tile of the first layer; then four of them make one of the second.
// A lane decides on the dropout of slot lane / 4: in a tile of the first layer of four units, which others' sums are of.
__device__ __forceinline__ void first_layer_f16(
    const Inputs& frame, const half* weights, float* hidden, const RowDropout& dropout, int row, int hidden_stride) {
    const int chunks = chunk_count(frame.columns());
    for (int tile = warp_index(); tile * tile_rows < hidden_stride; tile += prenet_threads / warp_size) {
        float sums[1][2][4] = {};
        if (tile * tile_rows < dropout.units) {
            multiply_chunks<LoadFrom::ReadOnly>(tile_fragments(weights, tile, chunks), frame, row, 0, chunks, sums);
        }
        const unsigned keeps = row >= 0 ? dropout.keeps_of_four(tile * (tile_rows / 4) + lane_index() % 4) : 0;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            const int tile_row = lane_index() / 4 + i / 2 * 8;
            const int unit = tile * tile_rows + tile_row;
            const int slot = lane_index() % 4 * 2 + i % 2;
            const bool is_kept = (shuffle(keeps, slot * 4 + tile_row / 4) >> tile_row % 4 & 1) != 0;
            if (unit < hidden_stride) {
                hidden[slot * hidden_stride + unit] =
                    unit < dropout.units ? Dropout::apply(is_kept, join_halves(sums[0][0][i], sums[0][1][i])) : 0.0f;
            }
        }
    }
}

__device__ __forceinline__ void prenet_layers_f16(
    const float* frame, const half* first_weights, const half* second_weights, float* output, const RunDropout& dropout, const int* slots,
    int frame_stride, int output_stride) {
    DYNAMIC_SHARED(float, hidden);
    SHARED(float, parts, column_parts * tile_sums);
    const int slot = lane_index() / 4;
    const int row = slots[blockIdx.y * tile_slots + slot];
    const RowDropout of_row = dropout.of(max(row, 0));
    first_layer_f16({frame, frame_stride, nullptr, 0, nullptr, 0}, first_weights, hidden, of_row, row, output_stride);
    const int tile_row = warp_index() * 4 + lane_index() % 4;
    const int unit = blockIdx.x * tile_rows + tile_row;
    const bool is_real = tile_row < tile_rows && unit < of_row.units && row >= 0;
    const bool is_kept = is_real && of_row.keeps(1, unit);
    __syncthreads();
    multiply_tile<LoadFrom::Local>(second_weights, blockIdx.x, {hidden, output_stride, nullptr, 0, nullptr, 0}, slot, parts);
    if (is_real) {
        output[static_cast<long long>(row) * output_stride + unit] = Dropout::apply(is_kept, tile_sum(parts, tile_row, slot));
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
PRENET(prenet_f16, half, prenet_threads, prenet_layers_f16)

EXPORT_CONSTANT(prenet_threads, prenet_threads)
