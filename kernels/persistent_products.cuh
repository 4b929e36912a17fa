#pragma once

#include "decoder_f16.cuh"

// What the persistent decoder multiplies: staged vectors with weights, alignments with the projected memory and with the location filter.

// Columns that a warp multiplies at a time: 8 halves a lane.
constexpr int chunk = warp_size * 8;
EXPORT_CONSTANT(chunk, chunk)
__device__ __forceinline__ int chunks_of(int columns) { return (columns + chunk - 1) / chunk; }

// Where a column lies in a staged vector: lanes read their 8 columns as twice 4 that lie side by side for all lanes, without bank conflicts.
__device__ __forceinline__ int staged_place(int column) {
    return column / chunk * chunk + column % 8 / 4 * (chunk / 2) + column % chunk / 8 * 4 + column % 4;
}

// sums[r * Outputs + o] += this lane's columns of one chunk of a staged vector.
template <int Rows, int Outputs>
__device__ __forceinline__ void add_chunk(const uint4 (&weights)[Outputs], const float* staged, int staged_stride, float (&sums)[Rows * Outputs]) {
#pragma unroll
    for (int part = 0; part < 2; part++) {
        float w[Outputs][4];
#pragma unroll
        for (int o = 0; o < Outputs; o++) {
            unpack_halves(part == 0 ? weights[o].x : weights[o].z, w[o][0], w[o][1]);
            unpack_halves(part == 0 ? weights[o].y : weights[o].w, w[o][2], w[o][3]);
        }
#pragma unroll
        for (int r = 0; r < Rows; r++) {
            float x[4];
            load_local_vector(staged + r * staged_stride + part * (chunk / 2) + lane_index() * 4, x);
#pragma unroll
            for (int o = 0; o < Outputs; o++) {
#pragma unroll
                for (int i = 0; i < 4; i++) {
                    sums[r * Outputs + o] = fmaf(w[o][i], x[i], sums[r * Outputs + o]);
                }
            }
        }
    }
}

// Rows of weights in chunks of 32 lanes' vectors: where this lane's vector of row 0 and chunk 0 is, and how far rows and chunks are apart, in vectors.
struct ChunkedRows {
    const uint4* first;
    int row_stride;
    int chunk_stride;
};

// The same for `count` chunks, the staged vector beginning with the first.
template <int Rows, int Outputs, LoadFrom From = LoadFrom::Local>
__device__ __forceinline__ void add_chunks(const ChunkedRows& weights, int count, const float* staged, int staged_stride, float (&sums)[Rows * Outputs]) {
#pragma unroll(Rows * Outputs <= 2 ? 4 / (Rows * Outputs) : 1)
    for (int c = 0; c < count; c++) {
        uint4 w[Outputs];
#pragma unroll
        for (int o = 0; o < Outputs; o++) {
            w[o] = load_from<From>(weights.first + o * weights.row_stride + c * weights.chunk_stride);
        }
        add_chunk<Rows, Outputs>(w, staged + c * chunk, staged_stride, sums);
    }
}

// Tokens that a lane multiplies at a time.
constexpr int projected_tokens = 4;

// Where one row's projected memory is, of the rows of weights that a warp has: [Outputs, projected_stride] halves, and its weights of the tokens, both zero
// from the row's tokens on.
struct ProjectedMemory {
    const unsigned* first;
    const float* weights;
    int stride;
    int count;
};

// sums[r * Outputs + o] += the sum over tokens of memory[o][token] weights[token], this lane's tokens, for Rows rows: memory_of(r) is that of row r. All loads
// of the rows' tokens are under way before the first is used: from L2 a row after the other would take as many trips.
template <int Rows, int Outputs, LoadFrom From, typename MemoryOf>
__device__ __forceinline__ void add_projected_memory(const MemoryOf& memory_of, int longest, float* sums) {
#pragma unroll 1
    for (int token = projected_tokens * lane_index(); token - projected_tokens * lane_index() < longest; token += projected_tokens * warp_size) {
        uint2 memory[Rows][Outputs];
#pragma unroll
        for (int r = 0; r < Rows; r++) {
            const ProjectedMemory row = memory_of(r);
#pragma unroll
            for (int o = 0; o < Outputs; o++) {
                memory[r][o] = token < row.count ? load_from<From>(reinterpret_cast<const uint2*>(row.first + (o * row.stride + token) / 2)) : make_uint2(0, 0);
            }
        }
#pragma unroll
        for (int r = 0; r < Rows; r++) {
            const ProjectedMemory row = memory_of(r);
            float weights[projected_tokens] = {};
            if (token < row.count) {
                load_local_vector(row.weights + token, weights);
            }
#pragma unroll
            for (int o = 0; o < Outputs; o++) {
                float values[projected_tokens];
                unpack_halves(memory[r][o].x, values[0], values[1]);
                unpack_halves(memory[r][o].y, values[2], values[3]);
#pragma unroll
                for (int i = 0; i < projected_tokens; i++) {
                    sums[r * Outputs + o] = fmaf(values[i], weights[i], sums[r * Outputs + o]);
                }
            }
        }
    }
}

