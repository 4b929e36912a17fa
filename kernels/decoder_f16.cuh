#pragma once

#include "decoder.cuh"

// Products of half-precision weights with the inputs of the batch's rows, on tensor cores: 16 weight rows by 8 slots by 16 columns at a time.
//
// Weights lie as the tensor cores take them: [tiles of 16 rows, chunks of 16 columns, 32 lanes, 8 halves], so that a warp reads a tile's chunk in
// one load of 512 bytes and needs no shared memory for it. Lane l has rows l / 4 and l / 4 + 8 and the columns 4 * (l % 4) to 4 * (l % 4) + 3 of the
// chunk. The instruction wants other columns there; but a sum of products may be taken in any order of its columns if both factors have it, and with
// four neighbours a lane reads its part of an input in one 128-bit load as well.
//
// Inputs stay float32. A lane splits x into two halves, high = half(x) and low = half(2048 (x - high)), whose products with a weight are summed apart
// and put together at the end, high + low / 2048. So x counts with 22 bits, and only the weights are rounded: the recurrence would amplify the other. Beyond
// 65,504 x has no half: the sums are then not numbers, which the host reports.
//
// The columns are divided into four parts; within a part the sum goes chunk by chunk, then parts are added in their order. That is the same for every
// size of tile, and no slot has a part in another's sum, so a row's result is the same alone and beside others, bit for bit.

constexpr int tile_rows = 16;
constexpr int tile_slots = 8;
constexpr int chunk_columns = 16;
constexpr int column_parts = 4;
constexpr float low_scale = 2048.0f;

// Four warps: one a part.
constexpr int tile_threads = column_parts * warp_size;
constexpr int tile_sums = tile_rows * tile_slots;

__device__ __forceinline__ int chunk_count(int columns) { return (columns + chunk_columns - 1) / chunk_columns; }

// The first chunk of a part; that of the part after the last is the end.
__device__ __forceinline__ int part_start(int chunks, int part) { return chunks * part / column_parts; }

// One of a layer's inputs, from a column on.
struct InputColumns {
    const float* vectors;
    int width;
};

__device__ __forceinline__ InputColumns find_columns(const Inputs& inputs, int column) {
    const int second_end = inputs.first_width + inputs.second_width;
    const bool is_first = column < inputs.first_width;
    const bool is_second = !is_first && column < second_end;
    const int start = is_first ? 0 : is_second ? inputs.first_width : second_end;
    return {(is_first ? inputs.first : is_second ? inputs.second : inputs.third) + (column - start),
        is_first ? inputs.first_width : is_second ? inputs.second_width : inputs.third_width};
}

__device__ __forceinline__ void split_halves(const float4& x, unsigned (&high)[2], unsigned (&low)[2]) {
    const float values[4] = {x.x, x.y, x.z, x.w};
#pragma unroll
    for (int i = 0; i < 2; i++) {
        float first;
        float second;
        high[i] = pack_halves(values[2 * i], values[2 * i + 1]);
        unpack_halves(high[i], first, second);
        low[i] = pack_halves(low_scale * (values[2 * i] - first), low_scale * (values[2 * i + 1] - second));
    }
}

__device__ __forceinline__ void take_fragment(const uint4& packed, unsigned (&fragment)[4]) {
    fragment[0] = packed.x;
    fragment[1] = packed.y;
    fragment[2] = packed.z;
    fragment[3] = packed.w;
}

__device__ __forceinline__ float join_halves(float high, float low) { return fmaf(low, 1.0f / low_scale, high); }

