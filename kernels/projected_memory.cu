#include "decoder_f16.cuh"

// The projected memory: projected[b, row, t] = sum over e of weights[row, e] memory[b, t, e], rounded to half, once an utterance. Every row of weights that
// reads the context is applied to each token's memory instead, so that the persistent decoder never makes a context (persistent_decoder.cu).
//
//   memory [B, token_stride, columns], columns a multiple of 8, below 65,504 in magnitude (an LSTM's output is below 1): as two halves, 22 bits
//   weights in fragments of tensor cores [ceil(rows / 16), ceil(columns / 16), 32, 8] (decoder_f16.cuh)
//   projected [B, rows, projected_stride], projected_stride a multiple of 64; zeros from token_stride on
//   grid (projected_stride / 64, ceil(rows / 128), B), block 256: 128 rows by 64 tokens, a warp 32 by 32. A sum goes chunk by chunk over the columns.

namespace {

constexpr int projection_threads = 8 * warp_size;
constexpr int block_tiles = 8;
constexpr int block_tokens = 64;
// Of a warp, in tiles of 16 rows and of 8 tokens.
constexpr int row_tiles = 2;
constexpr int token_tiles = 4;
// Chunks that lie in shared memory together, how many times, and what a tile has of them.
constexpr int part_chunks = 2;
constexpr int stages = 3;
constexpr int tile_part = part_chunks * warp_size;

// One thread's part in 128 rows by 64 tokens. Warp w copies tile w of the weights and tile w of the tokens.
struct ProjectedTile {
    const uint4* weights;
    const float* memory;
    uint4* staged_weights; // [stages][block_tiles][part_chunks][32 lanes]
    uint4* staged_memory;  // [stages][2 x token_tiles][part_chunks][32 lanes]: four columns, as they come and then as high and low halves
    int chunks;
    int columns;
    bool has_tile;
    bool has_token;

    __device__ __forceinline__ static int token_tile() { return warp_index() % 2 * token_tiles; }
    __device__ __forceinline__ static int row_tile() { return warp_index() / 2 * row_tiles; }

    // The token of a column of a tile, so that the sums of a lane's two columns in four tiles are those of eight tokens in a row.
    __device__ __forceinline__ static int token_of(int tile, int column) {
        return tile / token_tiles * (token_tiles * tile_slots) + column / 2 * (2 * token_tiles) + tile % token_tiles * 2 + column % 2;
    }

    __device__ __forceinline__ uint4* memory_stage(int stage, int tile) const {
        return staged_memory + (stage * 2 * token_tiles + tile) * tile_part + lane_index();
    }
    __device__ __forceinline__ uint4* weight_stage(int stage, int tile) const {
        return staged_weights + (stage * block_tiles + tile) * tile_part + lane_index();
    }

    __device__ __forceinline__ void copy(int part, int stage) const {
#pragma unroll
        for (int i = 0; i < part_chunks; i++) {
            const int chunk = part * part_chunks + i;
            const bool is_tile = has_tile && chunk < chunks;
            cp_async_16(weight_stage(stage, warp_index()) + i * warp_size, weights + (is_tile ? chunk * warp_size : 0), is_tile);
            const int column = chunk * chunk_columns;
            const bool is_token = has_token && column + lane_index() % 4 * 4 < columns;
            cp_async_16(memory_stage(stage, warp_index()) + i * warp_size, memory + (is_token ? column : 0), is_token);
        }
        cp_async_commit();
    }

    // What this thread has copied of the memory, in its place.
    __device__ __forceinline__ void split(int stage) const {
        uint4* const mine = memory_stage(stage, warp_index());
#pragma unroll
        for (int i = 0; i < part_chunks; i++) {
            unsigned high[2];
            unsigned low[2];
            split_halves(*reinterpret_cast<const float4*>(mine + i * warp_size), high, low);
            mine[i * warp_size] = make_uint4(high[0], high[1], low[0], low[1]);
        }
    }

