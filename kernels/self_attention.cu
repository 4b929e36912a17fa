#include "common.cuh"

// Self-attention of all heads in one launch; no score goes to memory.

constexpr int tile = 32;
constexpr int threads = 128;
constexpr int column_threads = 16;

// A row of a tile in shared memory, in floats: a multiple of four, so that a thread's four queries are one load of 128 bits.
constexpr int row_floats = tile + 4;

// Less than any score.
constexpr float least_score = -1e30f;

// Where a block's parts of shared memory begin.
struct SharedTiles {
    float* queries;     // [D, 36], divided by the root of D
    float* keys;        // [D, 36]
    float* scores;      // [32 keys, 36 queries]: scores, then their exponentials
    float* largest;     // [32]: each query's largest score so far
    float* corrections; // [32]: what its sums so far are multiplied with; at the end the inverse of their total
    float* relative;    // [2 W + 1, 32]: products of queries with relative keys, then scores, at the end their exponentials
    float* values;      // [32, D]
};

__device__ __forceinline__ SharedTiles divide(float* shared, int width, int places) {
    SharedTiles tiles;
    tiles.queries = shared;
    tiles.keys = tiles.queries + width * row_floats;
    tiles.scores = tiles.keys + width * row_floats;
    tiles.largest = tiles.scores + tile * row_floats;
    tiles.corrections = tiles.largest + tile;
    tiles.relative = tiles.corrections + tile;
    tiles.values = tiles.relative + places * tile;
    return tiles;
}

// A tile's steps of one head, from `rows` on a stride apart: a thread's four numbers, threads apart, and zeros past the last step that counts.
// They stay as they are until all have been asked for: conversions between the loads would make these wait for each other.
template <typename T> __device__ __forceinline__ void load_numbers(const T* rows, int stride, int width, int from, int count, T (&numbers)[4]) {
#pragma unroll
    for (int n = 0; n < 4; n++) {
        const int i = from + n * threads;
        numbers[n] = from_float<T>(0.0f);
        if (i < tile * width && i / width < count) {
            numbers[n] = rows[static_cast<size_t>(i / width) * stride + i % width];
        }
    }
}

// The same numbers channel by channel, [D, 36].
template <typename T> __device__ __forceinline__ void store_turned(float* turned, int width, int from, const T (&numbers)[4], float scale) {
#pragma unroll
    for (int n = 0; n < 4; n++) {
        const int i = from + n * threads;
        if (i < tile * width) {
            turned[i % width * row_floats + i / width] = to_float(numbers[n]) * scale;
        }
    }
}

// Products of the tile's queries with the relative keys.
__device__ __forceinline__ void multiply_relative(const SharedTiles& tiles, const float* relative_keys, int width, int places) {
    constexpr int at_once = 8;
    for (int i = static_cast<int>(threadIdx.x); i < places * tile; i += threads) {
        float sum = 0.0f;
#pragma unroll 1
        for (int c = 0; c < width; c += at_once) {
            float keys[at_once];
#pragma unroll
            for (int n = 0; n < at_once; n++) {
                keys[n] = c + n < width ? relative_keys[i / tile * width + c + n] : 0.0f;
            }
#pragma unroll
            for (int n = 0; n < at_once; n++) {
                sum += keys[n] * (c + n < width ? tiles.queries[(c + n) * row_floats + i % tile] : 0.0f);
            }
        }
        tiles.relative[i] = sum;
    }
}

// Scores of a tile of keys: this thread's queries are 4 (threadIdx.x / 16) and the three after, its keys 2 (threadIdx.x % 16) and the next.
template <typename T>
__device__ __forceinline__ void score(const SharedTiles& tiles, const T* mask, int width, int window, int first_query, int first_key, int real_steps) {
    const int query = static_cast<int>(threadIdx.x) / column_threads * 4;
    const int key = static_cast<int>(threadIdx.x) % column_threads * 2;
    T masks[2];
#pragma unroll
    for (int j = 0; j < 2; j++) {
        masks[j] = from_float<T>(first_key + key + j < real_steps ? 1.0f : 0.0f);
        if (mask != nullptr && first_key + key + j < real_steps) {
            masks[j] = mask[first_key + key + j];
        }
    }
    float sums[2][4] = {};
    for (int c = 0; c < width; c++) {
        const float4 q = *reinterpret_cast<const float4*>(tiles.queries + c * row_floats + query);
        const float2 k = *reinterpret_cast<const float2*>(tiles.keys + c * row_floats + key);
        sums[0][0] += q.x * k.x;
        sums[0][1] += q.y * k.x;
        sums[0][2] += q.z * k.x;
        sums[0][3] += q.w * k.x;
        sums[1][0] += q.x * k.y;
        sums[1][1] += q.y * k.y;
        sums[1][2] += q.z * k.y;
        sums[1][3] += q.w * k.y;
    }
#pragma unroll
    for (int j = 0; j < 2; j++) {
        const bool counts = to_float(masks[j]) != 0.0f;
#pragma unroll
        for (int i = 0; i < 4; i++) {
            const int place = first_key + key + j - (first_query + query + i) + window;
            if (place >= 0 && place <= 2 * window) {
                float* const relative = tiles.relative + place * tile + query + i;
                sums[j][i] = counts ? sums[j][i] + *relative : -INFINITY;
                *relative = sums[j][i];
            }
            tiles.scores[(key + j) * row_floats + query + i] = counts ? sums[j][i] : -INFINITY;
        }
    }
}

