#include "persistent_decoder.cuh"

// The whole decoder (arXiv:1712.05884, section 2.2) as one cooperative launch for many steps, with every weight on the chip: a step's floor is then the time
// of handing six vectors from block to block and no longer that of reading 36 MB. persistent-decoder.md has where every weight lies, the bytes of every
// hand-over, and predicted times.
//
// A block is W warps; warp w of block b owns unit W b + w of both LSTMs, and with g = w * blocks + b row g of [projection; gate; first prenet layer], of
// the second prenet layer and of the query, and every W * blocks-th pair of row and token from g on. A step, each arrow a hand-over to all blocks:
//
//   prenet1 -> prenet2 -> attention LSTM h1 -> query -> energies -> softmax, decoder LSTM h2 -> frames, gate, prenet1 of the next step
//
// Each arrow stands between two nonlinear functions of whole vectors, so only repeating a layer in every block could save one.
// - Projection and first prenet layer are one product, as there is nothing but a sum between them: W1 (P x + b) = (W1 P) x + W1 b.
// - The context c = sum over t of a[t] m[t] is never made: whatever reads it multiplies it by weights V first, and V c = sum over t of a[t] (V m[t]).
//   V m[t], the readouts, are made once an utterance (readouts.cu), and the alignment takes the context's place.
// - A vector that has arrived is used at once for everything that reads it, in this step or the next, and then forgotten: what an LSTM adds up for its
//   next step waits in registers. So what waits for the last vector is short: 256 of the attention LSTM's columns, the readouts for the decoder LSTM.
//
// Words of odd and even steps lie apart, and no block is two steps ahead: in every step all wait for every block's units or rows of the second prenet layer,
// or, where a narrow model leaves a block without, for a sign of life. Tags are never used twice, so nothing is cleared between launches.

namespace {

// Components of the attention's width that a lane has.
constexpr int components = 4;
// Pairs of row and token that a warp has at most: PersistentDecoderPlan knows it too.
template <int Rows> constexpr int most_pairs = Rows == 1 ? 1 : 2;

// The boxes of one parity of steps, each [Rows, box width]; the last has one row: whether all rows have ended, and
// the signs of life.
enum Box { prenet1_box, prenet2_box, hidden1_box, query_box, energies_box, hidden2_box, end_box, box_count };

struct Sizes {
    int attention_units;
    int decoder_units;
    int prenet;
    int step_width;
    int attention;
    int taps;
    int token_stride;
    int readout_stride;
    int box_width;
    // What of it lies in shared memory: chunks of the decoder LSTM behind those in registers, rows' readouts.
    int shared_chunks;
    int shared_readouts;

