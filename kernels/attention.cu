#include "decoder_f16.cuh"

// Location-sensitive attention (arXiv:1506.07503; in Tacotron 2, arXiv:1712.05884, section 2.2):
//   e[t] = v . tanh(q + key[t] + sum over taps j of U0[j] previous[t + j - taps / 2] + U1[j] cumulative[t + j - taps / 2])
//   w = softmax of e over the row's own tokens   context = sum over t of w[t] memory[t]   previous' = w   cumulative' = cumulative + w
// U is the location convolution and the dense layer after it folded into one convolution [2, taps, width]; there is nothing but a sum
// between them.
//   keys [B, token_stride, width]   memory [B, token_stride, column_stride]   previous, cumulative, energies [B, token_stride]   tokens [B]
// A row's tokens beyond its own number are never read.

constexpr int attention_warps = 8;
constexpr int attention_threads = attention_warps * warp_size;

// The encoder's memory [B, T, columns] into the decoder's own, whose address stays when graphs are replayed: [B, token_stride,
// column_stride], zeros beyond.
//   grid (ceil(column_stride / 256), token_stride, B), block 256, one thread an element. No shared memory.
extern "C" __global__ void __launch_bounds__(attention_threads) attention_memory_f32(
    const float* encoded, float* memory, const int* tokens, int steps, int columns, int column_stride) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    const int token = blockIdx.y;
    const int row = blockIdx.z;
    if (column < column_stride) {
        const bool is_real = column < columns && token < tokens[row];
        const long long from = (static_cast<long long>(row) * steps + token) * columns + column;
        memory[(static_cast<long long>(row) * gridDim.y + token) * column_stride + column] = is_real ? encoded[from] : 0.0f;
    }
}
EXPORT_KERNEL(attention_memory_f32)

// y = W x of vectors that lie one after the other, no bias: the keys of all tokens, once an utterance.
//   x [count, columns], columns a multiple of 8   weights [width, columns]   y [count, width]
//   grid (ceil(count / 8), ceil(width / 8)), block 256: one warp is one output of eight vectors. No shared memory.
template <typename T> __device__ void attention_keys(const float* x, const T* weights, float* y, int count, int columns, int width) {
    const int output = blockIdx.y * attention_warps + warp_index();
    if (output >= width) {
        return;
    }
    int vectors[batch_rows];
#pragma unroll
    for (int r = 0; r < batch_rows; r++) {
        vectors[r] = min(static_cast<int>(blockIdx.x) * batch_rows + r, count - 1);
    }
    float sums[batch_rows] = {};
    const Inputs inputs = {x, columns, nullptr, 0, nullptr, 0};
    add_products<T, 1, batch_rows>(weights + static_cast<long long>(output) * columns, inputs, vectors, sums);
    const float total = sum_over_lanes(sums);
    constexpr int lanes = warp_size / batch_rows;
    const int vector = blockIdx.x * batch_rows + lane_index() / lanes;
    if (lane_index() % lanes == 0 && vector < count) {
        y[static_cast<long long>(vector) * width + output] = total;
    }
}

#define ATTENTION_KEYS(NAME, TYPE)                                                                                                         \
    extern "C" __global__ void __launch_bounds__(attention_threads) NAME(                                                                  \
        const float* memory, const TYPE* weights, float* keys, int count, int columns, int width) {                                        \
        attention_keys<TYPE>(memory, weights, keys, count, columns, width);                                                                \
    }                                                                                                                                      \
    EXPORT_KERNEL(NAME)

ATTENTION_KEYS(attention_keys_f32, float)
ATTENTION_KEYS(attention_keys_f16, half)

// q = W h of the rows in slots: h [B, columns], weights [width, columns], in half precision as decoder_f16.cuh has them, q [B, width].
//   grid (ceil(width / 8), groups of slots), block 256: one warp is one output. No shared memory.
template <int Rows>
__device__ void query_f32(const float* hidden, const float* weights, float* query, const int* slots, int columns, int width) {
    const int output = blockIdx.x * attention_warps + warp_index();
    if (output >= width) {
        return;
    }
    int rows[Rows];
    take_rows(slots, rows);
    float sums[Rows] = {};
    const Inputs inputs = {hidden, columns, nullptr, 0, nullptr, 0};
    add_products<float, 1, Rows>(weights + static_cast<long long>(output) * columns, inputs, rows, sums);
    const float total = sum_over_lanes(sums);
    constexpr int lanes = warp_size / Rows;
    const int row = slots[blockIdx.y * Rows + lane_index() / lanes];
    if (lane_index() % lanes == 0 && row >= 0) {
        query[static_cast<long long>(row) * width + output] = total;
    }
}