// Exponentials of a tile's scores: four threads share a query. Returns the sum of this thread's so far.
__device__ __forceinline__ float exponentiate(const SharedTiles& tiles, float sum) {
    const int query = static_cast<int>(threadIdx.x) / 4;
    const int part = static_cast<int>(threadIdx.x) % 4;
    float* const scores = tiles.scores + query;
    const float before = tiles.largest[query];
    float largest = before;
#pragma unroll
    for (int key = 0; key < tile; key += 4) {
        largest = fmaxf(largest, scores[(key + part) * row_floats]);
    }
    largest = fmaxf(largest, shuffle_xor(largest, 1));
    largest = fmaxf(largest, shuffle_xor(largest, 2));
    const float correction = expf(before - largest);
    sum *= correction;
#pragma unroll
    for (int key = 0; key < tile; key += 4) {
        const float power = expf(scores[(key + part) * row_floats] - largest);
        scores[(key + part) * row_floats] = power;
        sum += power;
    }
    if (part == 0) {
        tiles.largest[query] = largest;
        tiles.corrections[query] = correction;
    }
    return sum;
}

// output_i = sum over j of p_ij (v_j + E_v[j - i + W]), p = softmax over j of (q_i / sqrt D) . (k_j + E_k[j - i + W]), relative terms where |j - i| <= W.
//
//   projected [B, T, 3 H D]: queries, keys, values, each head by head; relative_keys, relative_values [2 W + 1, D] float32, or null with places = 0;
//   mask [B, T] or null: keys where it is 0 do not count; lengths [B] or null: nor do those past lengths[b] * steps_per_unit; y [B, T, H D], zero there.
//   Grid (ceil(T / 32), H, B), block 128: a block makes 32 queries of a head. Keys and values pass by in tiles of 32; a query's sums are relative to its largest
//   score so far and corrected when there is a larger one (arXiv:1805.02867). A thread sums 4 queries and every 16th channel, Columns of them at most.
//   Dynamic shared memory: 288 D + 128 D + 4,864 bytes and 128 for each place; 31 KB for 64 channels. Bound by arithmetic on the float units.
template <typename T, int Columns>
__device__ void self_attention(const T* projected, const float* relative_keys, const float* relative_values, const T* mask, const int* lengths, T* y,
    int steps_per_unit, int steps, int width, int places) {
    DYNAMIC_SHARED(float, shared);
    const SharedTiles tiles = divide(shared, width, places);
    const int thread = static_cast<int>(threadIdx.x);
    const int first = static_cast<int>(blockIdx.x) * tile;
    const int real_steps = lengths == nullptr ? steps : min(steps, lengths[blockIdx.z] * steps_per_unit);
    const int channels = static_cast<int>(gridDim.y) * width;
    const int window = places == 0 ? -1 : places / 2;
    const T* const rows = projected + static_cast<size_t>(blockIdx.z) * steps * 3 * channels + blockIdx.y * width;
    const T* const row_mask = mask == nullptr ? nullptr : mask + static_cast<size_t>(blockIdx.z) * steps;
    const float scale = 1.0f / sqrtf(static_cast<float>(width));
    const size_t stride = 3 * static_cast<size_t>(channels);
#pragma unroll 1
    for (int i = thread; i < tile * width; i += 4 * threads) {
        T numbers[4];
        load_numbers(rows + first * stride, 3 * channels, width, i, real_steps - first, numbers);
        store_turned(tiles.queries, width, i, numbers, scale);
    }
    if (thread < tile) {
        tiles.largest[thread] = least_score;
    }
    __syncthreads();
    multiply_relative(tiles, relative_keys, width, places);

    const int query = thread / column_threads * 4;
    const int column = thread % column_threads;
    float sums[4][Columns] = {};
    float total = 0.0f;
    for (int first_key = 0; first < real_steps && first_key < real_steps; first_key += tile) {
        __syncthreads();
#pragma unroll 1
        for (int i = thread; i < tile * width; i += 4 * threads) {
            T keys[4];
            T values[4];
            load_numbers(rows + first_key * stride + channels, 3 * channels, width, i, real_steps - first_key, keys);
            load_numbers(rows + first_key * stride + 2 * channels, 3 * channels, width, i, real_steps - first_key, values);
            store_turned(tiles.keys, width, i, keys, 1.0f);
#pragma unroll
            for (int n = 0; n < 4; n++) {
                if (i + n * threads < tile * width) {
                    tiles.values[i + n * threads] = to_float(values[n]);
                }
            }
        }
        __syncthreads();
        score(tiles, row_mask, width, window, first, first_key, real_steps);
        __syncthreads();
        total = exponentiate(tiles, total);
        __syncthreads();
        const float4 correction = *reinterpret_cast<const float4*>(tiles.corrections + query);
#pragma unroll
        for (int n = 0; n < Columns; n++) {
            sums[0][n] *= correction.x;
            sums[1][n] *= correction.y;
            sums[2][n] *= correction.z;
            sums[3][n] *= correction.w;
        }
        for (int key = 0; key < tile; key++) {
            const float4 p = *reinterpret_cast<const float4*>(tiles.scores + key * row_floats + query);
#pragma unroll
            for (int n = 0; n < Columns; n++) {
                const int c = column + n * column_threads;
                const float v = c < width ? tiles.values[key * width + c] : 0.0f;
                sums[0][n] += p.x * v;
                sums[1][n] += p.y * v;
                sums[2][n] += p.z * v;
                sums[3][n] += p.w * v;
            }
        }
    }

    total += shuffle_xor(total, 1);
    total += shuffle_xor(total, 2);
    __syncthreads();
    if (thread % 4 == 0) {
        tiles.corrections[thread / 4] = total > 0.0f ? 1.0f / total : 0.0f;
    }
    for (int i = thread; i < places * tile; i += threads) {
        const int key = first + i % tile + i / tile - window;
        tiles.relative[i] = key >= 0 && key < real_steps && first + i % tile < real_steps ? expf(tiles.relative[i] - tiles.largest[i % tile]) : 0.0f;
    }
    __syncthreads();
    for (int place = 0; place < places; place++) {
        const float4 p = *reinterpret_cast<const float4*>(tiles.relative + place * tile + query);
#pragma unroll
        for (int n = 0; n < Columns; n++) {
            const int c = column + n * column_threads;
            const float v = c < width ? relative_values[place * width + c] : 0.0f;
            sums[0][n] += p.x * v;
            sums[1][n] += p.y * v;
            sums[2][n] += p.z * v;
            sums[3][n] += p.w * v;
        }
    }
#pragma unroll
    for (int i = 0; i < 4; i++) {
        const int t = first + query + i;
        const float inverse = tiles.corrections[query + i];
        T* const to = y + (static_cast<size_t>(blockIdx.z) * steps + t) * channels + blockIdx.y * width;
#pragma unroll
        for (int n = 0; n < Columns; n++) {
            const int c = column + n * column_threads;
            if (t < steps && c < width) {
                to[c] = from_float<T>(t < real_steps ? sums[i][n] * inverse : 0.0f);
            }
        }
    }
}

// The number in a name is the most channels that a head may have.
#define SELF_ATTENTION_ENTRY(NAME, TYPE, COLUMNS)                                                                                               \
    extern "C" __global__ void __launch_bounds__(threads) NAME(const TYPE* projected, const float* relative_keys, const float* relative_values, \
        const TYPE* mask, const int* lengths, TYPE* y, int steps_per_unit, int steps, int width, int places) {                                  \
        self_attention<TYPE, COLUMNS>(projected, relative_keys, relative_values, mask, lengths, y, steps_per_unit, steps, width, places);       \
    }                                                                                                                                           \
    EXPORT_KERNEL(NAME)

SELF_ATTENTION_ENTRY(self_attention_64_f32, float, 4)
SELF_ATTENTION_ENTRY(self_attention_64_f16, half, 4)
SELF_ATTENTION_ENTRY(self_attention_128_f32, float, 8)
SELF_ATTENTION_ENTRY(self_attention_128_f16, half, 8)

EXPORT_CONSTANT(self_attention_threads, threads)
EXPORT_CONSTANT(self_attention_tile, tile)
EXPORT_CONSTANT(self_attention_row_floats, row_floats)
