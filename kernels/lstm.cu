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

EXPORT_CONSTANT(lstm_threads, lstm_threads)