//   grid (ceil(width / 16), groups of slots), block 128. Shared memory: the parts' sums.
__device__ __forceinline__ void query_f16(const float* hidden, const half* weights, float* query, const int* slots, int columns, int width) {
    SHARED(float, parts, column_parts * tile_sums);
    const int* const group = slots + blockIdx.y * tile_slots;
    multiply_tile<LoadFrom::ReadOnly>(weights, blockIdx.x, {hidden, columns, nullptr, 0, nullptr, 0}, group[lane_index() / 4], parts);
    const int output = blockIdx.x * tile_rows + threadIdx.x % tile_rows;
    const int slot = threadIdx.x / tile_rows;
    if (output < width && group[slot] >= 0) {
        query[static_cast<long long>(group[slot]) * width + output] = tile_sum(parts, threadIdx.x % tile_rows, slot);
    }
}

// One block a multiprocessor: the compiler would rather load one vector after the other than take the registers of a second block.
#define ATTENTION_QUERY(NAME, TYPE, THREADS, QUERY)                                                                                        \
    extern "C" __global__ void __launch_bounds__(THREADS, 1) NAME(                                                                         \
        const float* hidden, const TYPE* weights, float* query, const int* slots, int columns, int width) {                                \
        QUERY(hidden, weights, query, slots, columns, width);                                                                              \
    }                                                                                                                                      \
    EXPORT_KERNEL(NAME)

ATTENTION_QUERY(attention_query_f32, float, attention_threads, query_f32<1>)
ATTENTION_QUERY(attention_query_batch_f32, float, attention_threads, query_f32<batch_rows>)
ATTENTION_QUERY(attention_query_f16, half, tile_threads, query_f16)

constexpr int energy_tokens = 8;
constexpr int energy_warps = 4;
constexpr int energy_threads = energy_warps * warp_size;

// The token that had most of the attention in the step before, the first of several; 0 before the first step.
__device__ inline int attention_peak(const float* previous, int count, float* scratch) {
    float largest = -INFINITY;
    int peak = 0;
    for (int token = threadIdx.x; token < count; token += blockDim.x) {
        if (previous[token] > largest) {
            largest = previous[token];
            peak = token;
        }
    }
    const float of_block = block_max(largest, scratch);
    // Tokens are far fewer than the integers that a float holds.
    return static_cast<int>(-block_max(largest == of_block ? -static_cast<float>(peak) : -INFINITY, scratch + warp_size));
}

// Taps that are read at once: the filter has a whole number of groups, zeros beyond its own taps.
constexpr int tap_group = 32;

__device__ __forceinline__ int padded_taps(int taps) { return (taps + tap_group - 1) / tap_group * tap_group; }

// What one component of the attention's width needs from memory. Nothing is made of it before all of it is on its way.
struct EnergyComponent {
    float query;
    float keys[energy_tokens];
    float v;
    // Of two taps each: what the first multiplies previous and cumulative weights with, then the second.
    float4 pairs[tap_group / 2];

    // of_query, of_keys, of_v: this component's, keys from the block's first token on.
    __device__ __forceinline__ void load(const float* of_query, const float* of_keys, const float* of_v, int last_token, int width) {
        query = *of_query;
        v = *of_v;
#pragma unroll
        for (int t = 0; t < energy_tokens; t++) {
            keys[t] = of_keys[static_cast<long long>(min(t, last_token)) * width];
        }
    }

    // location: this component's, from the group's first tap on.
    __device__ __forceinline__ void load_group(const float4* location, int width) {
#pragma unroll
        for (int pair = 0; pair < tap_group / 2; pair++) {
            pairs[pair] = __ldg(location + pair * width);
        }
    }

    // signals [2, span]: around the first token, from the group's first tap on.
    __device__ __forceinline__ void add_group(const float* signals, int span, float (&sums)[energy_tokens]) const {
        float previous[tap_group + energy_tokens];
        float cumulative[tap_group + energy_tokens];
        load_local_vector(signals, previous);
        load_local_vector(signals + span, cumulative);
#pragma unroll
        for (int tap = 0; tap < tap_group; tap++) {
            const float of_previous = tap % 2 == 0 ? pairs[tap / 2].x : pairs[tap / 2].z;
            const float of_cumulative = tap % 2 == 0 ? pairs[tap / 2].y : pairs[tap / 2].w;
#pragma unroll
            for (int t = 0; t < energy_tokens; t++) {
                sums[t] = fmaf(of_previous, previous[tap + t], sums[t]);
                sums[t] = fmaf(of_cumulative, cumulative[tap + t], sums[t]);
            }
        }
    }
};