    __device__ __forceinline__ int small() const { return step_width + 1 + prenet; }
    __device__ __forceinline__ int readout_rows() const { return 4 * attention_units + 4 * decoder_units + (small() + 3) / 4 * 4; }
};

// [B, units padded to 8], [B, token_stride]: read at the start and written at the end.
struct State {
    float* hidden1;
    float* cell1;
    float* hidden2;
    float* cell2;
    float* previous;
    float* cumulative;
};

// In whole chunks, see PersistentDecoderWeights.cs: lstm1 over [prenet, h1], lstm2 over [h1, h2], small over h2: projection, gate, first prenet layer.
struct Weights {
    const uint4* lstm1;
    const uint4* lstm2;
    const uint4* small;
    const uint4* prenet2;
    const uint4* query;
    const float* bias1;
    const float* bias2;
    const float* small_bias;
    const float* location;
    const float* v;
};

// Of each row of the batch; keys [B, token_stride, attention], readouts [B, readout rows, readout_stride].
struct Request {
    const float* keys;
    const unsigned* readouts;
    const int* slots;
    const int* tokens;
    int* end;
    const float* gate_logits;
    const unsigned long long* keep_masks;
    const int* keep_steps;
    const unsigned long long* seeds;
    const unsigned* utterances;
};

// Up to `steps` steps from `start` on, of the rows in the first `active` slots. mail [2 parities, boxes, Rows, box_width]; in the host's memory records
// [slots, record_steps, step_width + 1 + token_stride]: frames, gate logit, alignment, and the word that ends the launch when it is not 0.
struct Launch {
    Word* mail;
    Word* records;
    const unsigned* cancel;
    int active;
    int start;
    int steps;
    int record_steps;
    unsigned first_tag;
};

// Where a block has what it owns.
struct Shared {
    uint4* lstm1;
    uint4* lstm2;
    uint4* small;
    uint4* prenet2;
    uint4* query;
    float* staged;     // [Rows, staged_stride]: the vector that has arrived last.
    float* alignment;  // [Rows, readout_stride]: energies, then weights; zero beyond a row's tokens.
    float* cumulative; // [Rows, token_stride].
    int* row;          // [Rows]: of the batch.
    int* tokens;       // [Rows].
    float* has_ended;
    unsigned* readouts; // [shared_readouts, 8 warps + small rows, readout_stride].
};

__device__ __forceinline__ int padded(int width) { return (width + 7) / 8 * 8; }
__device__ __forceinline__ int warps_here() { return static_cast<int>(blockDim.x) / warp_size; }
// Of rows that are dealt out to blocks one by one.
__device__ __forceinline__ int rows_here(int rows) { return (rows + static_cast<int>(gridDim.x) - 1) / static_cast<int>(gridDim.x); }

template <typename T> __device__ __forceinline__ void copy_to_shared(T* target, const T* source, int count) {
    for (int i = threadIdx.x; i < count; i += blockDim.x) {
        target[i] = __ldg(source + i);
    }
}

// One thread's part in all steps. Kept: chunks of the decoder LSTM that a warp has in registers.
template <int Rows, int Kept> struct OnChip {
    using Lanes = GateLanes<Rows>;
    const Sizes s;
    const State state;
    const Weights weights;
    const Request request;
    const Launch launch;
    Shared here;

    int chunks_p, chunks_1, chunks_2, staged_stride;
    int g, unit;
    bool has_unit1, has_unit2;
    // After sums over lanes a lane has one gate of one row, or one output of one row.
    bool has_gate_row, has_value;
    int value_slot;
    const uint4* global2;
    uint4 kept[Kept > 0 ? Kept : 1][gate_count];

    // Sums of this step or the next, as far as their vectors have come.
    float sums1[Rows * gate_count] = {};
    float sums2[Rows * gate_count] = {};
    float small_sums[Rows] = {};
    float base[most_pairs<Rows>][components] = {};
    float bias1, bias2, small_bias;
    float value1 = 0.0f, value2 = 0.0f, memory1, memory2;
    int step;
    unsigned tag;
    unsigned cancelled = 0;

    __device__ __forceinline__ OnChip(const Sizes& sizes, const State& all_state, const Weights& all_weights, const Request& asked, const Launch& this_launch)
        : s(sizes), state(all_state), weights(all_weights), request(asked), launch(this_launch) {
        chunks_p = chunks_of(s.prenet);
        chunks_1 = chunks_of(s.attention_units);
        chunks_2 = chunks_of(s.decoder_units);
        staged_stride = max(chunks_p, max(chunks_1, chunks_2)) * chunk;
        g = warp_index() * gridDim.x + blockIdx.x;
        unit = blockIdx.x * warps_here() + warp_index();
        has_unit1 = unit < s.attention_units;
        has_unit2 = unit < s.decoder_units;
        has_gate_row = Lanes::row() < launch.active;
        value_slot = lane_index() / (warp_size / Rows);
        has_value = lane_index() % (warp_size / Rows) == 0 && value_slot < launch.active;
        lay_out();
        take_weights();
        take_rows();
        __syncthreads();
        take_state();
        step = launch.start;
        tag = launch.first_tag;
    }

    __device__ __forceinline__ void lay_out() {
        DYNAMIC_SHARED(uint4, shared);
        const int of_gates = warps_here() * gate_count * warp_size;
        here.lstm1 = shared;
        here.lstm2 = here.lstm1 + (chunks_p + chunks_1) * of_gates;
        here.small = here.lstm2 + s.shared_chunks * of_gates;
        here.prenet2 = here.small + rows_here(s.small()) * chunks_2 * warp_size;
        here.query = here.prenet2 + rows_here(s.prenet) * chunks_p * warp_size;
        here.staged = reinterpret_cast<float*>(here.query + rows_here(s.attention) * chunks_1 * warp_size);
        here.alignment = here.staged + Rows * staged_stride;
        here.readouts = reinterpret_cast<unsigned*>(here.alignment + Rows * s.readout_stride);
        here.cumulative = reinterpret_cast<float*>(here.readouts + s.shared_readouts * readout_words());
        here.row = reinterpret_cast<int*>(here.cumulative + Rows * s.token_stride);
        here.tokens = here.row + Rows;
        here.has_ended = reinterpret_cast<float*>(here.tokens + Rows);
    }

    // 32-bit words of one row's readouts that a block has.
    __device__ __forceinline__ int readout_words() const { return (2 * gate_count * warps_here() + rows_here(s.small())) * s.readout_stride / 2; }

    // A block's units' rows lie together, its small rows every `blocks` rows.
    __device__ __forceinline__ void take_weights() {
        const int per_unit1 = (chunks_p + chunks_1) * gate_count * warp_size;
        const int first_unit = blockIdx.x * warps_here();
        const int units1 = min(warps_here(), max(0, s.attention_units - first_unit));
        copy_to_shared(here.lstm1, weights.lstm1 + static_cast<long long>(first_unit) * per_unit1, units1 * per_unit1);
        const int chunks = chunks_1 + chunks_2;
        global2 = weights.lstm2 + static_cast<long long>(min(unit, s.decoder_units - 1)) * chunks * gate_count * warp_size;
#pragma unroll
        for (int c = 0; c < Kept; c++) {
#pragma unroll
            for (int gate = 0; gate < gate_count; gate++) {
                kept[c][gate] = c < chunks ? __ldg(global2 + (c * gate_count + gate) * warp_size + lane_index()) : make_uint4(0, 0, 0, 0);
            }
        }
        uint4* const mine = here.lstm2 + warp_index() * s.shared_chunks * gate_count * warp_size;
        for (int i = lane_index(); i < s.shared_chunks * gate_count * warp_size; i += warp_size) {
            mine[i] = __ldg(global2 + Kept * gate_count * warp_size + i);
        }
        copy_rows(here.small, weights.small, s.small(), chunks_2 * warp_size);
        copy_rows(here.prenet2, weights.prenet2, s.prenet, chunks_p * warp_size);
        copy_rows(here.query, weights.query, s.attention, chunks_1 * warp_size);
        bias1 = has_unit1 ? weights.bias1[unit * gate_count + Lanes::gate()] : 0.0f;
        bias2 = has_unit2 ? weights.bias2[unit * gate_count + Lanes::gate()] : 0.0f;
        small_bias = g < s.small() ? weights.small_bias[g] : 0.0f;
    }

    __device__ __forceinline__ void copy_rows(uint4* target, const uint4* source, int rows, int vectors) {
        for (int i = 0; i * static_cast<int>(gridDim.x) + static_cast<int>(blockIdx.x) < rows; i++) {
            copy_to_shared(target + i * vectors, source + (static_cast<long long>(i) * gridDim.x + blockIdx.x) * vectors, vectors);
        }
    }

    // Rows without a slot of their own have no tokens.
    __device__ __forceinline__ void take_rows() {
        if (threadIdx.x < Rows) {
            const bool is_active = static_cast<int>(threadIdx.x) < launch.active;
            const int row = is_active ? request.slots[threadIdx.x] : 0;
            here.row[threadIdx.x] = row;
            here.tokens[threadIdx.x] = is_active ? request.tokens[row] : 0;
        }
        for (int r = 0; r < launch.active; r++) {
            const int row = request.slots[r];
            for (int token = threadIdx.x; token < s.readout_stride; token += blockDim.x) {
                const bool is_real = token < request.tokens[row];
                here.alignment[r * s.readout_stride + token] = is_real ? state.previous[row * s.token_stride + token] : 0.0f;
                if (token < s.token_stride) {
                    here.cumulative[r * s.token_stride + token] = is_real ? state.cumulative[row * s.token_stride + token] : 0.0f;
                }
            }
            if (r < s.shared_readouts) {
                take_readouts(here.readouts + r * readout_words(), row);
            }
        }
    }

    __device__ __forceinline__ void take_readouts(unsigned* target, int row) {
        const int words = s.readout_stride / 2;
        const int first_unit = blockIdx.x * warps_here();
        const int units1 = min(warps_here(), max(0, s.attention_units - first_unit));
        const int units2 = min(warps_here(), max(0, s.decoder_units - first_unit));
        copy_to_shared(target, readouts_of(row, gate_count * first_unit), gate_count * units1 * words);
        target += gate_count * warps_here() * words;
        copy_to_shared(target, readouts_of(row, gate_count * (s.attention_units + first_unit)), gate_count * units2 * words);
        target += gate_count * warps_here() * words;
        for (int i = 0; i * static_cast<int>(gridDim.x) + static_cast<int>(blockIdx.x) < s.small(); i++) {
            copy_to_shared(target + i * words, readouts_of(row, small_readout() + i * gridDim.x + blockIdx.x), words);
        }
    }

    __device__ __forceinline__ int small_readout() const { return gate_count * (s.attention_units + s.decoder_units); }
    __device__ __forceinline__ const unsigned* readouts_of(int row, int first) const {
        return request.readouts + (static_cast<long long>(row) * s.readout_rows() + first) * (s.readout_stride / 2);
    }

    // As if the step before had just ended.
    __device__ __forceinline__ void take_state() {
        const int row = here.row[has_gate_row ? Lanes::row() : 0];
        memory1 = has_unit1 ? state.cell1[static_cast<long long>(row) * padded(s.attention_units) + unit] : 0.0f;
        memory2 = has_unit2 ? state.cell2[static_cast<long long>(row) * padded(s.decoder_units) + unit] : 0.0f;
        tag = launch.first_tag - 1;
        step = launch.start - 1;
        stage_state(state.hidden1, s.attention_units);
        add_chunks<Rows, gate_count>(my_lstm1(), chunks_p, chunks_p + chunks_1, here.staged, staged_stride, sums1);
        after_alignment();
        stage_state(state.hidden2, s.decoder_units);
        if (launch.start > 0) {
            project(false);
        } else {
            clear(small_sums);
        }
        add_decoder(chunks_1, chunks_1 + chunks_2);
    }

    __device__ __forceinline__ void stage_state(const float* vectors, int count) {
        __syncthreads();
        const int width = chunks_of(count) * chunk;
        for (int i = threadIdx.x; i < launch.active * width; i += blockDim.x) {
            const int column = i % width;
            const float value = column < count ? vectors[static_cast<long long>(here.row[i / width]) * padded(count) + column] : 0.0f;
            here.staged[i / width * staged_stride + staged_place(column)] = value;
        }
        __syncthreads();
    }

    __device__ __forceinline__ static int component(int k) { return lane_index() + k * warp_size; }
    __device__ __forceinline__ const uint4* my_lstm1() const { return here.lstm1 + warp_index() * (chunks_p + chunks_1) * gate_count * warp_size; }
    __device__ __forceinline__ Word* box(Box which, int row, unsigned of_tag) const {
        return launch.mail + (static_cast<long long>(of_tag % 2 * box_count + which) * Rows + row) * s.box_width;
    }
    template <int Count> __device__ __forceinline__ static void clear(float (&values)[Count]) {
#pragma unroll
        for (int i = 0; i < Count; i++) {
            values[i] = 0.0f;
        }
    }

    // Stages a vector; all threads are done with the one before when it begins and see all of it when it returns.
    __device__ __forceinline__ void stage(Box which, int count) {
        __syncthreads();
        receive<Rows>(box(which, 0, tag), s.box_width, chunks_of(count) * chunk, launch.active, tag, [&](int) { return count; },
            [&](int r, int column, float value) { here.staged[r * staged_stride + staged_place(column)] = value; });
        __syncthreads();
    }

    // A lane's value of an output that this warp owns, for all rows.
    __device__ __forceinline__ float multiply(const uint4* row, int chunks) const {
        float sums[Rows] = {};
        add_chunks<Rows, 1>(row + warp_index() * chunks * warp_size, 0, chunks, here.staged, staged_stride, sums);
        return sum_over_lanes(sums);
    }

    // Chunks first to end - 1 of the decoder LSTM: the first lie in registers, the next in shared memory, the others in L2.
    __device__ __forceinline__ void add_decoder(int first, int end) {
#pragma unroll
        for (int c = 0; c < Kept; c++) {
            if (c >= first && c < end) {
                add_chunk<Rows, gate_count>(kept[c], here.staged + (c - first) * chunk, staged_stride, sums2);
            }
        }
        const int rest = max(first, Kept);
        const int from_shared = min(end, Kept + s.shared_chunks);
        const uint4* const mine = here.lstm2 + (warp_index() * s.shared_chunks - Kept) * gate_count * warp_size;
        add_chunks<Rows, gate_count>(mine, rest, from_shared, here.staged + (rest - first) * chunk, staged_stride, sums2);
        const int beyond = max(rest, from_shared);
        add_chunks<Rows, gate_count, LoadFrom::ReadOnly>(global2, beyond, end, here.staged + (beyond - first) * chunk, staged_stride, sums2);
    }

    // sums += readouts times alignment, of Outputs rows of weights that begin with row first, in shared memory with row first_here.
    template <int Outputs> __device__ __forceinline__ void add_context(int first, int first_here, float (&sums)[Rows * Outputs]) {
#pragma unroll
        for (int r = 0; r < Rows; r++) {
            float of_row[Outputs];
#pragma unroll
            for (int o = 0; o < Outputs; o++) {
                of_row[o] = sums[r * Outputs + o];
            }
            const float* const alignment = here.alignment + r * s.readout_stride;
            if (r < s.shared_readouts) {
                const unsigned* const mine = here.readouts + r * readout_words() + first_here * (s.readout_stride / 2);
                add_readouts<Outputs, LoadFrom::Local>(mine, s.readout_stride, alignment, here.tokens[r], of_row);
            } else if (r < launch.active) {
                add_readouts<Outputs, LoadFrom::ReadOnly>(readouts_of(here.row[r], first), s.readout_stride, alignment, here.tokens[r], of_row);
            }
#pragma unroll
            for (int o = 0; o < Outputs; o++) {
                sums[r * Outputs + o] = of_row[o];
            }
        }
    }

    // What else reads the context: the next step's attention LSTM, this one's projection.
    __device__ __forceinline__ void after_alignment() {
        if (has_unit1) {
            add_context<gate_count>(gate_count * unit, gate_count * warp_index(), sums1);
        }
        if (g < s.small()) {
            add_context<1>(small_readout() + g, 2 * gate_count * warps_here() + warp_index(), small_sums);
        }
    }

    // Calls act(k, row, token) for this warp's pairs of row and token.
    template <typename Act> __device__ __forceinline__ void for_tokens(const Act& act) {
#pragma unroll
        for (int k = 0; k < most_pairs<Rows>; k++) {
            const int pair = g + k * warps_here() * static_cast<int>(gridDim.x);
            const int r = Rows == 1 ? 0 : pair / s.token_stride;
            const int token = pair - r * s.token_stride;
            if (r < launch.active && token < here.tokens[r]) {
                act(k, r, token);
            }
        }
    }

    // Energies, all but the query: keys and location features of the last step's alignment. They are ready before the query is.
    __device__ __forceinline__ void locate() {
        for_tokens([&](int k, int r, int token) {
            const float* const keys = request.keys + (static_cast<long long>(here.row[r]) * s.token_stride + token) * s.attention;
#pragma unroll
            for (int i = 0; i < components; i++) {
                base[k][i] = component(i) < s.attention ? __ldg(keys + component(i)) : 0.0f;
            }
            const int begin = token - s.taps / 2;
#pragma unroll 1
            for (int tap = max(0, -begin); tap < min(s.taps, here.tokens[r] - begin); tap++) {
                const float previous = here.alignment[r * s.readout_stride + begin + tap];
                const float cumulative = here.cumulative[r * s.token_stride + begin + tap];
#pragma unroll
                for (int i = 0; i < components; i++) {
                    if (component(i) < s.attention) {
                        base[k][i] = fmaf(__ldg(weights.location + tap * s.attention + component(i)), previous, base[k][i]);
                        base[k][i] = fmaf(__ldg(weights.location + (s.taps + tap) * s.attention + component(i)), cumulative, base[k][i]);
                    }
                }
            }
        });
    }

    // The first frame is zero, and so is what the prenet makes of it. All hear here, too, whether the step before was the last one.
    __device__ __forceinline__ bool prenet() {
        if (step == 0) {
            locate();
            return true;
        }
        if (static_cast<int>(blockIdx.x) < s.prenet) {
            bool keeps = false;
            if (has_value && g < s.prenet) {
                keeps = dropout_of(step).keeps(here.row[value_slot], 1, g);
            }
            stage(prenet1_box, s.prenet);
            if (g < s.prenet) {
                const float value = multiply(here.prenet2, chunks_p);
                if (has_value) {
                    send(box(prenet2_box, value_slot, tag) + g, Dropout::apply(keeps, value), tag);
                }
            }
        }
        locate();
        if (step > launch.start) {
            const int count = 1 + blocks_without_part();
            receive<1>(box(end_box, 0, tag - 1), s.box_width, count, 1, tag - 1, [=](int) { return count; }, [&](int, int column, float value) {
                if (column == 0) {
                    *here.has_ended = value;
                }
            });
        }
        stage(prenet2_box, s.prenet);
        if (step > launch.start && *here.has_ended != 0.0f) {
            return false;
        }
        add_chunks<Rows, gate_count>(my_lstm1(), 0, chunks_p, here.staged, staged_stride, sums1);
        return true;
    }

    // The last ones, which have no unit and no row of the second prenet layer.
    __device__ __forceinline__ int blocks_without_part() const {
        const int with_units = (max(s.attention_units, s.decoder_units) + warps_here() - 1) / warps_here();
        return max(0, static_cast<int>(gridDim.x) - max(s.prenet, with_units));
    }

    __device__ __forceinline__ Dropout dropout_of(int of_step) const {
        return {request.keep_masks, request.keep_steps, request.seeds, request.utterances, of_step, s.prenet};
    }

    __device__ __forceinline__ void attention_lstm() {
        if (has_unit1) {
            value1 = Lanes::update(sum_over_lanes(sums1) + bias1, memory1);
            if (Lanes::updates() && has_gate_row) {
                send(box(hidden1_box, Lanes::row(), tag) + unit, value1, tag);
            }
        }
        clear(sums1);
    }

    __device__ __forceinline__ void query() {
        stage(hidden1_box, s.attention_units);
        if (g < s.attention) {
            const float value = multiply(here.query, chunks_1);
            if (has_value) {
                send(box(query_box, value_slot, tag) + g, value, tag);
            }
        }
        add_decoder(0, chunks_1);
        add_chunks<Rows, gate_count>(my_lstm1(), chunks_p, chunks_p + chunks_1, here.staged, staged_stride, sums1);
        if (g == s.step_width) {
            // From the host, over PCIe: asked for now, looked at when the gate is known, three hand-overs later.
            cancelled = load_relaxed_system(launch.cancel);
        }
    }

    __device__ __forceinline__ void energies() {
        float v[components];
#pragma unroll
        for (int i = 0; i < components; i++) {
            v[i] = component(i) < s.attention ? __ldg(weights.v + component(i)) : 0.0f;
        }
        __syncthreads();
        receive<Rows>(box(query_box, 0, tag), s.box_width, s.attention, launch.active, tag, [&](int) { return s.attention; },
            [&](int r, int column, float value) { here.staged[r * staged_stride + column] = value; });
        __syncthreads();
        for_tokens([&](int k, int r, int token) {
            float energy = 0.0f;
#pragma unroll
            for (int i = 0; i < components; i++) {
                const float query = component(i) < s.attention ? here.staged[r * staged_stride + component(i)] : 0.0f;
                energy = fmaf(v[i], tanhf(base[k][i] + query), energy);
            }
            energy = warp_sum(energy);
            if (lane_index() == 0) {
                send(box(energies_box, r, tag) + token, energy, tag);
            }
        });
    }

    // A warp a row, by every block for itself.
    __device__ __forceinline__ void align() {
        receive<Rows>(box(energies_box, 0, tag), s.box_width, s.token_stride, launch.active, tag, [&](int r) { return here.tokens[r]; },
            [&](int r, int token, float value) { here.alignment[r * s.readout_stride + token] = value; });
        __syncthreads();
        const int r = warp_index();
        if (r < launch.active) {
            const int count = here.tokens[r];
            float* const alignment = here.alignment + r * s.readout_stride;
            softmax(alignment, count);
            for (int token = lane_index(); token < s.token_stride; token += warp_size) {
                if (token < count) {
                    here.cumulative[r * s.token_stride + token] += alignment[token];
                    if (static_cast<int>(blockIdx.x) == r % static_cast<int>(gridDim.x)) {
                        send_to_host(record(r) + s.step_width + 1 + token, alignment[token], tag);
                    }
                }
            }
        }
        __syncthreads();
    }

    __device__ __forceinline__ Word* record(int r) const {
        return launch.records + (static_cast<long long>(r) * launch.record_steps + step - launch.start) * (s.step_width + 1 + s.token_stride);
    }

    __device__ __forceinline__ void decoder_lstm() {
        if (has_unit2) {
            add_context<gate_count>(gate_count * (s.attention_units + unit), gate_count * (warps_here() + warp_index()), sums2);
            value2 = Lanes::update(sum_over_lanes(sums2) + bias2, memory2);
            if (Lanes::updates() && has_gate_row) {
                send(box(hidden2_box, Lanes::row(), tag) + unit, value2, tag);
            }
        }
        clear(sums2);
        after_alignment();
    }

    __device__ __forceinline__ void frames() {
        stage(hidden2_box, s.decoder_units);
        project(true);
        add_decoder(chunks_1, chunks_1 + chunks_2);
        const int without_part = static_cast<int>(blockIdx.x) - static_cast<int>(gridDim.x) + blocks_without_part();
        if (without_part >= 0 && threadIdx.x == 0) {
            send(box(end_box, 0, tag) + 1 + without_part, 0.0f, tag);
        }
    }

    // Frames and gate, and the first prenet layer of the step after it.
    __device__ __forceinline__ void project(bool is_step) {
        if (g >= s.small()) {
            return;
        }
        add_chunks<Rows, 1>(here.small + warp_index() * chunks_2 * warp_size, 0, chunks_2, here.staged, staged_stride, small_sums);
        const float value = sum_over_lanes(small_sums) + small_bias;
        clear(small_sums);
        const int prenet_unit = g - s.step_width - 1;
        if (prenet_unit >= 0) {
            if (has_value) {
                const bool keeps = dropout_of(step + 1).keeps(here.row[value_slot], 0, prenet_unit);
                send(box(prenet1_box, value_slot, tag + 1) + prenet_unit, Dropout::apply(keeps, value), tag + 1);
            }
        } else if (is_step) {
            if (has_value) {
                send_to_host(record(value_slot) + g, value, tag);
            }
            if (g == s.step_width) {
                judge(value);
            }
        }
    }

    // The gate's warp: which rows end with this step, and whether all have.
    __device__ __forceinline__ void judge(float gate) {
        bool has_ended = true;
        if (has_value) {
            const int row = here.row[value_slot];
            if (gate > request.gate_logits[row] && step < request.end[row]) {
                request.end[row] = step + 1;
            }
            has_ended = step + 1 >= request.end[row];
        }
        const bool have_all = __all_sync(all_lanes, has_ended);
        if (lane_index() == 0) {
            send(box(end_box, 0, tag), have_all || cancelled != 0 ? 1.0f : 0.0f, tag);
        }
    }

    __device__ __forceinline__ void run() {
        for (; step < launch.start + launch.steps && prenet(); step++, tag++) {
            attention_lstm();
            query();
            energies();
            align();
            decoder_lstm();
            frames();
        }
        leave_state();
    }

    __device__ __forceinline__ void leave_state() {
        if (Lanes::updates() && has_gate_row) {
            const long long row = here.row[Lanes::row()];
            if (has_unit1) {
                state.hidden1[row * padded(s.attention_units) + unit] = value1;
                state.cell1[row * padded(s.attention_units) + unit] = memory1;
            }
            if (has_unit2) {
                state.hidden2[row * padded(s.decoder_units) + unit] = value2;
                state.cell2[row * padded(s.decoder_units) + unit] = memory2;
            }
        }
        for (int i = threadIdx.x; blockIdx.x == 0 && i < launch.active * s.token_stride; i += blockDim.x) {
            const int r = i / s.token_stride;
            const int token = i % s.token_stride;
            state.previous[here.row[r] * s.token_stride + token] = here.alignment[r * s.readout_stride + token];
            state.cumulative[here.row[r] * s.token_stride + token] = here.cumulative[i];
        }
    }
};

} // namespace

