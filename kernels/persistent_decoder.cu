#include "common.cuh"
#include "decoder.cuh"

// The whole decoder (arXiv:1712.05884, section 2.2) as one cooperative launch for many steps, with every weight on the chip: the step's floor is
// then the time of handing seven vectors from block to block and no longer that of reading 36 MB (persistent-decoder.md has the design, where every
// weight lies, the bytes and the predicted times).
//
// A block is 8 warps; warp w of block b owns unit 8 b + w of both LSTMs, and with g = w * blocks + b: row g of [projection; gate; first prenet layer],
// of the second prenet layer and of the query, and token g of every row of the batch. A step:
//
//   prenet2 -> attention LSTM -> h1 -> query -> q -> energies -> e -> softmax, context -> c -> decoder LSTM -> h2 -> projection, gate, prenet1 -> prenet2
//
// Each arrow between names is a hand-over to all blocks. A vector that has arrived is used at once for everything that reads it, in this step or the
// next, and then forgotten: what an LSTM adds up for its next step waits in registers. Projection and first prenet layer are one matrix product, as
// there is nothing but a sum between them: W1 (P x + b) = (W1 P) x + W1 b.
//
// A hand-over is a 64-bit word of a float and the number of the step, written and read whole, so that a value tells by itself that it has come
// (the LL protocol of NCCL, public repository NVIDIA/nccl, does the same). Words of odd and even steps lie apart: every block sends something
// in every step that all others need for the next, so none is two steps ahead.

namespace {

constexpr int persistent_warps = 8;
constexpr int persistent_threads = persistent_warps * warp_size;
// Columns that a warp multiplies at a time: 8 halves a lane.
constexpr int chunk = warp_size * 8;
// Components of the attention's width that a lane has.
constexpr int components = 4;

__device__ __forceinline__ int chunks_of(int columns) { return (columns + chunk - 1) / chunk; }

// Where a column lies in a staged vector: lanes read their 8 columns as twice 4 that lie side by side for all lanes, without bank conflicts.
__device__ __forceinline__ int staged_place(int column) {
    return column / chunk * chunk + column % 8 / 4 * (chunk / 2) + column % chunk / 8 * 4 + column % 4;
}

using Word = unsigned long long;

__device__ __forceinline__ void send(Word* word, float value, unsigned tag) {
    store_relaxed(word, static_cast<Word>(tag) << 32 | __float_as_uint(value));
}

struct Sizes {
    int active;
    int attention_units;
    int decoder_units;
    int prenet;
    int encoder;
    int step_width;
    int attention;
    int taps;
    int token_stride;
};

// The boxes of one parity of steps, each [Rows, box width]; the last has one word, whether all rows have ended.
enum Box { prenet1_box, prenet2_box, hidden1_box, query_box, energies_box, context_box, hidden2_box, end_box, box_count };

// Waits for the first count words of a box's row and calls take(column, value) for whole chunks; beyond count the value is 0.
template <typename Take> __device__ __forceinline__ void receive(const Word* box, int count, unsigned tag, const Take& take) {
    constexpr int in_flight = 4;
#pragma unroll 1
    for (int first = threadIdx.x; first < chunks_of(count) * chunk; first += in_flight * persistent_threads) {
        Word words[in_flight];
        bool is_missing = true;
#pragma unroll
        for (int i = 0; i < in_flight; i++) {
            words[i] = first + i * persistent_threads < count ? 0 : static_cast<Word>(tag) << 32;
        }
        while (is_missing) {
            is_missing = false;
#pragma unroll
            for (int i = 0; i < in_flight; i++) {
                if (words[i] >> 32 != tag) {
                    words[i] = load_relaxed(box + first + i * persistent_threads);
                }
            }
#pragma unroll
            for (int i = 0; i < in_flight; i++) {
                is_missing |= words[i] >> 32 != tag;
            }
            if (is_missing) {
                spin_poll();
            }
        }
#pragma unroll
        for (int i = 0; i < in_flight; i++) {
            const int index = first + i * persistent_threads;
            if (index < chunks_of(count) * chunk) {
                take(index, __uint_as_float(static_cast<unsigned>(words[i])));
            }
        }
    }
}

// sums[r * Outputs + o] += this lane's columns of one chunk of a staged vector.
template <int Rows, int Outputs>
__device__ __forceinline__ void add_chunk(const uint4 (&weights)[Outputs], const float* staged, int staged_stride, float (&sums)[Rows * Outputs]) {
#pragma unroll
    for (int part = 0; part < 2; part++) {
        float x[Rows][4];
#pragma unroll
        for (int r = 0; r < Rows; r++) {
            load_local_vector(staged + r * staged_stride + part * (chunk / 2) + lane_index() * 4, x[r]);
        }
#pragma unroll
        for (int o = 0; o < Outputs; o++) {
            float w[4];
            unpack_halves(part == 0 ? weights[o].x : weights[o].z, w[0], w[1]);
            unpack_halves(part == 0 ? weights[o].y : weights[o].w, w[2], w[3]);
#pragma unroll
            for (int r = 0; r < Rows; r++) {
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    sums[r * Outputs + o] = fmaf(w[i], x[r][i], sums[r * Outputs + o]);
                }
            }
        }
    }
}

