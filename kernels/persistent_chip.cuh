#pragma once

#include "persistent_exchange.cuh"
#include "persistent_parameters.cuh"

// What a block of the persistent decoder has: its share of the weights in registers and shared memory, its rows' projected memory and alignments, and its mailboxes.

__device__ __forceinline__ int padded(int width) { return (width + 7) / 8 * 8; }
__device__ __forceinline__ int warps_here() { return static_cast<int>(blockDim.x) / warp_size; }
// Of rows that are dealt out to blocks one by one.
__device__ __forceinline__ int rows_here(int rows) { return (rows + static_cast<int>(gridDim.x) - 1) / static_cast<int>(gridDim.x); }

template <typename T> __device__ __forceinline__ void copy_to_shared(T* target, const T* source, int count) {
    for (int i = threadIdx.x; i < count; i += blockDim.x) {
        target[i] = __ldg(source + i);
    }
}

template <int Count> __device__ __forceinline__ void clear(float (&values)[Count]) {
#pragma unroll
    for (int i = 0; i < Count; i++) {
        values[i] = 0.0f;
    }
}

// Where a block has it in shared memory.
struct Shared {
    uint4* lstm1;
    uint4* lstm2;
    uint4* small;
    uint4* prenet2;
    uint4* query;
    Word* mailboxes; // [2 parities, cluster_words]: what the blocks of a cluster send each other.
    // Vectors that have come, [Rows, their width in whole chunks]; with many rows one after the other in the same place.
    float* frames1;
    float* frames2;
    float* hidden1;
    float* hidden2;
    float* query_values; // [Rows, attention components in whole tiles].
    float* energies;     // [tiles of tokens here, 8 tiles of components, 8 tokens]: sums over 16 components.
    float* weights;      // [Rows, projected_stride]: exp(energy - largest), zero from a row's tokens to a multiple of four.
    float* alignment;    // [Rows, signal_stride]: weights over their sum, zeros before, between and behind.
    float* cumulative;   // The same of all steps so far.
    float* scale;        // [Rows]: one over the sum of the weights.
    int* row;            // [Rows]: of the batch.
    int* tokens;         // [Rows].
    float* has_ended;
    unsigned* projected_memory; // [Rows or 0, 8 warps + small rows, projected_stride].
};