//   cooperative grid: as many blocks as the plan says, each with work of its own; block 32 W
//   dynamic shared memory: PersistentDecoderPlan adds it up
#define PERSISTENT_DECODER(NAME, ROWS, KEPT, WARPS)                                                                                                        \
    extern "C" __global__ void __launch_bounds__(WARPS * warp_size, 1) NAME(                                                                               \
        float* hidden1, float* cell1, float* hidden2, float* cell2, float* previous, float* cumulative, const float* keys, const half* readouts,           \
        const half* lstm1, const half* lstm2, const half* small, const half* prenet2, const half* query, const float* bias1, const float* bias2,           \
        const float* small_bias, const float* location, const float* v, const unsigned long long* keep_masks, const int* keep_steps,                       \
        const unsigned long long* seeds, const unsigned* utterances, const int* slots, const int* tokens, int* end, const float* gate_logits,              \
        unsigned long long* mail, unsigned long long* records, const unsigned* cancel, int attention_units, int decoder_units, int prenet,                 \
        int step_width, int attention, int taps, int token_stride, int readout_stride, int box_width, int shared_chunks, int shared_readouts,              \
        int active, int start, int steps, int record_steps, unsigned first_tag) {                                                                          \
        const auto vectors = [](const half* rows) { return reinterpret_cast<const uint4*>(rows); };                                                        \
        const Sizes sizes = {attention_units, decoder_units, prenet, step_width, attention, taps, token_stride, readout_stride, box_width, shared_chunks,  \
            shared_readouts};                                                                                                                              \
        const State state = {hidden1, cell1, hidden2, cell2, previous, cumulative};                                                                        \
        const Weights weights = {vectors(lstm1), vectors(lstm2), vectors(small), vectors(prenet2), vectors(query), bias1, bias2, small_bias, location, v}; \
        const Request request = {keys, reinterpret_cast<const unsigned*>(readouts), slots, tokens, end, gate_logits, keep_masks, keep_steps, seeds,        \
            utterances};                                                                                                                                   \
        const Launch launch = {mail, records, cancel, active, start, steps, record_steps, first_tag};                                                      \
        OnChip<ROWS, KEPT> decoder(sizes, state, weights, request, launch);                                                                                \
        decoder.run();                                                                                                                                     \
    }                                                                                                                                                      \
    EXPORT_KERNEL(NAME)

// Rows, chunks kept in registers, warps at most (12 leave a thread 168 registers, 8 leave it 255): PersistentDecoderPlan finds kernels by these names.
PERSISTENT_DECODER(persistent_decoder_1_4_12_f16, 1, 4, 12)
PERSISTENT_DECODER(persistent_decoder_2_2_12_f16, 2, 2, 12)
PERSISTENT_DECODER(persistent_decoder_4_1_8_f16, 4, 1, 8)
PERSISTENT_DECODER(persistent_decoder_8_0_8_f16, 8, 0, 8)