    // Of a row's and a token's tile two sums: that with the high halves, and token_tiles further that with the low ones.
    __device__ __forceinline__ void multiply(int stage, float (&sums)[row_tiles][2 * token_tiles][4]) const {
#pragma unroll
        for (int i = 0; i < part_chunks; i++) {
            unsigned a[row_tiles][4];
            unsigned b[2 * token_tiles][2];
#pragma unroll
            for (int m = 0; m < row_tiles; m++) {
                take_fragment(weight_stage(stage, row_tile() + m)[i * warp_size], a[m]);
            }
#pragma unroll
            for (int n = 0; n < token_tiles; n++) {
                unsigned both[4];
                take_fragment(memory_stage(stage, token_tile() + n)[i * warp_size], both);
                b[n][0] = both[0];
                b[n][1] = both[1];
                b[token_tiles + n][0] = both[2];
                b[token_tiles + n][1] = both[3];
            }
            mma_m16n8k16<row_tiles, 2 * token_tiles>(sums, a, b);
        }
    }

    // Copies are two parts ahead of what is multiplied, so that one barrier a part is enough.
    __device__ __forceinline__ void run(float (&sums)[row_tiles][2 * token_tiles][4]) const {
        const int parts = (chunks + part_chunks - 1) / part_chunks;
        copy(0, 0);
        copy(1, 1);
        int stage = 0;
#pragma unroll 1
        for (int part = 0; part < parts; part++) {
            cp_async_wait<1>();
            split(stage);
            __syncthreads();
            copy(part + 2, stage == 0 ? stages - 1 : stage - 1);
            multiply(stage, sums);
            stage = stage == stages - 1 ? 0 : stage + 1;
        }
    }
};

__device__ __forceinline__ float within_half(float value) { return fminf(fmaxf(value, -65504.0f), 65504.0f); }

} // namespace

extern "C" __global__ void __launch_bounds__(projection_threads, 2) projected_memory_f16(
    const float* memory, const half* weights, half* projected, int token_stride, int projected_stride, int columns, int rows) {
    SHARED(uint4, staged_weights, stages * block_tiles * tile_part);
    SHARED(uint4, staged_memory, stages * 2 * token_tiles * tile_part);
    const int chunks = chunk_count(columns);
    const int token = blockIdx.x * block_tokens + ProjectedTile::token_of(warp_index(), lane_index() / 4);
    const int tile = blockIdx.y * block_tiles + warp_index();
    const bool has_tile = tile < (rows + tile_rows - 1) / tile_rows;
    const bool has_token = token < token_stride;
    const ProjectedTile block = {tile_fragments(weights, has_tile ? tile : 0, chunks),
        memory + (static_cast<long long>(blockIdx.z) * token_stride + (has_token ? token : 0)) * columns + lane_index() % 4 * 4,
        staged_weights, staged_memory, chunks, columns, has_tile, has_token};
    float sums[row_tiles][2 * token_tiles][4] = {};
    block.run(sums);

    const int first_row = (blockIdx.y * block_tiles + ProjectedTile::row_tile()) * tile_rows + lane_index() / 4;
    const int first_token = blockIdx.x * block_tokens + ProjectedTile::token_of(ProjectedTile::token_tile(), lane_index() % 4 * 2);
#pragma unroll
    for (int m = 0; m < row_tiles; m++) {
#pragma unroll
        for (int i = 0; i < 2; i++) {
            const int row = first_row + m * tile_rows + i * 8;
            float values[2 * token_tiles];
#pragma unroll
            for (int n = 0; n < 2 * token_tiles; n++) {
                const int at = 2 * i + n % 2;
                values[n] = within_half(join_halves(sums[m][n / 2][at], sums[m][token_tiles + n / 2][at]));
            }
            if (row < rows) {
                store_vector(projected + (static_cast<long long>(blockIdx.z) * rows + row) * projected_stride + first_token, values);
            }
        }
    }
}
EXPORT_KERNEL(projected_memory_f16)

EXPORT_CONSTANT(projected_memory_threads, projection_threads)
EXPORT_CONSTANT(projected_memory_rows, block_tiles * tile_rows)
EXPORT_CONSTANT(projected_memory_tokens, block_tokens)