// The same for chunks first to end - 1 of rows laid out [chunk][Outputs][lane][8]; the staged vector begins with chunk first.
template <int Rows, int Outputs, LoadFrom From = LoadFrom::Local>
__device__ __forceinline__ void add_chunks(const uint4* weights, int first, int end, const float* staged, int staged_stride, float (&sums)[Rows * Outputs]) {
#pragma unroll 1
    for (int c = first; c < end; c++) {
        uint4 w[Outputs];
#pragma unroll
        for (int o = 0; o < Outputs; o++) {
            w[o] = load_from<From>(weights + (c * Outputs + o) * warp_size + lane_index());
        }
        add_chunk<Rows, Outputs>(w, staged + (c - first) * chunk, staged_stride, sums);
    }
}

// Chunks first to end - 1 of the decoder LSTM: the first Kept lie in registers, the next up to shared_end in shared memory, the others in L2.
template <int Rows, int Kept>
__device__ __forceinline__ void add_decoder_chunks(
    const uint4 (&kept)[Kept][gate_count], const uint4* shared, int shared_end, const uint4* global, int first, int end, const float* staged, int staged_stride,
    float (&sums)[Rows * gate_count]) {
#pragma unroll
    for (int c = 0; c < Kept; c++) {
        if (c >= first && c < end) {
            add_chunk<Rows, gate_count>(kept[c], staged + (c - first) * chunk, staged_stride, sums);
        }
    }
    const int rest = max(first, Kept);
    const int from_shared = min(end, shared_end);
    if (rest < from_shared) {
        add_chunks<Rows, gate_count>(shared - Kept * gate_count * warp_size, rest, from_shared, staged + (rest - first) * chunk, staged_stride, sums);
    }
    const int beyond = max(rest, from_shared);
    if (beyond < end) {
        add_chunks<Rows, gate_count, LoadFrom::ReadOnly>(global, beyond, end, staged + (beyond - first) * chunk, staged_stride, sums);
    }
}

__device__ __forceinline__ void copy_to_shared(uint4* target, const uint4* source, int count) {
    for (int i = threadIdx.x; i < count; i += persistent_threads) {
        target[i] = __ldg(source + i);
    }
}

