#include "common.cuh"
#include "decoder.cuh"

// LSTM: gates = W [inputs, h] + b, c' = sigmoid(f) c + sigmoid(i) tanh(g), h' = sigmoid(o) tanh(c'), with the gate order i, f, g, o of
// torch.nn.LSTM. The four gates of a unit are four weight rows of one warp, so that its state is updated where its gates are summed.

constexpr int lstm_threads = 128;

// One time step of the rows in slots (decoder). Half precision has kernels of its own, in lstm_f16.cu.
//   inputs: up to three of [B, width]; the last non-empty one is the last hidden state
//   weights [units, 4, columns], columns the sum of the widths   bias [units, 4], both bias vectors of the checkpoint added
//   cell [B, state_stride], updated in place   hidden [B, state_stride], must not be one of the inputs, which other blocks still read
//   grid (ceil(units / 4), groups of slots), block 128: one warp is one unit. No shared memory. Bound by reading the weights.
template <int Rows>
__device__ void lstm_cell(
    const Inputs& inputs, const float* weights, const float* bias, float* hidden, float* cell, const int* slots, int units, int state_stride) {
    using Lanes = GateLanes<Rows>;
    const int unit = blockIdx.x * (lstm_threads / warp_size) + warp_index();
    if (unit >= units) {
        return;
    }
    int rows[Rows];
    take_rows(slots, rows);
    float sums[Rows * gate_count] = {};
    add_products<float, gate_count, Rows>(weights + static_cast<long long>(unit) * gate_count * inputs.columns(), inputs, rows, sums);
    const float sum = sum_over_lanes(sums) + bias[unit * gate_count + Lanes::gate()];
    const int row = slots[blockIdx.y * Rows + Lanes::row()];
    const long long at = static_cast<long long>(max(row, 0)) * state_stride + unit;
    float state = cell[at];
    const float output = Lanes::update(sum, state);
    if (Lanes::updates() && row >= 0) {
        cell[at] = state;
        hidden[at] = output;
    }
}

#define LSTM_CELL(NAME, ROWS)                                                                                                              \
    extern "C" __global__ void __launch_bounds__(lstm_threads, 1) NAME(                                                                    \
        const float* first, const float* second, const float* third, const float* weights, const float* bias, float* hidden, float* cell,  \
        const int* slots, int first_width, int second_width, int third_width, int units, int state_stride) {                               \
        const Inputs inputs = {first, first_width, second, second_width, third, third_width};                                              \
        lstm_cell<ROWS>(inputs, weights, bias, hidden, cell, slots, units, state_stride);                                                  \
    }                                                                                                                                      \
    EXPORT_KERNEL(NAME)

LSTM_CELL(lstm_cell_f32, 1)
LSTM_CELL(lstm_cell_batch_f32, batch_rows)

// A bidirectional layer over whole sequences (encoder), as torch.nn.LSTM over a packed batch: the backward direction starts at each row's
// own end.
//   input_gates [B, T, 2, 4, units]: W x + b of both directions   weights [2, units, 4, state_stride], state_stride a multiple of 8, zeros
//   beyond units
//   output [B, T, 2, units], zeros beyond a row's length
//   hidden [2, 2, B, state_stride]: the state before and after a step by turns, zeros at the start   cell [2, B, state_stride], zeros at
//   the start
//   lengths [B] or null: all rows are full
//   cooperative grid (any, 2): the second index is the direction; one warp is one unit after the other, of Rows rows at a time; the grid
//   waits for itself after each time step. Block 128, no shared memory. What bounds a step is the barrier and the trips to L2 around it.
//
// The loads of the hidden state must be ordinary ones: other blocks write it within the launch.
template <typename T, int Rows>
__device__ void add_recurrent_products(
    const T* weights, const float* hidden, float (&sums)[Rows * gate_count], int first_row, int batch, int columns) {
    constexpr int n = vector_columns<T>;
    for (int column = lane_index() * n; column < columns; column += warp_size * n) {
        float w[gate_count][n];
#pragma unroll
        for (int gate = 0; gate < gate_count; gate++) {
            load_vector(weights + gate * columns + column, w[gate]);
        }
#pragma unroll
        for (int r = 0; r < Rows; r++) {
            float x[n];
            load_written_vector(hidden + static_cast<long long>(min(first_row + r, batch - 1)) * columns + column, x);
#pragma unroll
            for (int gate = 0; gate < gate_count; gate++) {
#pragma unroll
                for (int i = 0; i < n; i++) {
                    sums[r * gate_count + gate] = fmaf(w[gate][i], x[i], sums[r * gate_count + gate]);
                }
            }
        }
    }
}

template <typename T, int Rows>
__device__ void lstm_sequence(
    const T* input_gates, const T* weights, float* output, float* hidden, float* cell, const int* lengths, unsigned* barrier, int batch,
    int steps, int units, int state_stride) {
    using Lanes = GateLanes<Rows>;
    constexpr int warps = lstm_threads / warp_size;
    const int direction = blockIdx.y;
    const long long state_size = static_cast<long long>(batch) * state_stride;
    for (int i = 0; i < steps; i++) {
        const float* const last = hidden + ((i % 2) * 2 + direction) * state_size;
        float* const next = hidden + ((i + 1) % 2 * 2 + direction) * state_size;
        for (int first = 0; first < batch; first += Rows) {
            const int row = min(first + Lanes::row(), batch - 1);
            const bool is_row = first + Lanes::row() < batch;
            const int length = lengths == nullptr ? steps : lengths[row];
            const bool is_real = i < length;
            const int step = direction == 0 || !is_real ? i : length - 1 - i;
            const long long place = static_cast<long long>(row) * steps + step;
            for (int unit = blockIdx.x * warps + warp_index(); unit < units; unit += gridDim.x * warps) {
                float sums[Rows * gate_count] = {};
                const T* const gates = weights + (static_cast<long long>(direction) * units + unit) * gate_count * state_stride;
                add_recurrent_products<T, Rows>(gates, last, sums, first, batch, state_stride);
                const float input = to_float(input_gates[(place * 2 + direction) * gate_count * units + Lanes::gate() * units + unit]);
                const long long at = static_cast<long long>(row) * state_stride + unit;
                float state = cell[direction * state_size + at];
                const float value = Lanes::update(sum_over_lanes(sums) + input, state);
                if (Lanes::updates() && is_row) {
                    output[(place * 2 + direction) * units + unit] = is_real ? value : 0.0f;
                    if (is_real) {
                        cell[direction * state_size + at] = state;
                        next[at] = value;
                    }
                }
            }
        }
        grid_barrier(barrier);
    }
}

#define LSTM_SEQUENCE(NAME, TYPE, ROWS)                                                                                                    \
    extern "C" __global__ void __launch_bounds__(lstm_threads, 1) NAME(                                                                    \
        const TYPE* input_gates, const TYPE* weights, float* output, float* hidden, float* cell, const int* lengths, unsigned* barrier,    \
        int batch, int steps, int units, int state_stride) {                                                                               \
        lstm_sequence<TYPE, ROWS>(input_gates, weights, output, hidden, cell, lengths, barrier, batch, steps, units, state_stride);        \
    }                                                                                                                                      \
    EXPORT_KERNEL(NAME)

LSTM_SEQUENCE(lstm_sequence_f32, float, 1)
LSTM_SEQUENCE(lstm_sequence_f16, half, 1)
LSTM_SEQUENCE(lstm_sequence_batch_f32, float, batch_rows)
LSTM_SEQUENCE(lstm_sequence_batch_f16, half, batch_rows)