// Energies of eight tokens a block: one thread is one (or every 128th) component of the attention's width, so that an element of U is read
// once for eight tokens. A row with a window can attend only to so many tokens behind and ahead of the last step's peak; the energies of
// the others are minus infinity, and blocks that have no other token are done with that.
//   location [taps / 2, width, 2, 2]: pairs of taps, each with what belongs to previous and to cumulative; taps up to a whole group, zeros beyond
//   v [width]   windows [B, 2]: tokens behind and ahead, -1 and -1 for a row without a window
//   grid (ceil(tokens / 8), slots), block 128. Dynamic shared memory: both signals around the tokens, 2 (whole groups of taps + 8) floats.
// One row has few blocks, and then trips to L2 are all that counts: there are three, one after the other. What a thread needs of filter and keys is on its
// way while the signals are.
// Numbers are float32 in both precisions; T, that of the model's weights, decides which tanh is good enough.
template <typename T>
__device__ __forceinline__ void attention_energies(
    float* signals, const float* query, const float* keys, const float* previous, const float* cumulative, const float4* location, const float* v,
    float* energies, const int* slots, const int* tokens, const int* windows, int width, int taps, int token_stride) {
    SHARED(float, partial, 2 * warp_size);
    const int row = slots[blockIdx.y];
    const int first = blockIdx.x * energy_tokens;
    if (row < 0) {
        return;
    }
    const int count = tokens[row];
    const int2 window = reinterpret_cast<const int2*>(windows)[row];
    // The branch wants both, although no window is like that: else the second's trip to memory would begin where the first's ends.
    if ((first >= count) | (window.y < -1)) {
        return;
    }
    const long long row_start = static_cast<long long>(row) * token_stride;
    int window_first = 0;
    int window_last = count - 1;
    if (window.y >= 0) {
        const int peak = attention_peak(previous + row_start, count, partial);
        window_first = peak - window.x;
        window_last = peak + window.y;
        if (first > window_last || first + energy_tokens <= window_first) {
            if (threadIdx.x < energy_tokens && first + static_cast<int>(threadIdx.x) < count) {
                energies[row_start + first + threadIdx.x] = -INFINITY;
            }
            return;
        }
    }
    const float* const row_query = query + static_cast<long long>(row) * width;
    const float* const token_keys = keys + (row_start + first) * width;
    EnergyComponent component;
    const int own = min(static_cast<int>(threadIdx.x), width - 1);
    component.load(row_query + own, token_keys + own, v + own, count - 1 - first, width);
    component.load_group(location + own, width);
    const int all_taps = padded_taps(taps);
    const int span = all_taps + energy_tokens;
#pragma unroll 1
    for (int i = threadIdx.x; i < 2 * span; i += energy_threads) {
        const float* const signal = i < span ? previous : cumulative;
        const int token = first - taps / 2 + (i < span ? i : i - span);
        signals[i] = token >= 0 && token < count ? signal[row_start + token] : 0.0f;
    }
    __syncthreads();

    float energy[energy_tokens] = {};
    for (int a = threadIdx.x; a < width; a += energy_threads) {
        if (a >= energy_threads) {
            component.load(row_query + a, token_keys + a, v + a, count - 1 - first, width);
            component.load_group(location + a, width);
        }
        float sums[energy_tokens];
#pragma unroll
        for (int t = 0; t < energy_tokens; t++) {
            sums[t] = component.query + component.keys[t];
        }
#pragma unroll 1
        for (int tap = 0; tap < all_taps; tap += tap_group) {
            if (tap > 0) {
                component.load_group(location + tap / 2 * width + a, width);
            }
            component.add_group(signals + tap, span, sums);
        }
#pragma unroll
        for (int t = 0; t < energy_tokens; t++) {
            energy[t] = fmaf(component.v, sizeof(T) == sizeof(half) ? fast_tanh(sums[t]) : tanhf(sums[t]), energy[t]);
        }
    }

    const float of_warp = sum_over_lanes(energy);
    constexpr int lanes = warp_size / energy_tokens;
    if (lane_index() % lanes == 0) {
        partial[warp_index() * energy_tokens + lane_index() / lanes] = of_warp;
    }
    __syncthreads();
    const int token = threadIdx.x;
    if (token < energy_tokens && first + token < count) {
        float sum = 0.0f;
        for (int warp = 0; warp < energy_warps; warp++) {
            sum += partial[warp * energy_tokens + token];
        }
        const bool is_inside = first + token >= window_first && first + token <= window_last;
        energies[row_start + first + token] = is_inside ? sum : -INFINITY;
    }
}

