#pragma once

#include "mailbox.cuh"

// What the kernels of wavenet_sampler.cu are given, and the products that they make.

constexpr int sampler_warps = 8;
constexpr int sampler_threads = sampler_warps * warp_size;
// A tile is so many rows of a matrix, [columns / tile_columns, tile_rows, tile_columns]: what a warp multiplies at once, and a load of it without conflicts.
constexpr int tile_rows = 8;
constexpr int tile_columns = 8;
// Lanes that share a row, every one with every so manieth chunk of columns.
constexpr int tile_parts = warp_size / tile_rows;
// Utterances of a launch at most: one for each part, whose lanes then write its results.
constexpr int sampler_rows = tile_parts;

EXPORT_CONSTANT(wavenet_sampler_threads, sampler_threads)
EXPORT_CONSTANT(wavenet_sampler_tile, tile_rows)
EXPORT_CONSTANT(wavenet_sampler_rows, sampler_rows)

// Widths are multiples of tile_rows, filled up with zeros, but for classes, mixtures and outputs, of which there are so many. Floats where no type is named.
// A layer's weights: for each tile of units of the gate the known columns' tile under the tanh and under the sigma, then those of the current sample's; then
// tiles of residual and skip rows. The head's: tiles of hidden and of output rows.
struct SamplerParameters {
    const void* weights;        // all layers', then the head's; in the kernel's type
    const int* places;          // [layers + 1, members]: where a member's weights begin in its block's shared memory, -1 for where they are
    const float* table;         // [classes or 2, residual]
    const float* residual_bias; // [layers, residual]
    const float* skip_bias;     // [skip]
    const float* hidden_bias;   // [hidden]
    const float* output_bias;   // [outputs padded]
    const float* gate_bias;     // [B, layers, 2 half]
    float* rings;               // [B, members, ring_floats]: each layer's last inputs, sample p in slot p modulo slots
    const int* ring_starts;     // [layers]
    const float* conditions;    // [B, samples, bands]
    const float* mixture;       // [B, samples, mixtures]
    const float* noise;         // [B, samples]
    const float* forced;        // [B, samples]: to go on from instead of what is drawn; or null
    const int* positions;       // [B]: samples before the first
    const float* last;          // [B]: the sample before the first
    const float* sigmas;        // [B]
    float* known;               // [layers, B, 2 half]: what of the next sample's gates is known, a block's own
    float* drawn;               // [B, samples]
    float* outputs;             // [B, samples, outputs], or null
    Word* mail;                 // [2 parities of samples, mail_words]
    PollLimit poll_limit;
    int batch;
    int samples;
    int layers;
    int cycle;
    int taps;
    int residual;
    int half_gate;
    int skip;
    int hidden;
    int outputs_count;
    int bands;
    int mixtures;     // 0 where samples are classes
    int has_choice;   // whether a component of the mixture is chosen
    int is_logistic;
    int members;      // blocks that share a layer
    int ring_floats;
    float scale;      // of x in the next layer's x
    float least_log_scale;
};

__device__ __forceinline__ int tiles_of(int width) { return (width + tile_rows - 1) / tile_rows; }
__device__ __forceinline__ int padded(int width) { return tiles_of(width) * tile_rows; }

// Of a member's tiles, which are every members-th from its own on.
__device__ __forceinline__ int own_tiles(int tiles, int member, int members) { return tiles > member ? (tiles - member - 1) / members + 1 : 0; }

// sums[tile][r] = rows of the tiles times vector r, each lane the total of row lane % tile_rows. By columns in an order that depends on nothing else.
template <typename T, int Rows, int Tiles>
__device__ __forceinline__ void multiply_tiles(const T* weights, int columns, const float* vectors, int stride, float (&sums)[Tiles][Rows]) {
    const int row = lane_index() % tile_rows;
#pragma unroll
    for (int tile = 0; tile < Tiles; tile++) {
#pragma unroll
        for (int r = 0; r < Rows; r++) {
            sums[tile][r] = 0.0f;
        }
    }
#pragma unroll 2
    for (int chunk = lane_index() / tile_rows; chunk < columns / tile_columns; chunk += tile_parts) {
        float w[Tiles][tile_columns];
#pragma unroll
        for (int tile = 0; tile < Tiles; tile++) {
            load_local_vector(weights + (tile * (columns / tile_columns) + chunk) * tile_rows * tile_columns + row * tile_columns, w[tile]);
        }
#pragma unroll
        for (int r = 0; r < Rows; r++) {
            float x[tile_columns];
            load_local_vector(vectors + r * stride + chunk * tile_columns, x);
#pragma unroll
            for (int tile = 0; tile < Tiles; tile++) {
#pragma unroll
                for (int i = 0; i < tile_columns; i++) {
                    sums[tile][r] = fmaf(w[tile][i], x[i], sums[tile][r]);
                }
            }
        }
    }
#pragma unroll
    for (int tile = 0; tile < Tiles; tile++) {
#pragma unroll
        for (int r = 0; r < Rows; r++) {
            sums[tile][r] += shuffle_xor(sums[tile][r], tile_rows);
            sums[tile][r] += shuffle_xor(sums[tile][r], 2 * tile_rows);
        }
    }
}

// The total of this lane's utterance, which is its part's number.
template <int Rows> __device__ __forceinline__ float own_sum(const float (&sums)[Rows]) {
    float sum = sums[0];
#pragma unroll
    for (int r = 1; r < Rows; r++) {
        sum = lane_index() / tile_rows == r ? sums[r] : sum;
    }
    return sum;
}

// A word that another block, or this one, has sent or will send.
__device__ __forceinline__ float await(const Word* word, unsigned tag, const PollLimit& poll_limit) {
    unsigned polls = 0;
    Word found = load_relaxed(word);
    while (tag_of(found) != tag) {
        count_poll(poll_limit, polls, wavenet_mailbox, tag - 1);
        found = load_relaxed(word);
    }
    return value_of(found);
}
