#pragma once

#include "persistent_step.cuh"

// Location-sensitive attention (arXiv:1506.07503, section 2.2): the energy of token t is v . tanh(W s + V h[t] + U f[t]), where W s is the query of the attention
// LSTM's state s, V h[t] are the keys, which are made once an utterance, and U f[t] the location features of the alignment before and of the sum of all so far.

template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::query() {
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

template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ typename Step<Rows, Kept, Cluster>::TokenTile Step<Rows, Kept, Cluster>::tile_of(int k) const {
    int tile = blockIdx.x + k * gridDim.x;
    if constexpr (is_clustered) {
        tile = cluster_rank() + k * Cluster;
    }
    const int r = Rows == 1 ? 0 : tile / s.token_tiles();
    const int token = (tile - r * s.token_tiles()) * tile_tokens;
    return {r, token, r < launch.active && token < here.tokens[min(r, Rows - 1)]};
}

// Calls act(k, r, token) for the tiles that there are.
template <int Rows, int Kept, int Cluster>
template <typename Act>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::for_tiles(const Act& act) const {
#pragma unroll
    for (int k = 0; k < most_tiles; k++) {
        const TokenTile tile = tile_of(k);
        if (tile.is_real) {
            act(k, tile.r, tile.token);
        }
    }
}

// Energies, all but the query: keys and location features of the last step's alignment. They are made while the attention LSTM's state is under way.
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::location_features() {
    // Two tiles read the filter together; for more there are no registers.
    constexpr int together = most_tiles == 1 ? 1 : 2;
    const int groups = s.location_groups();
    const int tiles = component_tiles();
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
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::take_keys(const TokenTile& tile, float (&keys)[4]) const {
    const float* const row = request.keys + static_cast<long long>(here.row[tile.r]) * s.token_stride * s.attention;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        const int token = min(tile.token + lane_index() % 4 * 2 + i % 2, s.token_stride - 1);
        keys[i] = component(i / 2) < s.attention ? __ldg(row + static_cast<long long>(token) * s.attention + component(i / 2)) : 0.0f;
    }
}

template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::energies() {
    const int stride = this->stride_q();
    float v[2];
#pragma unroll
    for (int i = 0; i < 2; i++) {
        v[i] = component(i) < s.attention ? __ldg(weights.v + component(i)) : 0.0f;
    }
    receive_query();
    if (warp_index() < component_tiles()) {
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
                    here.energies[(k * most_component_tiles + warp_index()) * tile_tokens + 2 * lane_index() + i] = energy[i];
                }
            }
        });
    }
    __syncthreads();
    send_energies();
    if constexpr (is_clustered) {
        add_hidden1_to_decoder(chunks_1 / 2, chunks_1);
    } else if constexpr (has_places) {
        add_hidden1();
    }
}

// All threads see all of it when it returns.
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::receive_query() {
    if constexpr (!has_places) {
        __syncthreads();
    }
    const int stride = this->stride_q();
    receive_mailbox<1>(query_mailbox, most_component_tiles * tile_rows, [&](int) { return s.attention; },
        [&](int r, int column, float first, float second) {
            here.query_values[r * stride + column] = first;
            here.query_values[r * stride + column + 1] = second;
        });
    __syncthreads();
}

// A thread a token and block that wants it.
template <int Rows, int Kept, int Cluster>
__device__ __forceinline__ void Step<Rows, Kept, Cluster>::send_energies() {
    const int tiles = component_tiles();
    for_tiles([&](int k, int r, int token) {
        const int i = static_cast<int>(threadIdx.x) - k * tile_tokens * Cluster;
        const int at = token + i % tile_tokens;
        if (i < 0 || i >= tile_tokens * Cluster || at >= here.tokens[r]) {
            return;
        }
        float energy = 0.0f;
#pragma unroll
        for (int warp = 0; warp < most_component_tiles; warp++) {
            energy += warp < tiles ? here.energies[(k * most_component_tiles + warp) * tile_tokens + i % tile_tokens] : 0.0f;
        }
        if constexpr (is_clustered) {
            store_relaxed_cluster(map_words(cluster_mailbox(energies_mailbox, r, tag), i / tile_tokens) + at, make_word(energy, tag));
        } else {
            send(mailbox(energies_mailbox, r, tag) + at, energy, tag);
        }
    });
}
