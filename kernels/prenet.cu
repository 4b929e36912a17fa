#include "common.cuh"
#include "decoder.cuh"

// The prenet (arXiv:1712.05884, section 2.2): y = drop(relu(W2 drop(relu(W1 frame)))), no biases. drop zeroes half of the units and doubles
// the others, at inference too. A unit is kept where the caller's mask says so, or where Philox4x32-10 under (seed; stream 1, utterance,
// step, unit of both layers) is below 1/2.
//
//   frame [B, frame_stride]   output [B, output_stride]   strides are multiples of 8; what lies beyond the widths is zero
//   first_weights [frame_stride / n, units, n], n = 4 floats or 8 halves: neighbouring threads read neighbouring vectors
//   second_weights [units, output_stride]
//   keep_masks [B] addresses of uint8 [keep_steps, 2, units], looked at where step < keep_steps[row]
//   grid (ceil(units / 8), groups of slots), block 256. Every block computes the whole first layer, because 20,480 weights from L2 cost
//   less than another launch: one thread a unit, the frame read by all at once. Then one warp is one unit of the second layer.
//   dynamic shared memory: the first layer's output, Rows x output_stride floats.

constexpr int prenet_threads = 256;

template <typename T, int Rows>
__device__ void first_layer(
    const float* frame, const T* weights, float* hidden, const Dropout& dropout, const int (&rows)[Rows], int frame_stride,
    int hidden_stride) {
    constexpr int n = vector_columns<T>;
    const int units = dropout.units;
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

template <typename T, int Rows>
__device__ void prenet(
    const float* frame, const T* first_weights, const T* second_weights, float* output, const Dropout& dropout, const int* slots,
    int frame_stride, int output_stride) {
    DYNAMIC_SHARED(float, hidden);
    int rows[Rows];
    take_rows(slots, rows);
    first_layer<T, Rows>(frame, first_weights, hidden, dropout, rows, frame_stride, output_stride);
    __syncthreads();

    const int unit = blockIdx.x * (prenet_threads / warp_size) + warp_index();
    if (unit >= dropout.units) {
        return;
    }
    int shared_rows[Rows];
    float sums[Rows] = {};
#pragma unroll
    for (int r = 0; r < Rows; r++) {
        shared_rows[r] = r;
    }
    const Inputs inputs = {hidden, output_stride, nullptr, 0, nullptr, 0};
    add_products<T, 1, Rows, LoadFrom::Local>(second_weights + static_cast<long long>(unit) * output_stride, inputs, shared_rows, sums);
    const float total = sum_over_lanes(sums);
    constexpr int lanes = warp_size / Rows;
    const int row = slots[blockIdx.y * Rows + lane_index() / lanes];
    if (lane_index() % lanes == 0 && row >= 0) {
        output[static_cast<long long>(row) * output_stride + unit] = dropout.apply(row, 1, unit, total);
    }
}

#define PRENET(NAME, TYPE, ROWS)                                                                                                           \
    extern "C" __global__ void __launch_bounds__(prenet_threads, 1) NAME(                                                                  \
        const float* frame, const TYPE* first_weights, const TYPE* second_weights, float* output, const unsigned long long* keep_masks,    \
        const int* keep_steps, const unsigned long long* seeds, const unsigned* utterances, const int* slots, const int* chunk_start,      \
        int offset, int units, int frame_stride, int output_stride) {                                                                      \
        const Dropout dropout = {keep_masks, keep_steps, seeds, utterances, *chunk_start + offset, units};                                 \
        prenet<TYPE, ROWS>(frame, first_weights, second_weights, output, dropout, slots, frame_stride, output_stride);                     \
    }                                                                                                                                      \
    EXPORT_KERNEL(NAME)

PRENET(prenet_f32, float, 1)
PRENET(prenet_f16, half, 1)
PRENET(prenet_batch_f32, float, batch_rows)
PRENET(prenet_batch_f16, half, batch_rows)
