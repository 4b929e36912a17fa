#pragma once

#include "decoder.cuh"
#include "hand_over.cuh"

// What the persistent decoder (persistent_decoder.cu) is made of: values handed from block to block, and products with weights that stay on the chip.

// Words that a thread has under way at a time: as many as hide a trip to L2 without costing too many registers.
template <int Rows> constexpr int columns_in_flight = Rows == 1 ? 4 : Rows == 8 ? 1 : 8 / Rows;

// Waits for the first counts(r) words of a box's rows and calls take(r, column, value) for columns 0 to width - 1; beyond counts(r) the value is 0.
template <int Rows, typename Counts, typename Take>
__device__ __forceinline__ void receive(const Word* box, int box_width, int width, int active, unsigned tag, const Counts& counts, const Take& take) {
    constexpr int columns = columns_in_flight<Rows>;
#pragma unroll 1
    for (int first = threadIdx.x; first < width; first += columns * blockDim.x) {
        Word words[Rows * columns];
        const auto column_of = [=](int i) { return first + i % columns * static_cast<int>(blockDim.x); };
#pragma unroll
        for (int i = 0; i < Rows * columns; i++) {
            words[i] = i / columns < active && column_of(i) < counts(i / columns) ? 0 : make_word(0.0f, tag);
        }
        for (bool is_missing = true; is_missing;) {
            is_missing = false;
#pragma unroll
            for (int i = 0; i < Rows * columns; i++) {
                if (words[i] >> 32 != tag) {
                    words[i] = load_relaxed(box + i / columns * box_width + column_of(i));
                }
            }
#pragma unroll
            for (int i = 0; i < Rows * columns; i++) {
                is_missing |= words[i] >> 32 != tag;
            }
            if (is_missing) {
                spin_poll();
            }
        }
#pragma unroll
        for (int i = 0; i < Rows * columns; i++) {
            if (i / columns < active && column_of(i) < width) {
                take(i / columns, column_of(i), __uint_as_float(static_cast<unsigned>(words[i])));
            }
        }
    }
}

// Products.

// Columns that a warp multiplies at a time: 8 halves a lane.
constexpr int chunk = warp_size * 8;
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

// Tokens that a warp multiplies at a time: two halves a lane.
constexpr int readout_tokens = warp_size * 2;

// sums[o] += the sum over one row's tokens of readouts[o][token] alignment[token], this lane's tokens. Both are zero from count on to a whole block.
template <int Outputs, LoadFrom From>
__device__ __forceinline__ void add_readouts(const unsigned* readouts, int readout_stride, const float* alignment, int count, float (&sums)[Outputs]) {
#pragma unroll 1
    for (int token = 2 * lane_index(); token - 2 * lane_index() < count; token += readout_tokens) {
        const float2 weights = *reinterpret_cast<const float2*>(alignment + token);
#pragma unroll
        for (int o = 0; o < Outputs; o++) {
            float first, second;
            unpack_halves(load_from<From>(readouts + (o * readout_stride + token) / 2), first, second);
            sums[o] = fmaf(second, weights.y, fmaf(first, weights.x, sums[o]));
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
