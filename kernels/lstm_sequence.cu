#include "mailbox.cuh"
#include "persistent_products.cuh"

// A bidirectional LSTM layer over whole sequences (encoder), as torch.nn.LSTM over a packed batch: the backward direction starts at each row's own end. What
// the inputs add to the gates is known before; what remains is a chain of time steps, each a product of 4 x units x units with the hidden state, which is
// small: what costs is getting at the weights and sending the hidden state from block to block. So a warp keeps its unit's weights in registers over all
// steps, and the hidden state goes from block to block as words that say themselves that they have come (mailbox.cuh): one trip, no barrier, no fence.
//
//   input_gates [B, T, 2, 4, units]: W x + b of both directions   weights [2, units, 4, columns], columns a multiple of 8, zeros beyond units
//   output [B, T, 2, units], zeros beyond a row's length   lengths [B] or null: all rows are full
//   mail [2 parities of steps, 2 directions, B, units] words: the hidden state after a step   cell [2 directions, B, units]; both zero at the start
//   cooperative grid (at most ceil(units / 8), 2): the second index is the direction; block 256: a warp is one unit after the other, usually one
//   dynamic shared memory: 2 x Rows x (columns rounded up to 256) floats, the hidden states of the step and of the one before by turns
//
// A row's words of odd and even steps lie apart, and that is enough. A block sends a row's step s + 1 only after all its threads have taken all of the row's
// words of step s. So when a block has all words of step s + 1, which it waits for before it sends step s + 2 over those of step s, every block has taken
// those. Every block has a unit. Tags are the number of the step and one; a launch has each of them once, and the host clears the words before it.

