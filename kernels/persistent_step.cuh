#pragma once

#include "persistent_chip.cuh"

// A step of the persistent decoder: one thread's part in all steps of a launch. run() is the decoder of Tacotron 2 (arXiv:1712.05884, section 2.2), and each
// phase of it has a file of its own.
//
//   prenet1 -> prenet2 -> attention LSTM h1 -> query -> energies -> softmax, decoder LSTM h2 -> frames, gate, prenet1 of the next step
//
// What is between an arrival and the next sending is on the critical path of all blocks; everything else is done after a sending, while others are waited for.
template <int Rows, int Kept, int Cluster> struct Step : Chip<Rows, Kept, Cluster> {
    using Here = Chip<Rows, Kept, Cluster>;
    using Lanes = GateLanes<Rows>;
    using Here::mailbox, Here::cluster_mailbox, Here::global2, Here::here, Here::kept, Here::launch, Here::request, Here::s, Here::state, Here::weights;
    using Here::chunks_p, Here::chunks_1, Here::chunks_2, Here::g, Here::has_unit1, Here::has_unit2, Here::owner, Here::unit;
    using Here::is_clustered, Here::has_places, Here::most_tiles, Here::most_component_tiles, Here::prenet_rows, Here::query_rows;

    // Rows that a thread waits for, or whose projected memory it loads, at a time; pairs of words that it waits for of each row. With others a poll takes two
    // trips, or registers spill: kernels/machine-code.md.
    static constexpr int rows_awaited = Rows == 8 ? 4 : Rows < 2 ? Rows : 2;
    static constexpr int rows_at_once = Rows < 4 ? Rows : 4;
    static constexpr int pairs_at_once = Rows == 1 ? 2 : 1;
    // Steps between two polls of the host's word, a read over PCIe of 1 to 1.5 us (assumed) that the gate's warp waits for.
    static constexpr int cancel_interval = 16;

    // One of this block's tiles of eight neighbouring tokens, which the blocks of the cluster or all divide.
    struct TokenTile {
        int r;
        int token; // The first.
        bool is_real;
    };

    // After sums over lanes a lane has one gate of one row, or one output of one row.
    bool has_gate_row;
    // Sums of this step or the next, as far as their vectors have come.
    float sums1[Rows * gate_count] = {};
    float sums2[Rows * gate_count] = {};
    float small_sums[Rows] = {};
    // Energies before the query and the tanh: component lane / 4 of the warp's 16 and tokens 2 * (lane % 4) and the next; then component lane / 4 + 8.
    float base[most_tiles][4] = {};
    float bias1, bias2, small_bias;
    // The decoder LSTM's gate without the context.
    float of_hidden2;
    // Whether dropout keeps this lane's unit of the next step's first prenet layer.
    bool keeps = false;
    float value1 = 0.0f, value2 = 0.0f, cell1, cell2;
    int step;
    unsigned tag;
    unsigned cancelled = 0;

    __device__ __forceinline__ Step(const DecoderParameters& parameters) : Here(parameters) {
        has_gate_row = Lanes::row() < launch.active;
        bias1 = has_unit1 ? weights.bias1[unit * gate_count + Lanes::gate()] : 0.0f;
        bias2 = has_unit2 ? weights.bias2[unit * gate_count + Lanes::gate()] : 0.0f;
        small_bias = g < s.small() ? weights.small_bias[g] : 0.0f;
        if constexpr (is_clustered) {
            cluster_barrier();
        } else {
            __syncthreads();
        }
        load_state();
        step = launch.start;
        tag = launch.first_tag;
    }

    __device__ __forceinline__ void run() {
        for (; step < launch.start + launch.steps && prenet(); step++, tag++) {
            attention_lstm();
            query();
            energies();
            softmax();
            decoder_lstm();
            projection();
        }
        store_state();
        if constexpr (is_clustered) {
            // Others may still write to this block's mailboxes.
            cluster_barrier();
        }
    }

    // persistent_prenet.cuh
    __device__ __forceinline__ bool prenet();
    __device__ __forceinline__ void receive_end() const;
    __device__ __forceinline__ bool keeps_next() const;
    __device__ __forceinline__ int blocks_without_unit() const;
    // Behind the first prenet layer's chunks of row 0: whether the step before was the last, then signs of life. The last warp waits for them, beside the
    // first ones, which wait for the vector.
    __device__ __forceinline__ int end_column() const { return chunks_p * chunk; }
    __device__ __forceinline__ Dropout dropout_of(int of_step) const {
        return {request.keep_masks, request.keep_steps, request.seeds, request.utterances, of_step, s.prenet};
    }

    // persistent_attention_lstm.cuh
    __device__ __forceinline__ void attention_lstm();
    __device__ __forceinline__ void add_hidden1();

    // persistent_attention.cuh
    __device__ __forceinline__ void query();
    __device__ __forceinline__ void location_features();
    __device__ __forceinline__ void take_keys(const TokenTile& tile, float (&keys)[4]) const;
    __device__ __forceinline__ void energies();
    __device__ __forceinline__ void receive_query();
    __device__ __forceinline__ void send_energies();
    __device__ __forceinline__ TokenTile tile_of(int k) const;
    template <typename Act> __device__ __forceinline__ void for_tiles(const Act& act) const;
    // Components of the attention that a lane has of its warp's tile; tiles of 16 components that there are.
    __device__ __forceinline__ static int component(int i) { return warp_index() * tile_rows + lane_index() / 4 + 8 * i; }
    __device__ __forceinline__ int component_tiles() const { return (s.attention + tile_rows - 1) / tile_rows; }

    // persistent_context.cuh
    __device__ __forceinline__ void softmax();
    __device__ __forceinline__ float exponentials(int r, int count, float* of_row) const;
    __device__ __forceinline__ void store_alignment();
    __device__ __forceinline__ void add_contexts();
    template <int Outputs>
    __device__ __forceinline__ void add_context(int first, int first_here, const float* numbers, int stride, float (&sums)[Rows * Outputs]) const;

    // persistent_decoder_lstm.cuh
    __device__ __forceinline__ void decoder_lstm();
    __device__ __forceinline__ void add_hidden1_to_decoder(int first, int end);
    __device__ __forceinline__ void add_decoder(int first, int end, const float* staged, int stride);

    // persistent_projection.cuh
    __device__ __forceinline__ void projection();
    __device__ __forceinline__ void project(bool is_step);
    __device__ __forceinline__ void stop_token(bool is_step, float logit, float limit, int end);
    // This lane's row, if it has a sum of the small matrix.
    __device__ __forceinline__ static int value_slot() { return lane_index() / (warp_size / Rows); }
    __device__ __forceinline__ bool has_value() const { return lane_index() % (warp_size / Rows) == 0 && value_slot() < launch.active; }

    // persistent_broadcast.cuh
    template <int Count, int Pairs, typename Counts, typename Take>
    __device__ __forceinline__ void receive_rows(Mailbox which, int row, int thread, int threads, int width, const Counts& counts, const Take& take) const;
    template <int Pairs, typename Counts, typename Take>
    __device__ __forceinline__ void receive_mailbox(Mailbox which, int width, const Counts& counts, const Take& take) const;
    __device__ __forceinline__ void stage(Mailbox which, int count, float* target, int stride) const;
    template <int GroupLanes> __device__ __forceinline__ void send_vector(Mailbox which, int row, int column, float value) const;
    template <int Outputs, typename Adjust>
    __device__ __forceinline__ void multiply_and_send(
        Mailbox which, const uint4* rows, int chunks, const float* staged, int stride, int outputs, const Adjust& adjust) const;

    // persistent_state.cuh
    __device__ __forceinline__ void load_state();
    __device__ __forceinline__ void stage_state(const float* vectors, int count, float* target, int stride) const;
    __device__ __forceinline__ void store_state() const;
};