// Energies of this warp's token, all but the query: key and location features. They are ready before the query is.
__device__ __forceinline__ void add_location(
    const float* keys, const float* location, const float* previous, const float* cumulative, int token, int count, const Sizes& s,
    float (&base)[components]) {
#pragma unroll
    for (int k = 0; k < components; k++) {
        const int a = lane_index() + k * warp_size;
        base[k] = a < s.attention ? __ldg(keys + a) : 0.0f;
    }
    for (int tap = max(0, s.taps / 2 - token); tap < min(s.taps, count + s.taps / 2 - token); tap++) {
        const float p = previous[token + tap - s.taps / 2];
        const float c = cumulative[token + tap - s.taps / 2];
#pragma unroll
        for (int k = 0; k < components; k++) {
            const int a = lane_index() + k * warp_size;
            if (a < s.attention) {
                base[k] = fmaf(__ldg(location + tap * s.attention + a), p, base[k]);
                base[k] = fmaf(__ldg(location + (s.taps + tap) * s.attention + a), c, base[k]);
            }
        }
    }
}

// One warp: weights in place of the energies of one row.
__device__ __forceinline__ void softmax(float* energies, int count) {
    float largest = -INFINITY;
    for (int token = lane_index(); token < count; token += warp_size) {
        largest = fmaxf(largest, energies[token]);
    }
    largest = warp_max(largest);
    float sum = 0.0f;
    for (int token = lane_index(); token < count; token += warp_size) {
        energies[token] = expf(energies[token] - largest);
        sum += energies[token];
    }
    sum = warp_sum(sum);
    for (int token = lane_index(); token < count; token += warp_size) {
        energies[token] /= sum;
    }
}

} // namespace