// Kept: chunks of the decoder LSTM that a warp has in registers. Cluster: blocks of a cluster, which has the whole second prenet layer, the query and the
// energies for itself; 1: these are divided among all blocks.
template <int Rows, int Kept, int Cluster> struct Chip {
    static constexpr bool is_clustered = Cluster > 1;
    // Tiles of eight tokens, rows of the second prenet layer (of a warp) and of the query: PersistentDecoderPlan knows them too.
    static constexpr int most_tiles = is_clustered ? 4 : Rows == 1 ? 1 : 2;
    static constexpr int prenet_rows = is_clustered ? 4 : 1;
    static constexpr int query_rows = is_clustered ? 2 : 1;
    // Few rows have the memory for a place for each vector, which saves a barrier before it is written, and lets products wait until there is time.
    static constexpr bool has_places = Rows <= 2;
    static constexpr int most_component_tiles = 8;
    static constexpr int most_components = most_component_tiles * tile_rows;

    // Copied, as all of a step reads them: with a reference to these too loads wait for each other, or a kernel spills.
    const Sizes s;
    const State& state;
    const Weights& weights;
    const Request& request;
    const Launch& launch;
    Shared here;
    int chunks_p, chunks_1, chunks_2;
    // g: among all warps, one block after the other. owner: among those that divide the second prenet layer and the query.
    int g, unit, owner;
    bool has_unit1, has_unit2;
    const uint4* global2;
    uint4 kept[Kept > 0 ? Kept : 1][gate_count];

    __device__ __forceinline__ Chip(const DecoderParameters& parameters)
        : s(parameters.sizes), state(parameters.state), weights(parameters.weights), request(parameters.request), launch(parameters.launch) {
        chunks_p = chunks_of(s.prenet);
        chunks_1 = chunks_of(s.attention_units);
        chunks_2 = chunks_of(s.decoder_units);
        g = warp_index() * gridDim.x + blockIdx.x;
        unit = blockIdx.x * warps_here() + warp_index();
        if constexpr (is_clustered) {
            owner = static_cast<int>(cluster_rank()) * warps_here() + warp_index();
        } else {
            owner = g;
        }
        has_unit1 = unit < s.attention_units;
        has_unit2 = unit < s.decoder_units;
        lay_out();
        take_weights();
        take_rows();
    }

    __device__ __forceinline__ int stride_p() const { return has_places ? chunks_p * chunk : widest(); }
    __device__ __forceinline__ int stride_1() const { return has_places ? chunks_1 * chunk : widest(); }
    __device__ __forceinline__ int stride_2() const { return has_places ? chunks_2 * chunk : widest(); }
    __device__ __forceinline__ int stride_q() const { return has_places ? most_components : widest(); }
    __device__ __forceinline__ int stride_w() const { return has_places ? s.projected_stride : widest(); }
    // Of a row that has one place for all: the weights of its tokens lie behind the query.
    __device__ __forceinline__ int widest() const { return max(max(chunks_p, max(chunks_1, chunks_2)) * chunk, most_components + s.projected_stride); }
    // Rows of a matrix that a block has.
    __device__ __forceinline__ int prenet_rows_here() const { return is_clustered ? warps_here() * prenet_rows : rows_here(s.prenet); }
    __device__ __forceinline__ int query_rows_here() const { return is_clustered ? warps_here() * query_rows : rows_here(s.attention); }
    // Of one parity's mailboxes, which hold even numbers of words, as pairs are read.
    __device__ __forceinline__ int even(int words) const { return (words + 1) / 2 * 2; }
    __device__ __forceinline__ int cluster_words() const { return is_clustered ? Rows * (even(s.prenet) + even(s.attention) + even(s.token_stride)) : 0; }

    __device__ __forceinline__ void lay_out() {
        DYNAMIC_SHARED(uint4, shared);
        const int of_gates = warps_here() * gate_count * warp_size;
        here.lstm1 = shared;
        here.lstm2 = here.lstm1 + (chunks_p + chunks_1) * of_gates;
        here.small = here.lstm2 + s.shared_chunks * of_gates;
        here.prenet2 = here.small + rows_here(s.small()) * chunks_2 * warp_size;
        here.query = here.prenet2 + prenet_rows_here() * chunks_p * warp_size;
        here.mailboxes = reinterpret_cast<Word*>(here.query + query_rows_here() * chunks_1 * warp_size);
        here.frames1 = reinterpret_cast<float*>(here.mailboxes + 2 * cluster_words());
        if constexpr (has_places) {
            here.frames2 = here.frames1 + Rows * stride_p();
            here.hidden1 = here.frames2 + Rows * stride_p();
            here.hidden2 = here.hidden1 + Rows * stride_1();
            here.query_values = here.hidden2 + Rows * stride_2();
            here.weights = here.query_values + Rows * stride_q();
            here.energies = here.weights + Rows * stride_w();
        } else {
            here.frames2 = here.hidden1 = here.hidden2 = here.query_values = here.frames1;
            here.weights = here.query_values + most_components;
            here.energies = here.frames1 + Rows * widest();
        }
        here.alignment = here.energies + most_tiles * most_component_tiles * tile_tokens + s.gap();
        // The gap before it is that behind the last row's alignment.
        here.cumulative = here.alignment + Rows * s.signal_stride();
        here.projected_memory = reinterpret_cast<unsigned*>(here.cumulative + Rows * s.signal_stride());
        here.scale = reinterpret_cast<float*>(here.projected_memory + s.shared_projected_rows * projected_words());
        here.row = reinterpret_cast<int*>(here.scale + Rows);
        here.tokens = here.row + Rows;
        here.has_ended = reinterpret_cast<float*>(here.tokens + Rows);
    }

    // 32-bit words of one row's projected memory that a block has.
    __device__ __forceinline__ int projected_words() const { return (2 * gate_count * warps_here() + rows_here(s.small())) * s.projected_stride / 2; }

    // A block's units' rows lie together, its small rows every `blocks` rows.
    __device__ __forceinline__ void take_weights() {
        const int per_unit1 = (chunks_p + chunks_1) * gate_count * warp_size;
        const int first_unit = blockIdx.x * warps_here();
        const int units1 = min(warps_here(), max(0, s.attention_units - first_unit));
        copy_to_shared(here.lstm1, weights.lstm1 + static_cast<long long>(first_unit) * per_unit1, units1 * per_unit1);
        const int chunks = chunks_1 + chunks_2;
        global2 = weights.lstm2 + static_cast<long long>(min(unit, s.decoder_units - 1)) * chunks * gate_count * warp_size + lane_index();
#pragma unroll
        for (int c = 0; c < Kept; c++) {
#pragma unroll
            for (int gate = 0; gate < gate_count; gate++) {
                kept[c][gate] = c < chunks ? __ldg(global2 + (c * gate_count + gate) * warp_size) : make_uint4(0, 0, 0, 0);
            }
        }
        uint4* const mine = here.lstm2 + warp_index() * s.shared_chunks * gate_count * warp_size + lane_index();
        for (int i = 0; i < s.shared_chunks * gate_count * warp_size; i += warp_size) {
            mine[i] = __ldg(global2 + Kept * gate_count * warp_size + i);
        }
        copy_rows(here.small, weights.small, s.small(), chunks_2 * warp_size);
        if constexpr (is_clustered) {
            copy_cluster_rows(here.prenet2, weights.prenet2, prenet_rows, s.prenet, chunks_p * warp_size);
            copy_cluster_rows(here.query, weights.query, query_rows, s.attention, chunks_1 * warp_size);
        } else {
            copy_rows(here.prenet2, weights.prenet2, s.prenet, chunks_p * warp_size);
            copy_rows(here.query, weights.query, s.attention, chunks_1 * warp_size);
        }
    }

    __device__ __forceinline__ void copy_rows(uint4* target, const uint4* source, int rows, int vectors) {
        for (int i = 0; i * static_cast<int>(gridDim.x) + static_cast<int>(blockIdx.x) < rows; i++) {
            copy_to_shared(target + i * vectors, source + (static_cast<long long>(i) * gridDim.x + blockIdx.x) * vectors, vectors);
        }
    }

    // of_warp rows of each of this block's warps, which lie together; rows that there are not are zeros.
    __device__ __forceinline__ void copy_cluster_rows(uint4* target, const uint4* source, int of_warp, int rows, int vectors) {
        const int first = static_cast<int>(cluster_rank()) * warps_here() * of_warp;
        for (int i = threadIdx.x; i < warps_here() * of_warp * vectors; i += blockDim.x) {
            target[i] = first + i / vectors < rows ? __ldg(source + static_cast<long long>(first) * vectors + i) : make_uint4(0, 0, 0, 0);
        }
    }

    // Rows without a slot of their own have no tokens.
    __device__ __forceinline__ void take_rows() {
        if (threadIdx.x < Rows) {
            const bool is_active = static_cast<int>(threadIdx.x) < launch.active;
            const int row = is_active ? request.slots[threadIdx.x] : 0;
            here.row[threadIdx.x] = row;
            here.tokens[threadIdx.x] = is_active ? request.tokens[row] : 0;
            here.scale[threadIdx.x] = 1.0f;
        }
        if (threadIdx.x == 0) {
            *here.has_ended = 0.0f;
        }
        for (int i = threadIdx.x; i < 2 * cluster_words(); i += blockDim.x) {
            here.mailboxes[i] = 0;
        }
        for (int r = 0; r < Rows; r++) {
            const int row = r < launch.active ? request.slots[r] : 0;
            const int tokens = r < launch.active ? request.tokens[row] : 0;
            // The gap behind it, and before the first row the one there.
            for (int token = static_cast<int>(threadIdx.x) - (r == 0 ? s.gap() : 0); token < s.signal_stride(); token += blockDim.x) {
                const bool is_real = token >= 0 && token < tokens;
                here.alignment[r * s.signal_stride() + token] = is_real ? state.previous[row * s.token_stride + token] : 0.0f;
                here.cumulative[r * s.signal_stride() + token] = is_real ? state.cumulative[row * s.token_stride + token] : 0.0f;
            }
            if (r < min(s.shared_projected_rows, launch.active)) {
                take_projected_memory(here.projected_memory + r * projected_words(), row);
            }
        }
    }

    __device__ __forceinline__ void take_projected_memory(unsigned* target, int row) {
        const int words = s.projected_stride / 2;
        const int first_unit = blockIdx.x * warps_here();
        const int units1 = min(warps_here(), max(0, s.attention_units - first_unit));
        const int units2 = min(warps_here(), max(0, s.decoder_units - first_unit));
        copy_to_shared(target, projected_memory_of(row, gate_count * first_unit), gate_count * units1 * words);
        target += gate_count * warps_here() * words;
        copy_to_shared(target, projected_memory_of(row, gate_count * (s.attention_units + first_unit)), gate_count * units2 * words);
        target += gate_count * warps_here() * words;
        for (int i = 0; i * static_cast<int>(gridDim.x) + static_cast<int>(blockIdx.x) < s.small(); i++) {
            copy_to_shared(target + i * words, projected_memory_of(row, small_projected_row() + i * gridDim.x + blockIdx.x), words);
        }
    }

    __device__ __forceinline__ int small_projected_row() const { return gate_count * (s.attention_units + s.decoder_units); }
    __device__ __forceinline__ const unsigned* projected_memory_of(int row, int first) const {
        return request.projected_memory + (static_cast<long long>(row) * s.projected_rows() + first) * (s.projected_stride / 2);
    }

    __device__ __forceinline__ ChunkedRows my_lstm1(int chunk) const {
        return {here.lstm1 + (warp_index() * (chunks_p + chunks_1) + chunk) * gate_count * warp_size + lane_index(), warp_size, gate_count * warp_size};
    }
    __device__ __forceinline__ ChunkedRows my_rows(const uint4* rows, int of_warp, int chunks) const {
        return {rows + warp_index() * of_warp * chunks * warp_size + lane_index(), chunks * warp_size, warp_size};
    }
    __device__ __forceinline__ Word* mailbox(Mailbox which, int row, unsigned of_tag) const {
        return launch.mail + (static_cast<long long>(of_tag % 2 * decoder_mailboxes + which) * Rows + row) * s.mailbox_width;
    }
    __device__ __forceinline__ int cluster_width(Mailbox which) const {
        return which == prenet2_mailbox ? even(s.prenet) : which == query_mailbox ? even(s.attention) : even(s.token_stride);
    }
    __device__ __forceinline__ Word* cluster_mailbox(Mailbox which, int row, unsigned of_tag) const {
        const int before = which == prenet2_mailbox ? 0 : which == query_mailbox ? Rows * even(s.prenet) : Rows * (even(s.prenet) + even(s.attention));
        return here.mailboxes + of_tag % 2 * cluster_words() + before + row * cluster_width(which);
    }
    __device__ __forceinline__ Word* record(int r, int step) const {
        return launch.records + (static_cast<long long>(r) * launch.record_steps + step - launch.start) * (s.step_width + 1 + s.token_stride);
    }
};