// The location features (arXiv:1712.05884, section 2.2; convolution and dense layer are one filter) on tensor cores: 16 components of the attention by 8
// neighbouring tokens. The filter [components, channels * taps], taps filled up with zeros to groups of 16, is a high and a low half as decoder_f16.cuh has
// inputs, 22 bits, because the alignment feeds back: three products of halves.
constexpr int location_taps = chunk_columns;
constexpr int location_channels = 2;
constexpr int tile_tokens = tile_slots;
EXPORT_CONSTANT(location_taps, location_taps)
EXPORT_CONSTANT(tile_tokens, tile_tokens)

struct LocationFilter {
    const uint4* high; // This lane's vectors of its warp's tile, a chunk of columns every 32.
    const uint4* low;
    int groups; // Of 16 taps a channel.
};

// Adds to four sums a tile of a lane as mma_m16n8k16 has them, rows components and columns tokens, for the tiles of eight tokens that are wanted.
// signals[tile][channel]: this lane's, at its column's token less the taps before it. The filter is read once for all tiles.
template <int Tiles>
__device__ __forceinline__ void add_location(
    const LocationFilter& filter, const float* const (&signals)[Tiles][location_channels], const bool (&is_wanted)[Tiles], float (&base)[Tiles][4]) {
    float sums[Tiles][1][2][4] = {};
    for (int group = 0; group < filter.groups; group++) {
        uint4 fragments[location_channels][2];
#pragma unroll
        for (int channel = 0; channel < location_channels; channel++) {
            const int at = (channel * filter.groups + group) * warp_size;
            fragments[channel][0] = __ldg(filter.high + at);
            fragments[channel][1] = __ldg(filter.low + at);
        }
#pragma unroll
        for (int channel = 0; channel < location_channels; channel++) {
            unsigned high[1][4];
            unsigned low[1][4];
            take_fragment(fragments[channel][0], high[0]);
            take_fragment(fragments[channel][1], low[0]);
#pragma unroll
            for (int tile = 0; tile < Tiles; tile++) {
                if (is_wanted[tile]) {
                    const float* const taps = signals[tile][channel] + group * location_taps + lane_index() % 4 * 4;
                    unsigned b[2][2];
                    split_halves(make_float4(taps[0], taps[1], taps[2], taps[3]), b[0], b[1]);
                    mma_m16n8k16<1, 2>(sums[tile], high, b);
                    mma_m16n8k16(sums[tile][0][1], low[0], b[0]);
                }
            }
        }
    }
#pragma unroll
    for (int tile = 0; tile < Tiles; tile++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
            base[tile][i] += join_halves(sums[tile][0][0][i], sums[tile][0][1][i]);
        }
    }
}

// c' and h' of the LSTM cell, as GateLanes<Rows>::update says, with tanh(x) = 2 sigmoid(2 x) - 1: all gates by one formula, no branch.
template <int Rows> __device__ __forceinline__ float update_cell(float sum, float& cell) {
    using Lanes = GateLanes<Rows>;
    const bool is_candidate = Lanes::gate() == 2;
    const float activated_half = fast_sigmoid(is_candidate ? 2.0f * sum : sum);
    const float activated = is_candidate ? fmaf(2.0f, activated_half, -1.0f) : activated_half;
    const int first = Lanes::row() * gate_count * Lanes::lanes;
    const float forget = shuffle(activated, first + Lanes::lanes);
    const float candidate = shuffle(activated, first + 2 * Lanes::lanes);
    const float output = shuffle(activated, first + 3 * Lanes::lanes);
    cell = fmaf(forget, cell, activated * candidate);
    return output * fast_tanh(cell);
}