// Sums of a tile over the chunks from begin to end. fragments: the tile's, this lane's. inputs: two at most. row: that of slot lane / 4, -1 for none.
// Nothing else hides the latency of loads, so those of eight chunks are under way at once, 16 with the weights'. For that no address and no condition between
// them may want what a load has brought: row is itself loaded, and a wait for it is one for all loads that came after it, because scoreboards are few. So what
// depends on it, addresses and the first column that is not there, is made before the loop; conditions guard single loads, for which there are predicates in
// place of branches; and chunks beyond the end are multiplied as zeros, which change no sum, because a branch would keep one chunk's conversions from being
// made beside another's products. Kernels must say that one block a multiprocessor will do, or the compiler gives up these registers and loads one by one.
template <LoadFrom From>
__device__ __forceinline__ void multiply_chunks(const uint4* fragments, const Inputs& inputs, int row, int begin, int end, float (&sums)[1][2][4]) {
    constexpr int ahead = 8;
    const int at = max(row, 0);
    const int limit = row >= 0 ? min(inputs.columns(), end * chunk_columns) : 0;
    int column = begin * chunk_columns + lane_index() % 4 * 4;
    const float* first = inputs.first + at * inputs.first_width + column;
    const float* second = inputs.second + (at * inputs.second_width - inputs.first_width) + column;
    fragments += begin * warp_size;
    for (int chunk = begin; chunk < end; chunk += ahead) {
        uint4 weights[ahead];
        float4 x[ahead];
#pragma unroll
        for (int i = 0; i < ahead; i++) {
            weights[i] = make_uint4(0, 0, 0, 0);
            if (chunk + i < end) {
                weights[i] = __ldg(fragments + i * warp_size);
            }
            x[i] = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
            if (column + i * chunk_columns < limit) {
                const float* const vectors = column + i * chunk_columns < inputs.first_width ? first : second;
                x[i] = load_from<From>(reinterpret_cast<const float4*>(vectors + i * chunk_columns));
            }
        }
#pragma unroll
        for (int i = 0; i < ahead; i++) {
            unsigned a[1][4];
            unsigned b[2][2];
            take_fragment(weights[i], a[0]);
            split_halves(x[i], b[0], b[1]);
            mma_m16n8k16<1, 2>(sums, a, b);
        }
        fragments += ahead * warp_size;
        first += ahead * chunk_columns;
        second += ahead * chunk_columns;
        column += ahead * chunk_columns;
    }
}

// Where a tile's fragments begin, for this lane.
__device__ __forceinline__ const uint4* tile_fragments(const half* weights, int tile, int chunks) {
    return reinterpret_cast<const uint4*>(weights) + static_cast<long long>(tile) * chunks * warp_size + lane_index();
}

// One part's sums of a tile, to shared memory [16, 8].
__device__ __forceinline__ void store_tile(const float (&sums)[1][2][4], float* part) {
    float* const mine = part + lane_index() / 4 * tile_slots + lane_index() % 4 * 2;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        mine[i / 2 * (8 * tile_slots) + i % 2] = join_halves(sums[0][0][i], sums[0][1][i]);
    }
}

// The first four warps of a block multiply a tile; parts [4, 16, 8] in shared memory get each part's sums. Ends with a barrier.
template <LoadFrom From>
__device__ __forceinline__ void multiply_tile(const half* weights, int tile, const Inputs& inputs, int row, float* parts) {
    const int chunks = chunk_count(inputs.columns());
    const int part = warp_index();
    if (part < column_parts) {
        float sums[1][2][4] = {};
        multiply_chunks<From>(
            tile_fragments(weights, tile, chunks), inputs, row, part_start(chunks, part), part_start(chunks, part + 1), sums);
        store_tile(sums, parts + part * tile_sums);
    }
    __syncthreads();
}

__device__ __forceinline__ float add_parts(const float (&parts)[column_parts]) { return ((parts[0] + parts[1]) + parts[2]) + parts[3]; }

// A tile's sum of a weight row and a slot.
__device__ __forceinline__ float tile_sum(const float* parts, int row, int slot) {
    const int at = row * tile_slots + slot;
    return add_parts({parts[at], parts[tile_sums + at], parts[2 * tile_sums + at], parts[3 * tile_sums + at]});
}

EXPORT_CONSTANT(tile_rows, tile_rows)
EXPORT_CONSTANT(tile_slots, tile_slots)
EXPORT_CONSTANT(low_scale, low_scale)
