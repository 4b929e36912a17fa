#include "common.cuh"

// 16-bit samples: clamp(round(32768 x), -32768, 32767), rounded to nearest and halves away from zero, as src/CudaTts/Audio/Pcm16.cs does.
//
//   samples [N], output [N]; first_damaged [1], a number of at least N when it comes, receives the index of the first sample that is not finite.
//   Grid (ceil(N / 256)), block 256. Bound by memory.
template <typename T> __device__ void convert_to_pcm(const T* samples, short* output, unsigned* first_damaged, unsigned count) {
    const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) {
        return;
    }
    const float x = to_float(samples[i]);
    if (!(fabsf(x) < INFINITY)) {
        atomicMin(first_damaged, i);
        output[i] = 0;
        return;
    }
    output[i] = static_cast<short>(fminf(fmaxf(roundf(x * 32768.0f), -32768.0f), 32767.0f));
}

#define PCM_ENTRY(NAME, TYPE)                                                                                                             \
    extern "C" __global__ void __launch_bounds__(256) NAME(const TYPE* samples, short* output, unsigned* first_damaged, unsigned count) { \
        convert_to_pcm(samples, output, first_damaged, count);                                                                            \
    }                                                                                                                                     \
    EXPORT_KERNEL(NAME)

PCM_ENTRY(pcm16_f32, float)
PCM_ENTRY(pcm16_f16, half)