// One launch for up to `steps` steps from `start` on; it returns earlier when all rows have ended.
//   hidden1, cell1 [B, attention units padded to 8], context [B, encoder padded], hidden2, cell2 [B, decoder units padded], previous, cumulative
//   [B, token_stride]: the state, read at the start and written at the end   keys [B, token_stride, attention]   memory [B, token_stride, encoder padded]
//   weights in whole chunks, see PersistentDecoderWeights.cs: lstm1 over [prenet, context, h1], lstm2 over [context, h1, h2], small rows of
//   [projection; gate; first prenet layer] over [h2, context], second prenet layer, query
//   records [slots, chunk_steps, step_width + 1 + token_stride]: frames, gate logit, alignment   mail [2 parities, 8 boxes, Rows, box_width]:
//   zeros; box_width the longest vector or token_stride
//   cooperative grid: blocks as the comment above says, every block with work of its own; block 256
//   dynamic shared memory: PersistentDecoder.cs adds it up
template <int Rows, int Kept>
__device__ void decode(
    float* hidden1, float* cell1, float* context, float* hidden2, float* cell2, float* previous, float* cumulative, const float* keys, const float* memory,
    const half* lstm1, const half* lstm2, const half* small, const half* prenet2, const half* query_rows, const float* bias1, const float* bias2,
    const float* small_bias, const float* location, const float* v, const Dropout& dropout_of_start, const int* slots, const int* tokens, int* end,
    const float* gate_logits, float* records, Word* mail, int box_width, int shared2_chunks, const Sizes& s, int start, int steps, int chunk_steps) {
    using Lanes = GateLanes<Rows>;
    DYNAMIC_SHARED(uint4, shared);
    const int blocks = gridDim.x;
    const int g = warp_index() * blocks + blockIdx.x;
    const int unit = blockIdx.x * persistent_warps + warp_index();
    const int small_count = s.step_width + 1 + s.prenet;

    // What a block owns, copied in once: its units' rows lie together, its small rows every `blocks` rows.
    const int chunks_p = chunks_of(s.prenet), chunks_1 = chunks_of(s.attention_units), chunks_c = chunks_of(s.encoder), chunks_2 = chunks_of(s.decoder_units);
    const int lstm1_chunks = chunks_p + chunks_c + chunks_1;
    const int lstm2_chunks = chunks_1 + chunks_2 + chunks_c;
    const int small_vectors = (chunks_2 + chunks_c) * warp_size;
    const auto rows_here = [&](int rows) { return (rows + blocks - 1) / blocks; };
    uint4* const lstm1_here = shared;
    uint4* const lstm2_here = lstm1_here + persistent_warps * lstm1_chunks * gate_count * warp_size;
    uint4* const small_here = lstm2_here + persistent_warps * shared2_chunks * gate_count * warp_size;
    uint4* const prenet_here = small_here + rows_here(small_count) * small_vectors;
    uint4* const query_here = prenet_here + rows_here(s.prenet) * chunks_p * warp_size;
    float* const staged = reinterpret_cast<float*>(query_here + rows_here(s.attention) * chunks_1 * warp_size);
    const int staged_stride = max(max(chunks_1, chunks_2), max(chunks_p, chunks_c)) * chunk;
    float* const weights_of_tokens = staged + Rows * staged_stride;
    float* const previous_here = weights_of_tokens + Rows * s.token_stride;
    float* const cumulative_here = previous_here + Rows * s.token_stride;
    float* const scratch = cumulative_here + Rows * s.token_stride; // [Rows, warps, 4]
    const uint4* const my_lstm1 = lstm1_here + warp_index() * lstm1_chunks * gate_count * warp_size;
    const uint4* const my_lstm2 = lstm2_here + warp_index() * shared2_chunks * gate_count * warp_size;
    const uint4* const my_small = small_here + warp_index() * small_vectors;
    const uint4* const my_prenet = prenet_here + warp_index() * chunks_p * warp_size;
    const uint4* const my_query = query_here + warp_index() * chunks_1 * warp_size;

    const uint4* const my_global2 = reinterpret_cast<const uint4*>(lstm2) + static_cast<long long>(min(unit, s.decoder_units - 1)) * lstm2_chunks * gate_count * warp_size;
    uint4 kept[Kept][gate_count];
    {
        const int per_unit1 = lstm1_chunks * gate_count * warp_size;
        const int units1_here = min(persistent_warps, max(0, s.attention_units - static_cast<int>(blockIdx.x) * persistent_warps));
        copy_to_shared(lstm1_here, reinterpret_cast<const uint4*>(lstm1) + static_cast<long long>(blockIdx.x) * persistent_warps * per_unit1, units1_here * per_unit1);
#pragma unroll
        for (int c = 0; c < Kept; c++) {
#pragma unroll
            for (int gate = 0; gate < gate_count; gate++) {
                kept[c][gate] = c < lstm2_chunks ? __ldg(my_global2 + (c * gate_count + gate) * warp_size + lane_index()) : make_uint4(0, 0, 0, 0);
            }
        }
        for (int i = lane_index(); i < shared2_chunks * gate_count * warp_size; i += warp_size) {
            lstm2_here[warp_index() * shared2_chunks * gate_count * warp_size + i] = __ldg(my_global2 + Kept * gate_count * warp_size + i);
        }
        const auto copy_rows = [&](uint4* target, const half* source, int rows, int vectors) {
            for (int i = 0; i * blocks + static_cast<int>(blockIdx.x) < rows; i++) {
                copy_to_shared(target + i * vectors, reinterpret_cast<const uint4*>(source) + static_cast<long long>(i * blocks + blockIdx.x) * vectors, vectors);
            }
        };
        copy_rows(small_here, small, small_count, small_vectors);
        copy_rows(prenet_here, prenet2, s.prenet, chunks_p * warp_size);
        copy_rows(query_here, query_rows, s.attention, chunks_1 * warp_size);
    }

    const auto row_in = [&](int slot) { return max(__ldg(slots + slot), 0); };
    // What a lane has after sums over lanes: one gate of one row, or one output of one row.
    const bool has_gate_row = Lanes::row() < s.active;
    const int value_slot = lane_index() / (warp_size / Rows);
    const bool has_value = lane_index() % (warp_size / Rows) == 0 && value_slot < s.active;
    const auto padded = [](int width) { return (width + 7) / 8 * 8; };
    const bool has_unit1 = unit < s.attention_units;
    const bool has_unit2 = unit < s.decoder_units;
    const float my_bias1 = has_unit1 ? bias1[unit * gate_count + Lanes::gate()] : 0.0f;
    const float my_bias2 = has_unit2 ? bias2[unit * gate_count + Lanes::gate()] : 0.0f;
    const float my_small_bias = g < small_count ? small_bias[g] : 0.0f;
    float state1 = has_unit1 ? cell1[static_cast<long long>(row_in(Lanes::row())) * padded(s.attention_units) + unit] : 0.0f;
    float state2 = has_unit2 ? cell2[static_cast<long long>(row_in(Lanes::row())) * padded(s.decoder_units) + unit] : 0.0f;
    float energy_weights[components];
#pragma unroll
    for (int k = 0; k < components; k++) {
        energy_weights[k] = lane_index() + k * warp_size < s.attention ? v[lane_index() + k * warp_size] : 0.0f;
    }
    for (int i = threadIdx.x; i < Rows * s.token_stride; i += persistent_threads) {
        const long long at = static_cast<long long>(slots[i / s.token_stride]) * s.token_stride + i % s.token_stride;
        previous_here[i] = i / s.token_stride < s.active ? previous[at] : 0.0f;
        cumulative_here[i] = i / s.token_stride < s.active ? cumulative[at] : 0.0f;
    }

    float sums1[Rows * gate_count] = {};
    float sums2[Rows * gate_count] = {};
    float small_sums[Rows] = {};
    float base[Rows][components] = {};

    const auto box_of = [&](Box box, int row, unsigned tag) {
        return mail + ((static_cast<int>(tag) % 2 * box_count + box) * Rows + row) * box_width;
    };
    // Stages a vector; all threads are done with the one before when it begins and see all of it when it returns.
    const auto stage = [&](Box box, int count, unsigned tag) {
        __syncthreads();
        for (int r = 0; r < s.active; r++) {
            receive(box_of(box, r, tag), count, tag, [&](int column, float value) { staged[r * staged_stride + staged_place(column)] = value; });
        }
        __syncthreads();
    };
    const auto stage_state = [&](const float* state, int count) {
        __syncthreads();
        const int width = chunks_of(count) * chunk;
        for (int i = threadIdx.x; i < s.active * width; i += persistent_threads) {
            const int column = i % width;
            const float value = column < count ? state[static_cast<long long>(slots[i / width]) * padded(count) + column] : 0.0f;
            staged[i / width * staged_stride + staged_place(column)] = value;
        }
        __syncthreads();
    };
    const auto add_decoder = [&](int first, int last) {
        add_decoder_chunks<Rows, Kept>(kept, my_lstm2, Kept + shared2_chunks, my_global2, first, last, staged, staged_stride, sums2);
    };
    const auto after_hidden1 = [&] { add_chunks<Rows, gate_count>(my_lstm1, chunks_p + chunks_c, lstm1_chunks, staged, staged_stride, sums1); };
    const auto after_context = [&] {
        add_chunks<Rows, gate_count>(my_lstm1, chunks_p, chunks_p + chunks_c, staged, staged_stride, sums1);
        if (g < small_count) {
            add_chunks<Rows, 1>(my_small, chunks_2, chunks_2 + chunks_c, staged, staged_stride, small_sums);
        }
    };
    // Frames and gate of step tag - 1, and the first prenet layer of the step after it.
    const auto project = [&](unsigned tag, bool is_step) {
        if (g >= small_count) {
            return;
        }
        add_chunks<Rows, 1>(my_small, 0, chunks_2, staged, staged_stride, small_sums);
        const float value = sum_over_lanes(small_sums) + my_small_bias;
#pragma unroll
        for (int r = 0; r < Rows; r++) {
            small_sums[r] = 0.0f;
        }
        if (g <= s.step_width) {
            const int step = static_cast<int>(tag) - 1;
            if (is_step && has_value) {
                records[(static_cast<long long>(value_slot) * chunk_steps + step - start) * (s.step_width + 1 + s.token_stride) + g] = value;
            }
            if (is_step && g == s.step_width) {
                bool has_ended = true;
                if (has_value) {
                    if (value > gate_logits[row_in(value_slot)] && step < end[row_in(value_slot)]) {
                        end[row_in(value_slot)] = step + 1;
                    }
                    has_ended = step + 1 >= end[row_in(value_slot)];
                }
                const bool have_all = __all_sync(all_lanes, has_ended);
                if (lane_index() == 0) {
                    send(box_of(end_box, 0, tag), have_all ? 1.0f : 0.0f, tag);
                }
            }
        } else if (has_value) {
            const int unit_of_prenet = g - s.step_width - 1;
            Dropout dropout = dropout_of_start;
            dropout.step = static_cast<int>(tag);
            send(box_of(prenet1_box, value_slot, tag + 1) + unit_of_prenet, dropout.apply(row_in(value_slot), 0, unit_of_prenet, value), tag + 1);
        }
    };
    const auto locate = [&] {
#pragma unroll
        for (int r = 0; r < Rows; r++) {
            if (r < s.active && g < tokens[row_in(r)]) {
                const float* const key = keys + (static_cast<long long>(row_in(r)) * s.token_stride + g) * s.attention;
                add_location(key, location, previous_here + r * s.token_stride, cumulative_here + r * s.token_stride, g, tokens[row_in(r)], s, base[r]);
            }
        }
    };

    // As if the step before had just ended.
    __syncthreads();
    stage_state(hidden1, s.attention_units);
    after_hidden1();
    stage_state(context, s.encoder);
    after_context();
    stage_state(hidden2, s.decoder_units);
    if (start > 0) {
        project(static_cast<unsigned>(start), false);
    } else {
#pragma unroll
        for (int r = 0; r < Rows; r++) {
            small_sums[r] = 0.0f;
        }
    }
    add_decoder(chunks_c + chunks_1, lstm2_chunks);
    locate();

    float hidden_value1 = 0.0f;
    float hidden_value2 = 0.0f;
    for (int step = start; step < start + steps; step++) {
        const unsigned tag = static_cast<unsigned>(step) + 1;

        // Prenet. The first frame is zero, and so is what the prenet makes of it.
        if (step > 0) {
            if (static_cast<int>(blockIdx.x) < s.prenet) {
                stage(prenet1_box, s.prenet, tag);
                if (g < s.prenet) {
                    float sums[Rows] = {};
                    add_chunks<Rows, 1>(my_prenet, 0, chunks_p, staged, staged_stride, sums);
                    const float value = sum_over_lanes(sums);
                    Dropout dropout = dropout_of_start;
                    dropout.step = step;
                    if (has_value) {
                        send(box_of(prenet2_box, value_slot, tag) + g, dropout.apply(row_in(value_slot), 1, g, value), tag);
                    }
                }
            }
            stage(prenet2_box, s.prenet, tag);
            add_chunks<Rows, gate_count>(my_lstm1, 0, chunks_p, staged, staged_stride, sums1);
        }

        // Attention LSTM.
        if (has_unit1) {
            hidden_value1 = Lanes::update(sum_over_lanes(sums1) + my_bias1, state1);
            if (Lanes::updates() && has_gate_row) {
                send(box_of(hidden1_box, Lanes::row(), tag) + unit, hidden_value1, tag);
            }
        }
#pragma unroll
        for (int i = 0; i < Rows * gate_count; i++) {
            sums1[i] = 0.0f;
        }

        // Query; then what else reads the hidden state.
        stage(hidden1_box, s.attention_units, tag);
        if (g < s.attention) {
            float sums[Rows] = {};
            add_chunks<Rows, 1>(my_query, 0, chunks_1, staged, staged_stride, sums);
            const float value = sum_over_lanes(sums);
            if (has_value) {
                send(box_of(query_box, value_slot, tag) + g, value, tag);
            }
        }
        add_decoder(chunks_c, chunks_c + chunks_1);
        after_hidden1();

        // Energies of this warp's tokens.
        __syncthreads();
        for (int r = 0; r < s.active; r++) {
            receive(box_of(query_box, r, tag), s.attention, tag, [&](int column, float value) { staged[r * staged_stride + column] = value; });
        }
        __syncthreads();
#pragma unroll
        for (int r = 0; r < Rows; r++) {
            if (r < s.active && g < tokens[row_in(r)]) {
                float energy = 0.0f;
#pragma unroll
                for (int k = 0; k < components; k++) {
                    const int a = lane_index() + k * warp_size;
                    energy = fmaf(energy_weights[k], tanhf(base[r][k] + (a < s.attention ? staged[r * staged_stride + a] : 0.0f)), energy);
                }
                energy = warp_sum(energy);
                if (lane_index() == 0) {
                    send(box_of(energies_box, r, tag) + g, energy, tag);
                }
            }
        }

        // Softmax, a warp a row, by every block for itself; context, four columns of all tokens at a time.
        for (int r = 0; r < s.active; r++) {
            float* const energies = weights_of_tokens + r * s.token_stride;
            const int count = tokens[row_in(r)];
            receive(box_of(energies_box, r, tag), count, tag, [&](int token, float value) {
                if (token < count) {
                    energies[token] = value;
                }
            });
        }
        __syncthreads();
        if (warp_index() < s.active) {
            const int count = tokens[row_in(warp_index())];
            float* const of_tokens = weights_of_tokens + warp_index() * s.token_stride;
            float* const record = records + (static_cast<long long>(warp_index()) * chunk_steps + step - start) * (s.step_width + 1 + s.token_stride) + s.step_width + 1;
            softmax(of_tokens, count);
            for (int token = lane_index(); token < count; token += warp_size) {
                previous_here[warp_index() * s.token_stride + token] = of_tokens[token];
                cumulative_here[warp_index() * s.token_stride + token] += of_tokens[token];
                if (blockIdx.x == 0) {
                    record[token] = of_tokens[token];
                }
            }
        }
        __syncthreads();
        for (int group = blockIdx.x; group * 4 < s.encoder; group += blocks) {
            for (int r = 0; r < s.active; r++) {
                const int row = row_in(r);
                float parts[4] = {};
                for (int token = threadIdx.x; token < tokens[row]; token += persistent_threads) {
                    const float weight = weights_of_tokens[r * s.token_stride + token];
                    float columns[4];
                    load_vector(memory + (static_cast<long long>(row) * s.token_stride + token) * padded(s.encoder) + group * 4, columns);
#pragma unroll
                    for (int i = 0; i < 4; i++) {
                        parts[i] = fmaf(weight, columns[i], parts[i]);
                    }
                }
                const float part = sum_over_lanes(parts);
                if (lane_index() % 8 == 0) {
                    scratch[(r * persistent_warps + warp_index()) * 4 + lane_index() / 8] = part;
                }
            }
            __syncthreads();
            const int r = threadIdx.x / 4;
            const int column = group * 4 + threadIdx.x % 4;
            if (r < s.active && column < s.encoder) {
                float sum = 0.0f;
                for (int warp = 0; warp < persistent_warps; warp++) {
                    sum += scratch[(r * persistent_warps + warp) * 4 + threadIdx.x % 4];
                }
                send(box_of(context_box, r, tag) + column, sum, tag);
            }
            __syncthreads();
        }
        locate();

        // Decoder LSTM; then what else reads the context.
        stage(context_box, s.encoder, tag);
        add_decoder(0, chunks_c);
        if (has_unit2) {
            hidden_value2 = Lanes::update(sum_over_lanes(sums2) + my_bias2, state2);
            if (Lanes::updates() && has_gate_row) {
                send(box_of(hidden2_box, Lanes::row(), tag) + unit, hidden_value2, tag);
            }
        }
#pragma unroll
        for (int i = 0; i < Rows * gate_count; i++) {
            sums2[i] = 0.0f;
        }
        after_context();

        // Frames, gate and the next step's first prenet layer; then what else reads the hidden state.
        stage(hidden2_box, s.decoder_units, tag);
        project(tag, true);
        add_decoder(chunks_c + chunks_1, lstm2_chunks);

        __syncthreads();
        receive(box_of(end_box, 0, tag), 1, tag, [&](int index, float value) {
            if (index == 0) {
                scratch[0] = value;
            }
        });
        __syncthreads();
        const bool has_ended = scratch[0] != 0.0f;
        if (has_ended || step + 1 == start + steps) {
            // The last step's context, out of its words; every block has received all of them.
            for (int i = threadIdx.x; blockIdx.x == 0 && i < s.active * s.encoder; i += persistent_threads) {
                const Word word = load_relaxed(box_of(context_box, i / s.encoder, tag) + i % s.encoder);
                context[static_cast<long long>(slots[i / s.encoder]) * padded(s.encoder) + i % s.encoder] = __uint_as_float(static_cast<unsigned>(word));
            }
            break;
        }
    }

    // The state for the next launch.
    if (Lanes::updates() && has_gate_row && has_unit1) {
        hidden1[static_cast<long long>(row_in(Lanes::row())) * padded(s.attention_units) + unit] = hidden_value1;
        cell1[static_cast<long long>(row_in(Lanes::row())) * padded(s.attention_units) + unit] = state1;
    }
    if (Lanes::updates() && has_gate_row && has_unit2) {
        hidden2[static_cast<long long>(row_in(Lanes::row())) * padded(s.decoder_units) + unit] = hidden_value2;
        cell2[static_cast<long long>(row_in(Lanes::row())) * padded(s.decoder_units) + unit] = state2;
    }
    for (int i = threadIdx.x; blockIdx.x == 0 && i < s.active * s.token_stride; i += persistent_threads) {
        const long long at = static_cast<long long>(slots[i / s.token_stride]) * s.token_stride + i % s.token_stride;
        previous[at] = previous_here[i];
        cumulative[at] = cumulative_here[i];
    }
}