#define ATTENTION_ENERGIES(NAME, TYPE)                                                                                                     \
    extern "C" __global__ void __launch_bounds__(energy_threads) NAME(                                                                     \
        const float* query, const float* keys, const float* previous, const float* cumulative, const float4* location, const float* v,     \
        float* energies, const int* slots, const int* tokens, const int* windows, int width, int taps, int token_stride) {                 \
        DYNAMIC_SHARED(float, signals);                                                                                                    \
        attention_energies<TYPE>(                                                                                                          \
            signals, query, keys, previous, cumulative, location, v, energies, slots, tokens, windows, width, taps, token_stride);         \
    }                                                                                                                                      \
    EXPORT_KERNEL(NAME)

ATTENTION_ENERGIES(attention_energies_f32, float)
ATTENTION_ENERGIES(attention_energies_f16, half)

// Tokens of a warp that are read at once.
constexpr int context_ahead = 16;

// One column of the memory at every eighth token from `first` on; in place of those that are not there the last, because loads without conditions share
// what they make of their addresses.
__device__ __forceinline__ void load_memory(const float* column, int column_stride, int first, int count, float (&values)[context_ahead]) {
#pragma unroll
    for (int i = 0; i < context_ahead; i++) {
        values[i] = column[static_cast<long long>(min(first + i * attention_warps, count - 1)) * column_stride];
    }
}

// Softmax and context. Every block makes the whole softmax, because a few hundred exponentials cost less than another launch, and then 32
// columns of the context: a warp takes every eighth token, a lane a column. The first block of a row also keeps the weights.
//   context [B, column_stride]   records [slots, steps of a chunk, record_width]: the weights go to this step's record from record_start on
//   grid (ceil(columns / 32), slots), block 256. Dynamic shared memory: the weights, token_stride floats.
extern "C" __global__ void __launch_bounds__(attention_threads, 1) attention_context_f32(
    const float* energies, const float* memory, float* context, float* previous, float* cumulative, float* records,
    const int* slots, const int* tokens, int columns, int column_stride, int token_stride, int offset, int chunk_steps, int record_start,
    int record_width) {
    DYNAMIC_SHARED(float, weights);
    SHARED(float, partial, attention_threads);
    const int slot = blockIdx.y;
    const int row = slots[slot];
    if (row < 0) {
        return;
    }
    const int count = tokens[row];
    const long long row_start = static_cast<long long>(row) * token_stride;
    float largest = -INFINITY;
    if (static_cast<int>(threadIdx.x) < count) {
        largest = fmaxf(largest, energies[row_start + threadIdx.x]);
    }
    // Nothing of the memory depends on the weights: what most rows need of it is on its way while they are made.
    const int column = blockIdx.x * warp_size + lane_index();
    const float* const row_column = memory + row_start * column_stride + min(column, columns - 1);
    float values[context_ahead];
    load_memory(row_column, column_stride, warp_index(), count, values);
#pragma unroll 1
    for (int token = threadIdx.x + attention_threads; token < count; token += attention_threads) {
        largest = fmaxf(largest, energies[row_start + token]);
    }
    largest = block_max(largest, partial);
    float sum = 0.0f;
#pragma unroll 1
    for (int token = threadIdx.x; token < count; token += attention_threads) {
        weights[token] = expf(energies[row_start + token] - largest);
        sum += weights[token];
    }
    sum = block_sum(sum, partial + warp_size);
    float* const record = records + (static_cast<long long>(slot) * chunk_steps + offset) * record_width + record_start;
#pragma unroll 1
    for (int token = threadIdx.x; token < count; token += attention_threads) {
        const float weight = weights[token] / sum;
        weights[token] = weight;
        if (blockIdx.x == 0) {
            previous[row_start + token] = weight;
            cumulative[row_start + token] += weight;
            record[token] = weight;
        }
    }
    __syncthreads();

    float part = 0.0f;
    for (int first = warp_index(); first < count; first += context_ahead * attention_warps) {
        if (first >= context_ahead * attention_warps) {
            load_memory(row_column, column_stride, first, count, values);
        }
#pragma unroll
        for (int i = 0; i < context_ahead; i++) {
            if (first + i * attention_warps < count) {
                part = fmaf(weights[first + i * attention_warps], values[i], part);
            }
        }
    }
    partial[threadIdx.x] = part;
    __syncthreads();
    if (warp_index() == 0 && column < columns) {
        float total = 0.0f;
        for (int warp = 0; warp < attention_warps; warp++) {
            total += partial[warp * warp_size + lane_index()];
        }
        context[static_cast<long long>(row) * column_stride + column] = total;
    }
}
EXPORT_KERNEL(attention_context_f32)

EXPORT_CONSTANT(attention_threads, attention_threads)
EXPORT_CONSTANT(energy_threads, energy_threads)
EXPORT_CONSTANT(energy_tokens, energy_tokens)
EXPORT_CONSTANT(tap_group, tap_group)
