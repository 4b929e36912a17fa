#pragma once

#include "persistent_chip.cuh"

// A step of the persistent decoder. One thread's part in all steps of a launch.
//
//   prenet1 -> prenet2 -> attention LSTM h1 -> query -> energies -> softmax, decoder LSTM h2 -> frames, gate, prenet1 of the next step
//
// What is between an arrival and the next sending is on the critical path of all blocks; everything else is done after a sending, while others are waited for.
template <int Rows, int Kept, int Cluster> struct Step : Chip<Rows, Kept, Cluster> {
    using Here = Chip<Rows, Kept, Cluster>;
    using Lanes = GateLanes<Rows>;
    using Here::mailbox, Here::cluster_mailbox, Here::global2, Here::here, Here::kept, Here::launch, Here::request, Here::s, Here::state, Here::weights;
    using Here::chunks_p, Here::chunks_1, Here::chunks_2, Here::g, Here::has_unit1, Here::has_unit2, Here::owner, Here::unit;
    using Here::is_clustered, Here::has_places, Here::most_tiles, Here::component_tiles, Here::prenet_rows, Here::query_rows;

    // Rows that a thread waits for, or whose projected memory it loads, at a time; pairs of words that it waits for of each row. With others a poll takes two
    // trips, or registers spill: kernels/machine-code.md.
    static constexpr int rows_awaited = Rows == 8 ? 4 : Rows < 2 ? Rows : 2;
    static constexpr int rows_at_once = Rows < 4 ? Rows : 4;
    static constexpr int pairs_at_once = Rows == 1 ? 2 : 1;
    // Steps between two polls of the host's word, a read over PCIe of 1 to 1.5 us (assumed) that the gate's warp waits for.
    static constexpr int cancel_interval = 16;

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
    float value1 = 0.0f, value2 = 0.0f, memory1, memory2;
    int step;
    unsigned tag;
    unsigned cancelled = 0;

    __device__ __forceinline__ Step(const Sizes& sizes, const State& all_state, const Weights& all_weights, const Request& asked, const Launch& this_launch)
        : Here(sizes, all_state, all_weights, asked, this_launch) {
        has_gate_row = Lanes::row() < launch.active;
        bias1 = has_unit1 ? weights.bias1[unit * gate_count + Lanes::gate()] : 0.0f;
        bias2 = has_unit2 ? weights.bias2[unit * gate_count + Lanes::gate()] : 0.0f;
        small_bias = g < s.small() ? weights.small_bias[g] : 0.0f;
        if constexpr (is_clustered) {
            cluster_barrier();
        } else {
            __syncthreads();
        }
        take_state();
        step = launch.start;
        tag = launch.first_tag;
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
        if constexpr (is_clustered) {
            // Others may still write to this block's mailboxes.
            cluster_barrier();
        }
    }

    // Components of the attention that a lane has of its warp's tile.
    __device__ __forceinline__ static int component(int i) { return warp_index() * tile_rows + lane_index() / 4 + 8 * i; }

    // As if the step before had just ended.
    __device__ __forceinline__ void take_state() {
        const int row = here.row[has_gate_row ? Lanes::row() : 0];
        memory1 = has_unit1 ? state.cell1[static_cast<long long>(row) * padded(s.attention_units) + unit] : 0.0f;
        memory2 = has_unit2 ? state.cell2[static_cast<long long>(row) * padded(s.decoder_units) + unit] : 0.0f;
        tag = launch.first_tag - 1;
        step = launch.start - 1;
        stage_state(state.hidden1, s.attention_units, here.hidden1, this->stride_1());
        add_hidden1();
        after_alignment();
        stage_state(state.hidden2, s.decoder_units, here.hidden2, this->stride_2());
        if (launch.start > 0) {
            keeps = keeps_next();
            project(false);
        } else {
            clear(small_sums);
        }
        add_decoder(chunks_1, chunks_1 + chunks_2, here.hidden2, this->stride_2());
    }

    __device__ __forceinline__ void stage_state(const float* vectors, int count, float* target, int stride) {
        __syncthreads();
        const int width = chunks_of(count) * chunk;
        for (int i = threadIdx.x; i < Rows * width; i += blockDim.x) {
            const int column = i % width;
            const bool is_real = column < count && i / width < launch.active;
            target[i / width * stride + staged_place(column)] =
                is_real ? vectors[static_cast<long long>(here.row[i / width]) * padded(count) + column] : 0.0f;
        }
        __syncthreads();
    }

    // Calls take(r, column, first, second) for Count rows' pairs of words, from row `row` on, as they come to this thread, one of `threads`.
    template <int Count, int Pairs, typename Counts, typename Take>
    __device__ __forceinline__ void receive_rows(Mailbox which, int row, int thread, int threads, int width, const Counts& counts, const Take& take) const {
        const auto counts_here = [&](int i) { return row + i < launch.active ? counts(row + i) : 0; };
        const auto take_here = [&](int i, int column, float first, float second) { take(row + i, column, first, second); };
        if constexpr (is_clustered) {
            if (which == prenet2_mailbox || which == query_mailbox || which == energies_mailbox) {
                // Polls of shared memory are some ten times as quick.
                const PollLimit poll_limit = {launch.poll_limit.abandoned, launch.poll_limit.most_polls * 16};
                const ClusterMailbox from = {cluster_mailbox(which, row, tag), this->cluster_width(which)};
                receive<Count, Pairs>(from, thread, threads, width, tag, poll_limit, which, step, counts_here, take_here);
                return;
            }
        }
        const GlobalMailbox from = {mailbox(which, row, tag), s.mailbox_width};
        receive<Count, Pairs>(from, thread, threads, width, tag, launch.poll_limit, which, step, counts_here, take_here);
    }

    template <int Pairs, typename Counts, typename Take>
    __device__ __forceinline__ void receive_mailbox(Mailbox which, int width, const Counts& counts, const Take& take) const {
#pragma unroll
        for (int r = 0; r < Rows; r += rows_awaited) {
            receive_rows<rows_awaited, Pairs>(which, r, threadIdx.x, blockDim.x, width, counts, take);
        }
    }

    // Stages a vector in chunks; all threads see all of it when it returns.
    __device__ __forceinline__ void stage(Mailbox which, int count, float* target, int stride) const {
        if constexpr (!has_places) {
            __syncthreads();
        }
        receive_mailbox<pairs_at_once>(which, chunks_of(count) * chunk, [=](int) { return count; }, [=](int r, int column, float first, float second) {
            *reinterpret_cast<float2*>(target + r * stride + staged_place(column)) = make_float2(first, second);
        });
        __syncthreads();
    }

    // Behind the first prenet layer's chunks of row 0: whether the step before was the last, then signs of life. The last warp waits for them, beside the first
    // ones, which wait for the vector.
    __device__ __forceinline__ int end_column() const { return chunks_p * chunk; }
    __device__ __forceinline__ void receive_end() const {
        const int count = end_column() + 1 + blocks_without_unit();
        const int thread = end_column() / 2 + static_cast<int>(blockDim.x - 1 - threadIdx.x);
        receive_rows<1, 1>(prenet1_mailbox, 0, thread, blockDim.x, count + 1, [=](int) { return count; }, [&](int, int column, float first, float) {
            if (column == end_column()) {
                *here.has_ended = first;
            }
        });
    }

    // Sends a value that GroupLanes lanes have to all blocks that want it, which those lanes divide.
    template <int GroupLanes> __device__ __forceinline__ void send_vector(Mailbox which, int row, int column, float value) const {
        if constexpr (is_clustered) {
#pragma unroll
            for (int rank = lane_index() % GroupLanes; rank < Cluster; rank += GroupLanes) {
                store_relaxed_cluster(map_words(cluster_mailbox(which, row, tag), rank) + column, make_word(value, tag));
            }
        } else if (lane_index() % GroupLanes == 0) {
            send(mailbox(which, row, tag) + column, value, tag);
        }
    }

    // The outputs of a warp's rows of a matrix over a staged vector, sent; adjust(value, r, output) is what becomes of a sum.
    template <int Outputs, typename Adjust>
    __device__ __forceinline__ void multiply_and_send(
        Mailbox which, const uint4* rows, int chunks, const float* staged, int stride, int outputs, const Adjust& adjust) const {
        constexpr int group = warp_size / (Rows * Outputs);
        if (owner * Outputs < outputs) {
            float sums[Rows * Outputs] = {};
            add_chunks<Rows, Outputs>(this->my_rows(rows, Outputs, chunks), chunks, staged, stride, sums);
            const float value = adjust(sum_over_lanes(sums));
            const int r = lane_index() / group / Outputs;
            const int output = owner * Outputs + lane_index() / group % Outputs;
            if (r < launch.active && output < outputs) {
                send_vector<group>(which, r, output, value);
            }
        }
    }

    // The first frame is zero, and so is what the prenet makes of it. All hear here, too, whether the step before was the last one.
    __device__ __forceinline__ bool prenet() {
        if (step == 0) {
            return true;
        }
        constexpr int group = warp_size / (Rows * prenet_rows);
        const int r = lane_index() / group / prenet_rows;
        const int output = owner * prenet_rows + lane_index() / group % prenet_rows;
        const bool keeps_second = r < launch.active && output < s.prenet && dropout_of(step).keeps(here.row[r], 1, output);
        receive_end();
        stage(prenet1_mailbox, s.prenet, here.frames1, this->stride_p());
        if (*here.has_ended != 0.0f) {
            return false;
        }
        multiply_and_send<prenet_rows>(
            prenet2_mailbox, here.prenet2, chunks_p, here.frames1, this->stride_p(), s.prenet, [=](float value) { return Dropout::apply(keeps_second, value); });
        stage(prenet2_mailbox, s.prenet, here.frames2, this->stride_p());
        add_chunks<Rows, gate_count>(this->my_lstm1(0), chunks_p, here.frames2, this->stride_p(), sums1);
        return true;
    }

    // The last ones, of whose vectors nobody waits for a word: they give a sign of life, as no block may be two steps ahead.
    __device__ __forceinline__ int blocks_without_unit() const {
        const int with_units = (max(s.attention_units, s.decoder_units) + warps_here() - 1) / warps_here();
        return max(0, static_cast<int>(gridDim.x) - with_units);
    }

    __device__ __forceinline__ Dropout dropout_of(int of_step) const {
        return {request.keep_masks, request.keep_steps, request.seeds, request.utterances, of_step, s.prenet};
    }

    __device__ __forceinline__ void attention_lstm() {
        if (has_unit1) {
            value1 = update_cell<Rows>(sum_over_lanes(sums1) + bias1, memory1);
            if (Lanes::updates() && has_gate_row) {
                send(mailbox(hidden1_mailbox, Lanes::row(), tag) + unit, value1, tag);
            }
        }
        clear(sums1);
        locate();
        keeps = keeps_next();
    }

    __device__ __forceinline__ void query() {
        stage(hidden1_mailbox, s.attention_units, here.hidden1, this->stride_1());
        multiply_and_send<query_rows>(query_mailbox, here.query, chunks_1, here.hidden1, this->stride_1(), s.attention, [](float value) { return value; });
        if constexpr (is_clustered) {
            // The query is back before all of this could be added: half of it waits until the energies are under way.
            add_hidden1_to_decoder(0, chunks_1 / 2);
        } else {
            add_hidden1_to_decoder(0, chunks_1);
        }
        if constexpr (!has_places) {
            add_hidden1();
        }
    }

    // The last chunk done, what the decoder LSTM's gates are but for the context.
    __device__ __forceinline__ void add_hidden1_to_decoder(int first, int end) {
        add_decoder(first, end, here.hidden1 + first * chunk, this->stride_1());
        if (end == chunks_1) {
            of_hidden2 = sum_over_lanes(sums2) + bias2;
            clear(sums2);
        }
    }

    __device__ __forceinline__ void add_hidden1() {
        add_chunks<Rows, gate_count>(this->my_lstm1(chunks_p), chunks_1, here.hidden1, this->stride_1(), sums1);
    }

    // Chunks first to end - 1 of the decoder LSTM: the first lie in registers, the next in shared memory, the others in L2.
    __device__ __forceinline__ void add_decoder(int first, int end, const float* staged, int stride) {
#pragma unroll
        for (int c = 0; c < Kept; c++) {
            if (c >= first && c < end) {
                add_chunk<Rows, gate_count>(kept[c], staged + (c - first) * chunk, stride, sums2);
            }
        }
        constexpr int of_chunk = gate_count * warp_size;
        const int rest = max(first, Kept);
        const int from_shared = max(rest, min(end, Kept + s.shared_chunks));
        const uint4* const mine = here.lstm2 + (warp_index() * s.shared_chunks - Kept + rest) * of_chunk + lane_index();
        add_chunks<Rows, gate_count>({mine, warp_size, of_chunk}, from_shared - rest, staged + (rest - first) * chunk, stride, sums2);
        add_chunks<Rows, gate_count, LoadFrom::ReadOnly>(
            {global2 + from_shared * of_chunk, warp_size, of_chunk}, end - from_shared, staged + (from_shared - first) * chunk, stride, sums2);
    }

    // One of this block's tiles of eight neighbouring tokens, which the blocks of the cluster or all divide.
    struct TokenTile {
        int r;
        int token; // The first.
        bool is_real;
    };

    __device__ __forceinline__ TokenTile tile_of(int k) const {
        int tile = blockIdx.x + k * gridDim.x;
        if constexpr (is_clustered) {
            tile = cluster_rank() + k * Cluster;
        }
        const int r = Rows == 1 ? 0 : tile / s.token_tiles();
        const int token = (tile - r * s.token_tiles()) * tile_tokens;
        return {r, token, r < launch.active && token < here.tokens[min(r, Rows - 1)]};
    }

    // Calls act(k, r, token) for the tiles that there are.
    template <typename Act> __device__ __forceinline__ void for_tiles(const Act& act) const {
#pragma unroll
        for (int k = 0; k < most_tiles; k++) {
            const TokenTile tile = tile_of(k);
            if (tile.is_real) {
                act(k, tile.r, tile.token);
            }
        }
    }

    // Energies, all but the query: keys and location features of the last step's alignment. They are made while the attention LSTM's state is under way.
    __device__ __forceinline__ void locate() {
        // Two tiles read the filter together; for more there are no registers.
        constexpr int together = most_tiles == 1 ? 1 : 2;
        const int groups = s.location_groups();
        const int tiles = (s.attention + tile_rows - 1) / tile_rows;
        if (warp_index() >= tiles) {
            return;
        }
        const uint4* const filter = weights.location + warp_index() * location_channels * groups * warp_size + lane_index();
        const LocationFilter location = {filter, filter + tiles * location_channels * groups * warp_size, groups};
#pragma unroll
        for (int first = 0; first < most_tiles; first += together) {
            const float* signals[together][location_channels];
            bool is_wanted[together];
            float sums[together][4] = {};
            bool is_any = false;
#pragma unroll
            for (int i = 0; i < together; i++) {
                const TokenTile tile = tile_of(first + i);
                is_wanted[i] = tile.is_real;
                is_any |= tile.is_real;
                const int at = tile.is_real ? tile.r * s.signal_stride() + tile.token + lane_index() / 4 - s.taps / 2 : 0;
                signals[i][0] = here.alignment + at;
                signals[i][1] = here.cumulative + at;
                if (tile.is_real) {
                    take_keys(tile, sums[i]);
                }
            }
            if (is_any) {
                add_location<together>(location, signals, is_wanted, sums);
            }
#pragma unroll
            for (int i = 0; i < together * 4; i++) {
                base[first + i / 4][i % 4] = sums[i / 4][i % 4];
            }
        }
    }

    // This lane's components of the keys of its two tokens of a tile.
    __device__ __forceinline__ void take_keys(const TokenTile& tile, float (&keys)[4]) const {
        const float* const row = request.keys + static_cast<long long>(here.row[tile.r]) * s.token_stride * s.attention;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            const int token = min(tile.token + lane_index() % 4 * 2 + i % 2, s.token_stride - 1);
            keys[i] = component(i / 2) < s.attention ? __ldg(row + static_cast<long long>(token) * s.attention + component(i / 2)) : 0.0f;
        }
    }

    __device__ __forceinline__ void energies() {
        const int stride = this->stride_q();
        float v[2];
#pragma unroll
        for (int i = 0; i < 2; i++) {
            v[i] = component(i) < s.attention ? __ldg(weights.v + component(i)) : 0.0f;
        }
        if constexpr (!has_places) {
            __syncthreads();
        }
        receive_mailbox<1>(query_mailbox, component_tiles * tile_rows, [&](int) { return s.attention; },
            [&](int r, int column, float first, float second) {
                here.query_values[r * stride + column] = first;
                here.query_values[r * stride + column + 1] = second;
            });
        __syncthreads();
        const int tiles = (s.attention + tile_rows - 1) / tile_rows;
        if (warp_index() < tiles) {
            for_tiles([&](int k, int r, int) {
                float energy[2] = {};
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    energy[i % 2] = fmaf(v[i / 2], fast_tanh(base[k][i] + here.query_values[r * stride + component(i / 2)]), energy[i % 2]);
                }
#pragma unroll
                for (int i = 0; i < 2; i++) {
#pragma unroll
                    for (int offset = 4; offset < warp_size; offset *= 2) {
                        energy[i] += shuffle_xor(energy[i], offset);
                    }
                    if (lane_index() < 4) {
                        here.energies[(k * component_tiles + warp_index()) * tile_tokens + 2 * lane_index() + i] = energy[i];
                    }
                }
            });
        }
        __syncthreads();
        send_energies(tiles);
        if constexpr (is_clustered) {
            add_hidden1_to_decoder(chunks_1 / 2, chunks_1);
        } else if constexpr (has_places) {
            add_hidden1();
        }
    }

    // A thread a token and block that wants it.
    __device__ __forceinline__ void send_energies(int component_tiles_used) {
        for_tiles([&](int k, int r, int token) {
            const int i = static_cast<int>(threadIdx.x) - k * tile_tokens * Cluster;
            const int at = token + i % tile_tokens;
            if (i < 0 || i >= tile_tokens * Cluster || at >= here.tokens[r]) {
                return;
            }
            float energy = 0.0f;
#pragma unroll
            for (int warp = 0; warp < component_tiles; warp++) {
                energy += warp < component_tiles_used ? here.energies[(k * component_tiles + warp) * tile_tokens + i % tile_tokens] : 0.0f;
            }
            if constexpr (is_clustered) {
                store_relaxed_cluster(map_words(cluster_mailbox(energies_mailbox, r, tag), i / tile_tokens) + at, make_word(energy, tag));
            } else {
                send(mailbox(energies_mailbox, r, tag) + at, energy, tag);
            }
        });
    }

    // A warp a row, by every block for itself: weights in place of energies. Their sum is not waited for: it divides what was multiplied by the weights.
    __device__ __forceinline__ void align() {
        const int r = warp_index();
        float sum = 0.0f;
        if (r < launch.active) {
            sum = weigh(r, here.tokens[r], here.weights + r * this->stride_w());
        }
        __syncthreads();
        if (r < launch.active) {
            sum = warp_sum(sum);
            if (lane_index() == 0) {
                here.scale[r] = 1.0f / sum;
            }
        }
    }

    // exp(energy - largest) of this lane's pairs of tokens; returns their sum.
    __device__ __forceinline__ float weigh(int r, int count, float* of_row) const {
        float largest = -INFINITY;
        receive_rows<1, 2>(energies_mailbox, r, lane_index(), warp_size, (count + 1) / 2 * 2, [=](int) { return count; },
            [&](int, int token, float first, float second) {
                of_row[token] = first;
                of_row[token + 1] = second;
                largest = fmaxf(largest, fmaxf(first, token + 1 < count ? second : first));
            });
        largest = warp_max(largest);
        float sum = 0.0f;
        // To a multiple of four tokens, as the projected memory is multiplied by so many at a time.
        for (int token = 2 * lane_index(); token < (count + 3) / 4 * 4; token += 2 * warp_size) {
#pragma unroll
            for (int i = 0; i < 2; i++) {
                const float weight = token + i < count ? fast_exp2(log2_e * (of_row[token + i] - largest)) : 0.0f;
                of_row[token + i] = weight;
                sum += weight;
            }
        }
        return sum;
    }

    __device__ __forceinline__ void decoder_lstm() {
        float context[Rows * gate_count] = {};
        if (has_unit2) {
            add_context<gate_count>(gate_count * (s.attention_units + unit), gate_count * (warps_here() + warp_index()), here.weights, this->stride_w(), context);
        }
        const float of_context = sum_over_lanes(context);
        __syncthreads();
        if (has_unit2) {
            value2 = update_cell<Rows>(fmaf(of_context, here.scale[Lanes::row()], of_hidden2), memory2);
            if (Lanes::updates() && has_gate_row) {
                send(mailbox(hidden2_mailbox, Lanes::row(), tag) + unit, value2, tag);
            }
        }
        keep_alignment();
        if constexpr (is_clustered) {
            add_hidden1();
        }
        __syncthreads();
        after_alignment();
    }

    // A warp a row: the alignment, for the location features of the next step and for the host.
    __device__ __forceinline__ void keep_alignment() {
        const int r = warp_index();
        if (r < launch.active) {
            const int first = r * s.signal_stride();
            for (int token = lane_index(); token < here.tokens[r]; token += warp_size) {
                const float alignment = here.weights[r * this->stride_w() + token] * here.scale[r];
                here.alignment[first + token] = alignment;
                here.cumulative[first + token] += alignment;
                if (static_cast<int>(blockIdx.x) == r % static_cast<int>(gridDim.x)) {
                    send_to_host(this->record(r, step) + s.step_width + 1 + token, alignment, tag);
                }
            }
        }
    }

    // sums += projected memory times numbers of the tokens, lines of which are `stride` apart: Outputs rows from row `first` on, which in shared memory is
    // row first_here.
    template <int Outputs>
    __device__ __forceinline__ void add_context(int first, int first_here, const float* numbers, int stride, float (&sums)[Rows * Outputs]) const {
        // Sixteen loads of 8 bytes a lane are under way at most.
        constexpr int count = rows_at_once;
#pragma unroll
        for (int r = 0; r < Rows; r += count) {
            int longest = 0;
#pragma unroll
            for (int i = 0; i < count; i++) {
                longest = max(longest, here.tokens[r + i]);
            }
            const auto memory = [&](const unsigned* lines, int i) {
                return ProjectedMemory{lines, numbers + (r + i) * stride, s.projected_stride, here.tokens[r + i]};
            };
            if (s.shared_projected_rows > 0) {
                const unsigned* const mine = here.projected_memory + first_here * (s.projected_stride / 2);
                add_projected_memory<count, Outputs, LoadFrom::Local>(
                    [&](int i) { return memory(mine + (r + i) * this->projected_words(), i); }, longest, sums + r * Outputs);
            } else {
                add_projected_memory<count, Outputs, LoadFrom::ReadOnly>(
                    [&](int i) { return memory(this->projected_memory_of(here.row[r + i], first), i); }, longest, sums + r * Outputs);
            }
        }
    }

    // What else reads the context: the next step's attention LSTM, this one's projection.
    __device__ __forceinline__ void after_alignment() {
        if (has_unit1) {
            add_context<gate_count>(gate_count * unit, gate_count * warp_index(), here.alignment, s.signal_stride(), sums1);
        }
        if (g < s.small()) {
            add_context<1>(this->small_projected_row() + g, 2 * gate_count * warps_here() + warp_index(), here.alignment, s.signal_stride(), small_sums);
        }
    }

    __device__ __forceinline__ void frames() {
        stage(hidden2_mailbox, s.decoder_units, here.hidden2, this->stride_2());
        project(true);
        add_decoder(chunks_1, chunks_1 + chunks_2, here.hidden2, this->stride_2());
        if (g == s.step_width && (step - launch.start) % cancel_interval == 0) {
            cancelled = load_relaxed_system(launch.cancel);
        }
    }

    // This lane's row, if it has a sum of the small matrix.
    __device__ __forceinline__ static int value_slot() { return lane_index() / (warp_size / Rows); }
    __device__ __forceinline__ bool has_value() const { return lane_index() % (warp_size / Rows) == 0 && value_slot() < launch.active; }

    // Whether the dropout of the next step's first prenet layer keeps this lane's unit: known before its sum is.
    __device__ __forceinline__ bool keeps_next() const {
        const int prenet_unit = g - s.step_width - 1;
        return prenet_unit >= 0 && prenet_unit < s.prenet && has_value() && dropout_of(step + 1).keeps(here.row[value_slot()], 0, prenet_unit);
    }

    // Frames and gate, and the first prenet layer of the step after it.
    __device__ __forceinline__ void project(bool is_step) {
        if (g < s.small()) {
            // All wait for what the gate says, so what it is compared with is asked for before its sum.
            const bool is_gate = g == s.step_width && has_value();
            const float limit = is_gate ? request.gate_logits[here.row[value_slot()]] : 0.0f;
            const int end = is_gate ? request.end[here.row[value_slot()]] : 0;
            add_chunks<Rows, 1>(this->my_rows(here.small, 1, chunks_2), chunks_2, here.hidden2, this->stride_2(), small_sums);
            const float value = sum_over_lanes(small_sums) + small_bias;
            clear(small_sums);
            const int prenet_unit = g - s.step_width - 1;
            if (prenet_unit >= 0) {
                if (has_value()) {
                    send(mailbox(prenet1_mailbox, value_slot(), tag + 1) + prenet_unit, Dropout::apply(keeps, value), tag + 1);
                }
            } else if (is_step && has_value()) {
                send_to_host(this->record(value_slot(), step) + g, value, tag);
            }
            if (g == s.step_width) {
                judge(is_step, value, limit, end);
            }
        }
        const int without_unit = static_cast<int>(blockIdx.x) - static_cast<int>(gridDim.x) + blocks_without_unit();
        if (without_unit >= 0 && threadIdx.x == 0) {
            send(mailbox(prenet1_mailbox, 0, tag + 1) + end_column() + 1 + without_unit, 0.0f, tag + 1);
        }
    }

    // The gate's warp: which rows end with this step, and whether all have, which everyone hears with the next prenet vector.
    __device__ __forceinline__ void judge(bool is_step, float gate, float limit, int end) {
        bool has_ended = true;
        if (has_value()) {
            if (is_step && gate > limit && step < end) {
                end = step + 1;
                request.end[here.row[value_slot()]] = end;
            }
            has_ended = step + 1 >= end;
        }
        const bool have_all = __all_sync(all_lanes, has_ended) || cancelled != 0;
        if (lane_index() == 0) {
            send(mailbox(prenet1_mailbox, 0, tag + 1) + end_column(), is_step && have_all ? 1.0f : 0.0f, tag + 1);
        }
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
            const int at = r * s.signal_stride() + token;
            state.previous[here.row[r] * s.token_stride + token] = here.alignment[at];
            state.cumulative[here.row[r] * s.token_stride + token] = here.cumulative[at];
        }
    }
};