#define PERSISTENT_DECODER(NAME, ROWS, KEPT)                                                                                                    \
    extern "C" __global__ void __launch_bounds__(persistent_threads, 1) NAME(                                                              \
        float* hidden1, float* cell1, float* context, float* hidden2, float* cell2, float* previous, float* cumulative, const float* keys, \
        const float* memory, const half* lstm1, const half* lstm2, const half* small, const half* prenet2, const half* query_rows,         \
        const float* bias1, const float* bias2, const float* small_bias, const float* location, const float* v,                            \
        const unsigned long long* keep_masks, const int* keep_steps, const unsigned long long* seeds, const unsigned* utterances,          \
        const int* slots, const int* tokens, int* end, const float* gate_logits, float* records, unsigned long long* mail, int box_width, int shared_chunks, int active,     \
        int attention_units, int decoder_units, int prenet, int encoder, int step_width, int attention, int taps, int token_stride,        \
        int start, int steps, int chunk_steps) {                                                                                           \
        const Sizes s = {active, attention_units, decoder_units, prenet, encoder, step_width, attention, taps, token_stride};              \
        const Dropout dropout = {keep_masks, keep_steps, seeds, utterances, 0, prenet};                                                    \
        decode<ROWS, KEPT>(hidden1, cell1, context, hidden2, cell2, previous, cumulative, keys, memory, lstm1, lstm2, small, prenet2,            \
            query_rows, bias1, bias2, small_bias, location, v, dropout, slots, tokens, end, gate_logits, records, mail, box_width, shared_chunks, s, start, steps,   \
            chunk_steps);                                                                                                                  \
    }                                                                                                                                      \
    EXPORT_KERNEL(NAME)

PERSISTENT_DECODER(persistent_decoder_f16, 1, 4)
PERSISTENT_DECODER(persistent_decoder_2_f16, 2, 2)
PERSISTENT_DECODER(persistent_decoder_4_f16, 4, 1)
