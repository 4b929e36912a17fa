#include "common.cuh"

// y[b, t, c] = table[ids[b, t], c] where t < lengths[b], else 0.
//
//   ids [B, T], lengths [B] or null, table [symbols, C] float32, y [B, T, C].
//   Grid (T, B), block 128: a block copies one row of the table. Bound by memory.
template <typename T> __device__ void embed(const int* ids, const int* lengths, const float* table, T* output, int steps, int channels) {
    const int t = blockIdx.x;
    const bool is_real = lengths == nullptr || t < lengths[blockIdx.y];
    const size_t step = static_cast<size_t>(blockIdx.y) * steps + t;
    const float* const row = table + (is_real ? static_cast<size_t>(ids[step]) * channels : 0);
    for (int c = threadIdx.x; c < channels; c += blockDim.x) {
        output[step * channels + c] = from_float<T>(is_real ? row[c] : 0.0f);
    }
}

#define EMBEDDING_ENTRY(NAME, TYPE)                                                                                                       \
    extern "C" __global__ void __launch_bounds__(128)                                                                                     \
        NAME(const int* ids, const int* lengths, const float* table, TYPE* output, int steps, int channels) {                             \
        embed(ids, lengths, table, output, steps, channels);                                                                              \
    }                                                                                                                                     \
    EXPORT_KERNEL(NAME)

EMBEDDING_ENTRY(embedding_f32, float)
EMBEDDING_ENTRY(embedding_f16, half)