namespace {

constexpr int sequence_warps = 8;
constexpr int sequence_threads = sequence_warps * warp_size;
static_assert(sequence_threads == chunk, "a thread receives one column of every chunk");
// A lane's in a chunk.
constexpr int lane_columns = chunk / warp_size;

// The compiler does not know how a value has come about and so does not make it anew where it is used, after a wait.
__device__ __forceinline__ int made_once(int value) {
#ifndef CUDATTS_EMULATED
    asm volatile("" : "+r"(value));
#endif
    return value;
}

template <typename T> struct Sequence {
    const T* input_gates;
    const T* weights;
    float* output;
    Word* mail;
    float* cell;
    const int* lengths;
    PollLimit poll_limit;
    int batch;
    int steps;
    int units;
    int columns;
};

// One thread's part in all steps.
template <typename T, int Rows> struct Recurrence {
    using Lanes = GateLanes<Rows>;
    const Sequence<T> s;
    const int direction = blockIdx.y;
    const int chunks;
    const int turns;
    // Floats of a vector and of one step's vectors.
    const int stride;
    const int vectors_size;
    float* const staged;
    // Where the column that this thread receives of a chunk lies, so that lanes read the columns that they have weights of as twice four, side by side for all
    // lanes. A lane has eight in a row of halves, and twice four in a row of floats.
    const int place_here = vector_columns<T> == lane_columns ? staged_place(threadIdx.x) : threadIdx.x;
    const int lane_place = made_once(lane_index() * 4);
    // Of the warp's first unit: its first chunk. What is beyond, and other units, comes through L1.
    float kept[gate_count][lane_columns];

    // What comes next: a step of a group of rows and of one of the warp's units. All that it needs is known before what it waits for.
    int step, first_row, turn, unit;
    int offset = 0;
    const Word* mailbox;
    // Of the warp: whether it has a unit, and a row that has this step. Of this lane's row and gate, if the step is one of the row's:
    // the gate's input and, in the lane that writes the results, where they go and the unit's state.
    bool has_work;
    bool writes;
    Word* target;
    float* output;
    float* cell;
    T input;
    float state;
    // Bit r * 4 * Lanes::lanes tells of row r.
    unsigned real_lanes;

    __device__ __forceinline__ Recurrence(const Sequence<T>& sequence, float* shared)
        : s(sequence), chunks(chunks_of(sequence.columns)), turns(turns_of(sequence.units)), stride(chunks * chunk), vectors_size(Rows * stride),
          staged(shared) {}

    __device__ __forceinline__ static int units_at_once() { return static_cast<int>(gridDim.x) * sequence_warps; }
    __device__ __forceinline__ static int unit_of(int turn) { return turn * units_at_once() + static_cast<int>(blockIdx.x) * sequence_warps + warp_index(); }
    // The same for all warps of a block; the last ones may have no unit at the last turn.
    __device__ __forceinline__ static int turns_of(int units) {
        return (units - static_cast<int>(blockIdx.x) * sequence_warps + units_at_once() - 1) / units_at_once();
    }
    __device__ __forceinline__ Word* words_of(int row, unsigned tag) const {
        return s.mail + ((static_cast<long long>(tag % 2) * 2 + direction) * s.batch + row) * s.units;
    }
    __device__ __forceinline__ bool is_real_row(int r) const { return (real_lanes >> (r * gate_count * Lanes::lanes) & 1) != 0; }

    // Asks for what a step needs beside the hidden state. Called when the one before has been sent, so that all of it comes while words are under way.
    __device__ __forceinline__ void ask(int next_step, int next_first_row, int next_turn) {
        step = next_step;
        first_row = next_first_row;
        turn = next_turn;
        unit = unit_of(turn);
        const int row = first_row + Lanes::row();
        const int length = row >= s.batch ? 0 : s.lengths == nullptr ? s.steps : __ldg(s.lengths + row);
        const bool has_steps_left = step < length;
        real_lanes = __ballot_sync(all_lanes, has_steps_left);
        has_work = real_lanes != 0 && unit < s.units;
        const bool is_real = has_steps_left && unit < s.units;
        writes = is_real && Lanes::updates();
        mailbox = words_of(first_row, step) + threadIdx.x;
        if (is_real) {
            const long long place = (static_cast<long long>(row) * s.steps + (direction == 0 ? step : length - 1 - step)) * 2 + direction;
            target = words_of(row, step + 1) + unit;
            output = s.output + place * s.units + unit;
            cell = s.cell + (static_cast<long long>(direction) * s.batch + row) * s.units + unit;
            input = __ldg(s.input_gates + (place * gate_count + Lanes::gate()) * s.units + unit);
            state = writes ? *cell : 0.0f;
        }
    }

    // Weights of this lane's columns of a chunk of a unit.
    __device__ __forceinline__ void load_chunk(int of_unit, int c, float (&w)[gate_count][lane_columns]) const {
        constexpr int n = vector_columns<T>;
        const T* const rows = s.weights + (static_cast<long long>(direction) * s.units + of_unit) * gate_count * s.columns;
#pragma unroll
        for (int gate = 0; gate < gate_count; gate++) {
#pragma unroll
            for (int part = 0; part < lane_columns; part += n) {
                const int column = c * chunk + part * warp_size + lane_index() * n;
                float vector[n] = {};
                if (column < s.columns) {
                    load_vector(rows + gate * s.columns + column, vector);
                }
#pragma unroll
                for (int i = 0; i < n; i++) {
                    w[gate][part + i] = vector[i];
                }
            }
        }
    }

    // The hidden state after the step before, of all rows of the group that have one.
    __device__ __forceinline__ void receive(float* vectors) const {
        const unsigned tag = static_cast<unsigned>(step);
#pragma unroll 1
        for (int first = 0; first + static_cast<int>(threadIdx.x) < s.units; first += chunk) {
            Word words[Rows];
#pragma unroll
            for (int r = 0; r < Rows; r++) {
                words[r] = is_real_row(r) ? 0 : make_word(0.0f, tag);
            }
            unsigned polls = 0;
            for (bool is_missing = true; is_missing;) {
                is_missing = false;
#pragma unroll
                for (int r = 0; r < Rows; r++) {
                    if (tag_of(words[r]) != tag) {
                        words[r] = load_relaxed(mailbox + r * s.units + first);
                    }
                }
#pragma unroll
                for (int r = 0; r < Rows; r++) {
                    is_missing |= tag_of(words[r]) != tag;
                }
                if (is_missing) {
                    count_poll(s.poll_limit, polls, encoder_hidden_mailbox, tag - 1);
                }
            }
#pragma unroll
            for (int r = 0; r < Rows; r++) {
                vectors[r * stride + first + place_here] = value_of(words[r]);
            }
        }
    }

    // sums += weights of a chunk times the staged vectors, by columns in their order.
    __device__ __forceinline__ void multiply(const float (&w)[gate_count][lane_columns], const float* vectors, float (&sums)[Rows * gate_count]) const {
#pragma unroll
        for (int part = 0; part < lane_columns; part += 4) {
#pragma unroll
            for (int r = 0; r < Rows; r++) {
                float x[4];
                load_local_vector(vectors + r * stride + part * warp_size, x);
#pragma unroll
                for (int gate = 0; gate < gate_count; gate++) {
#pragma unroll
                    for (int i = 0; i < 4; i++) {
                        sums[r * gate_count + gate] = fmaf(w[gate][part + i], x[i], sums[r * gate_count + gate]);
                    }
                }
            }
        }
    }

    __device__ __forceinline__ void update(const float* vectors) {
        float sums[Rows * gate_count] = {};
        if (turn == 0) {
            multiply(kept, vectors, sums);
        }
#pragma unroll 1
        for (int c = turn == 0; c < chunks; c++) {
            float w[gate_count][lane_columns];
            load_chunk(unit, c, w);
            multiply(w, vectors + c * chunk, sums);
        }
        const float value = Lanes::update(sum_over_lanes(sums) + to_float(input), state);
        if (writes) {
            send(target, value, step + 1);
            *output = value;
            *cell = state;
        }
    }

    // A step of a group of rows. Two buffers by turns: who still multiplies the last one's vectors does not hold up those who stage the next.
    __device__ __forceinline__ void advance() {
        const bool is_one_real = real_lanes != 0;
        float* const vectors = staged + offset;
        if (is_one_real) {
            offset = vectors_size - offset;
            if (step > 0) {
                receive(vectors);
            }
            __syncthreads();
        }
        const bool is_last_group = first_row + Rows >= s.batch;
#pragma unroll 1
        for (bool is_last = false; !is_last;) {
            is_last = !is_one_real || turn + 1 == turns;
            if (has_work) {
                update(vectors + lane_place);
            }
            ask(step + (is_last && is_last_group), !is_last ? first_row : is_last_group ? 0 : first_row + Rows, is_last ? 0 : turn + 1);
        }
    }

    __device__ __forceinline__ void clear_beyond_lengths() const {
        const int count = s.lengths == nullptr ? 0 : s.batch * s.steps;
        for (int i = unit_of(0); i < count; i += units_at_once()) {
            for (int k = lane_index(); i % s.steps >= __ldg(s.lengths + i / s.steps) && k < s.units; k += warp_size) {
                s.output[(static_cast<long long>(i) * 2 + direction) * s.units + k] = 0.0f;
            }
        }
    }

    __device__ __forceinline__ void run() {
        for (int i = threadIdx.x; i < 2 * vectors_size; i += sequence_threads) {
            staged[i] = 0.0f;
        }
        load_chunk(min(unit_of(0), s.units - 1), 0, kept);
        clear_beyond_lengths();
        ask(0, 0, 0);
        __syncthreads();
        while (step < s.steps) {
            advance();
        }
    }
};

} // namespace

#define LSTM_SEQUENCE(NAME, TYPE, ROWS)                                                                                                                \
    extern "C" __global__ void __launch_bounds__(sequence_threads, 1) NAME(                                                                            \
        const TYPE* input_gates, const TYPE* weights, float* output, unsigned long long* mail, float* cell, const int* lengths,                        \
        unsigned long long* abandoned, unsigned polls, int batch, int steps, int units, int columns) {                                                 \
        DYNAMIC_SHARED(float, shared);                                                                                                                 \
        const Sequence<TYPE> sequence = {input_gates, weights, output, mail, cell, lengths, {abandoned, polls}, batch, steps, units, columns};         \
        Recurrence<TYPE, ROWS> recurrence(sequence, shared);                                                                                           \
        recurrence.run();                                                                                                                              \
    }                                                                                                                                                  \
    EXPORT_KERNEL(NAME)

LSTM_SEQUENCE(lstm_sequence_f32, float, 1)
LSTM_SEQUENCE(lstm_sequence_f16, half, 1)
LSTM_SEQUENCE(lstm_sequence_batch_f32, float, batch_rows)
LSTM_SEQUENCE(lstm_sequence_batch_f16, half, batch_rows)

EXPORT_CONSTANT(lstm_sequence_threads, sequence_threads)
EXPORT_CONSTANT(lstm_sequence_chunk, chunk)
EXPORT_CONSTANT(lstm_sequence_rows, batch_rows)
