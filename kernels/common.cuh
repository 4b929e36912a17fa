#pragma once

// What all kernels share: the few instructions that C++ has no word for, each with a twin for the emulated device (kernels/emulation), and the orders of
// summation and random numbers that make a result the same on every device. Blocks that use lanes and warps are one-dimensional and whole warps.

#ifdef __CUDACC__
#include <cuda_fp16.h>

// The only ways to declare shared memory: arrays of a fixed size, and the one whose size is given at the launch. Both are aligned to 16 bytes.
#define SHARED(TYPE, NAME, COUNT) __shared__ __align__(16) TYPE NAME[COUNT]
#define DYNAMIC_SHARED(TYPE, NAME)                                    \
    extern __shared__ __align__(16) unsigned char dynamic_shared[];   \
    TYPE* const NAME = reinterpret_cast<TYPE*>(dynamic_shared)

// Stands after every kernel: the emulated device learns its name and its parameters.
#define EXPORT_KERNEL(NAME)

// Stands, outside of any namespace, behind a constant that the host has too: the emulated device learns its name and value, to which tests hold the
// constants of src/CudaTts (KernelConstantAttribute.cs). It compiles the same sources, so that for a GPU there is nothing to export.
#define EXPORT_CONSTANT(NAME, VALUE)
#endif

constexpr int warp_size = 32;
constexpr unsigned all_lanes = 0xFFFFFFFFu;

__device__ __forceinline__ int lane_index() { return static_cast<int>(threadIdx.x % warp_size); }
__device__ __forceinline__ int warp_index() { return static_cast<int>(threadIdx.x / warp_size); }

// Numbers: float or half in memory, float in registers.

__device__ __forceinline__ float to_float(float value) { return value; }
__device__ __forceinline__ float to_float(half value) { return __half2float(value); }

template <typename T> __device__ __forceinline__ T from_float(float value);
template <> __device__ __forceinline__ float from_float<float>(float value) { return value; }
template <> __device__ __forceinline__ half from_float<half>(float value) { return __float2half_rn(value); }

// Two halves in one register, the first in the lower bits.
__device__ __forceinline__ unsigned pack_halves(float first, float second) {
    return static_cast<unsigned>(__half_as_ushort(__float2half_rn(first))) |
           static_cast<unsigned>(__half_as_ushort(__float2half_rn(second))) << 16;
}

__device__ __forceinline__ void unpack_halves(unsigned word, float& first, float& second) {
    first = __half2float(__ushort_as_half(static_cast<unsigned short>(word & 0xFFFFu)));
    second = __half2float(__ushort_as_half(static_cast<unsigned short>(word >> 16)));
}

__device__ __forceinline__ void unpack_halves(uint4 packed, float (&values)[8]) {
#ifdef CUDATTS_EMULATED
    emulation::halves_to_floats(packed, values);
#else
    const unsigned words[4] = {packed.x, packed.y, packed.z, packed.w};
#pragma unroll
    for (int i = 0; i < 4; i++) {
        unpack_halves(words[i], values[2 * i], values[2 * i + 1]);
    }
#endif
}

// Where a load may come from. ReadOnly: no thread writes it during the launch. Written: another block may have written it (grid_barrier or flag_wait
// lies between), so a cache of this multiprocessor may not answer. Local: shared memory, or what this thread or block has written itself.
enum class LoadFrom { ReadOnly, Written, Local };

template <LoadFrom From, typename V> __device__ __forceinline__ V load_from(const V* address) {
    if constexpr (From == LoadFrom::ReadOnly) {
        return __ldg(address);
    } else if constexpr (From == LoadFrom::Written) {
        return __ldcg(address);
    } else {
        return *address;
    }
}

// Count values by loads of 128 bits: the address is a multiple of 16 bytes and Count one of 4 (float) or 8 (half).
template <LoadFrom From, int Count> __device__ __forceinline__ void load_vector_from(const float* address, float (&values)[Count]) {
    static_assert(Count % 4 == 0, "128 bits hold four floats");
#pragma unroll
    for (int i = 0; i < Count; i += 4) {
        const float4 loaded = load_from<From>(reinterpret_cast<const float4*>(address + i));
        values[i] = loaded.x;
        values[i + 1] = loaded.y;
        values[i + 2] = loaded.z;
        values[i + 3] = loaded.w;
    }
}

template <LoadFrom From, int Count> __device__ __forceinline__ void load_vector_from(const half* address, float (&values)[Count]) {
    static_assert(Count % 8 == 0, "128 bits hold eight halves");
#pragma unroll
    for (int i = 0; i < Count; i += 8) {
        float eight[8];
        unpack_halves(load_from<From>(reinterpret_cast<const uint4*>(address + i)), eight);
#pragma unroll
        for (int j = 0; j < 8; j++) {
            values[i + j] = eight[j];
        }
    }
}

template <typename T, int Count> __device__ __forceinline__ void load_vector(const T* address, float (&values)[Count]) {
    load_vector_from<LoadFrom::ReadOnly>(address, values);
}
template <typename T, int Count> __device__ __forceinline__ void load_written_vector(const T* address, float (&values)[Count]) {
    load_vector_from<LoadFrom::Written>(address, values);
}
template <typename T, int Count> __device__ __forceinline__ void load_local_vector(const T* address, float (&values)[Count]) {
    load_vector_from<LoadFrom::Local>(address, values);
}

template <int Count> __device__ __forceinline__ void store_vector(float* address, const float (&values)[Count]) {
    static_assert(Count % 4 == 0, "128 bits hold four floats");
#pragma unroll
    for (int i = 0; i < Count; i += 4) {
        *reinterpret_cast<float4*>(address + i) = make_float4(values[i], values[i + 1], values[i + 2], values[i + 3]);
    }
}

template <int Count> __device__ __forceinline__ void store_vector(half* address, const float (&values)[Count]) {
    static_assert(Count % 8 == 0, "128 bits hold eight halves");
#pragma unroll
    for (int i = 0; i < Count; i += 8) {
        *reinterpret_cast<uint4*>(address + i) = make_uint4(pack_halves(values[i], values[i + 1]), pack_halves(values[i + 2], values[i + 3]),
            pack_halves(values[i + 4], values[i + 5]), pack_halves(values[i + 6], values[i + 7]));
    }
}

// Maths is the accurate kind: expf and tanhf as the compiler has them without fast maths, within 2 units in the last place.
__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

// The quick kind, for half precision, whose weights are known to 2^-11: 2^x and 1 / x by the multi-function unit, an instruction each, without the range
// reductions and divisions of the accurate kind (some 30 instructions, one after the other). The PTX ISA gives 2^x within 2^-22 of itself and 1 / x, for x in
// [1, 2), within 2^-23; denormals become zeros, which next to 1 they are anyway. With the roundings in between tanh and sigmoid are within 5e-7 for every x, 1
// and -1 (1 and 0) where it is large or infinite, and NaN of NaN. Near zero that is no relative error: fast_tanh(1e-8) may be 0.
// The instruction tanh.approx.f32 is not for here: it is within 2^-11 of itself only, an energy is the sum of 128 of them, and what attention makes of it comes
// back to it in every later step.
__device__ __forceinline__ float fast_exp2(float x) {
#ifdef CUDATTS_EMULATED
    return exp2f(x);
#else
    float power;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(x));
    return power;
#endif
}

__device__ __forceinline__ float fast_reciprocal(float x) {
#ifdef CUDATTS_EMULATED
    return 1.0f / x;
#else
    float reciprocal;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(reciprocal) : "f"(x));
    return reciprocal;
#endif
}

constexpr float log2_e = 1.44269504f;

__device__ __forceinline__ float fast_tanh(float x) { return fmaf(-2.0f, fast_reciprocal(1.0f + fast_exp2(2.0f * log2_e * x)), 1.0f); }
__device__ __forceinline__ float fast_sigmoid(float x) { return fast_reciprocal(1.0f + fast_exp2(-log2_e * x)); }

// Warps and blocks.

template <typename T> __device__ __forceinline__ T shuffle(T value, int source) { return __shfl_sync(all_lanes, value, source); }
template <typename T> __device__ __forceinline__ T shuffle_xor(T value, int with) { return __shfl_xor_sync(all_lanes, value, with); }
template <typename T> __device__ __forceinline__ T shuffle_up(T value, int by) { return __shfl_up_sync(all_lanes, value, static_cast<unsigned>(by)); }
template <typename T> __device__ __forceinline__ T shuffle_down(T value, int by) { return __shfl_down_sync(all_lanes, value, static_cast<unsigned>(by)); }

// Over all lanes, in a butterfly of 16, 8, 4, 2, 1; every lane gets the same bits.
__device__ __forceinline__ float warp_sum(float value) {
#ifdef CUDATTS_EMULATED
    return emulation::warp_reduce(emulation::Reduction::Sum, value, emulation::Place::current());
#else
#pragma unroll
    for (int offset = warp_size / 2; offset > 0; offset /= 2) {
        value += shuffle_xor(value, offset);
    }
    return value;
#endif
}

__device__ __forceinline__ float warp_max(float value) {
#ifdef CUDATTS_EMULATED
    return emulation::warp_reduce(emulation::Reduction::Maximum, value, emulation::Place::current());
#else
#pragma unroll
    for (int offset = warp_size / 2; offset > 0; offset /= 2) {
        value = fmaxf(value, shuffle_xor(value, offset));
    }
    return value;
#endif
}

// Over all threads of the block: within warps first, then over the warps' results in the same butterfly. Every thread gets the same bits.
// scratch: 32 floats of shared memory that nothing else uses until the next barrier after the call.
__device__ __forceinline__ float block_sum(float value, float* scratch) {
    const float of_warp = warp_sum(value);
    if (lane_index() == 0) {
        scratch[warp_index()] = of_warp;
    }
    __syncthreads();
    return warp_sum(lane_index() < static_cast<int>(blockDim.x / warp_size) ? scratch[lane_index()] : 0.0f);
}

__device__ __forceinline__ float block_max(float value, float* scratch) {
    const float of_warp = warp_max(value);
    if (lane_index() == 0) {
        scratch[warp_index()] = of_warp;
    }
    __syncthreads();
    return warp_max(scratch[min(lane_index(), static_cast<int>(blockDim.x / warp_size) - 1)]);
}

// Asynchronous copies from global to shared memory.

// 16 bytes; both addresses are multiples of 16. Where the source is not wanted the destination becomes zero and the source is not read.
__device__ __forceinline__ void cp_async_16(void* shared, const void* global, bool is_wanted = true) {
#ifdef CUDATTS_EMULATED
    emulation::copy_async(shared, global, is_wanted);
#else
    const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(shared));
    const int bytes = is_wanted ? 16 : 0;
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(address), "l"(global), "r"(bytes) : "memory");
#endif
}

__device__ __forceinline__ void cp_async_commit() {
#ifdef CUDATTS_EMULATED
    emulation::commit_copies();
#else
    asm volatile("cp.async.commit_group;\n" ::: "memory");
#endif
}

// Waits until at most Groups of this thread's last committed groups are still under way. Other threads see the copies after a barrier.
template <int Groups> __device__ __forceinline__ void cp_async_wait() {
#ifdef CUDATTS_EMULATED
    emulation::wait_copies(Groups);
#else
    asm volatile("cp.async.wait_group %0;\n" ::"n"(Groups) : "memory");
#endif
}

// Matrices of tensor cores.

// 8 x 8 matrices of halves out of shared memory. Lane l gives the address of row l % 8 of matrix l / 8 (16 bytes, aligned; for x2 the addresses of lanes
// 16 to 31 are not used, but valid ones). Register i of lane l: elements 2 * (l % 4) and the next of row l / 4 of matrix i; transposed, of column l / 4.
#ifdef CUDATTS_EMULATED
__device__ __forceinline__ void ldmatrix_x4(unsigned (&registers)[4], const void* row) {
    emulation::load_matrices(registers, 4, false, row, emulation::Place::current());
}
__device__ __forceinline__ void ldmatrix_x2(unsigned (&registers)[2], const void* row) {
    emulation::load_matrices(registers, 2, false, row, emulation::Place::current());
}
__device__ __forceinline__ void ldmatrix_x4_trans(unsigned (&registers)[4], const void* row) {
    emulation::load_matrices(registers, 4, true, row, emulation::Place::current());
}
__device__ __forceinline__ void ldmatrix_x2_trans(unsigned (&registers)[2], const void* row) {
    emulation::load_matrices(registers, 2, true, row, emulation::Place::current());
}
#else
__device__ __forceinline__ void ldmatrix_x4(unsigned (&registers)[4], const void* row) {
    const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];\n"
                 : "=r"(registers[0]), "=r"(registers[1]), "=r"(registers[2]), "=r"(registers[3]) : "r"(address) : "memory");
}
__device__ __forceinline__ void ldmatrix_x2(unsigned (&registers)[2], const void* row) {
    const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];\n" : "=r"(registers[0]), "=r"(registers[1]) : "r"(address) : "memory");
}
__device__ __forceinline__ void ldmatrix_x4_trans(unsigned (&registers)[4], const void* row) {
    const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];\n"
                 : "=r"(registers[0]), "=r"(registers[1]), "=r"(registers[2]), "=r"(registers[3]) : "r"(address) : "memory");
}
__device__ __forceinline__ void ldmatrix_x2_trans(unsigned (&registers)[2], const void* row) {
    const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];\n" : "=r"(registers[0]), "=r"(registers[1]) : "r"(address) : "memory");
}
#endif

// sums [16, 8] += a [16, 16] b [16, 8], halves in, floats summed. With g = lane / 4 and t = 2 * (lane % 4):
//   a: register 0 row g, columns t and t + 1; 1 row g + 8; 2 row g, columns t + 8 and t + 9; 3 row g + 8, those columns (ldmatrix_x4 of a row-major tile)
//   b: register 0 rows t and t + 1 of column g; 1 rows t + 8 and t + 9 (ldmatrix_x2 of a tile stored column by column)
//   sums: 0, 1 row g, columns t and t + 1; 2, 3 row g + 8
__device__ __forceinline__ void mma_m16n8k16(float (&sums)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#ifdef CUDATTS_EMULATED
    emulation::multiply_tiles(sums, a, b, 1, 1, emulation::Place::current());
#else
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};\n"
                 : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

// The same for M x N tiles at once: sums[i][j] += a[i] b[j]. Kernels should use it where they have more than one tile, because on the emulated device the lanes
// then wait for each other once and not M x N times.
template <int M, int N> __device__ __forceinline__ void mma_m16n8k16(float (&sums)[M][N][4], const unsigned (&a)[M][4], const unsigned (&b)[N][2]) {
#ifdef CUDATTS_EMULATED
    static_assert(N <= emulation::most_tiles, "the emulated device takes so many tiles of b at most");
    emulation::multiply_tiles(&sums[0][0][0], &a[0][0], &b[0][0], M, N, emulation::Place::current());
#else
#pragma unroll
    for (int i = 0; i < M; i++) {
#pragma unroll
        for (int j = 0; j < N; j++) {
            mma_m16n8k16(sums[i][j], a[i], b[j]);
        }
    }
#endif
}

// Waiting for other blocks (cooperative launches).

__device__ __forceinline__ unsigned load_acquire(const unsigned* address) {
#ifdef CUDATTS_EMULATED
    return __atomic_load_n(address, __ATOMIC_ACQUIRE);
#else
    unsigned value;
    asm volatile("ld.acquire.gpu.u32 %0, [%1];\n" : "=r"(value) : "l"(address) : "memory");
    return value;
#endif
}

__device__ __forceinline__ void store_release(unsigned* address, unsigned value) {
#ifdef CUDATTS_EMULATED
    __atomic_store_n(address, value, __ATOMIC_RELEASE);
#else
    asm volatile("st.release.gpu.u32 [%0], %1;\n" ::"l"(address), "r"(value) : "memory");
#endif
}

__device__ __forceinline__ unsigned add_release(unsigned* address, unsigned value) {
#ifdef CUDATTS_EMULATED
    return __atomic_fetch_add(address, value, __ATOMIC_RELEASE);
#else
    unsigned old;
    asm volatile("atom.add.release.gpu.u32 %0, [%1], %2;\n" : "=r"(old) : "l"(address), "r"(value) : "memory");
    return old;
#endif
}

// 64 bits at once, so that a value and its mark come together; what else was written is not ordered by it.
__device__ __forceinline__ unsigned long long load_relaxed(const unsigned long long* address) {
#ifdef CUDATTS_EMULATED
    return __atomic_load_n(address, __ATOMIC_RELAXED);
#else
    unsigned long long value;
    asm volatile("ld.relaxed.gpu.u64 %0, [%1];\n" : "=l"(value) : "l"(address) : "memory");
    return value;
#endif
}

__device__ __forceinline__ void store_relaxed(unsigned long long* address, unsigned long long value) {
#ifdef CUDATTS_EMULATED
    __atomic_store_n(address, value, __ATOMIC_RELAXED);
#else
    asm volatile("st.relaxed.gpu.u64 [%0], %1;\n" ::"l"(address), "l"(value) : "memory");
#endif
}

// The same in memory of the host that is mapped for the device: the other side reads and writes it while the launch goes on.
__device__ __forceinline__ unsigned load_relaxed_system(const unsigned* address) {
#ifdef CUDATTS_EMULATED
    return __atomic_load_n(address, __ATOMIC_RELAXED);
#else
    unsigned value;
    asm volatile("ld.relaxed.sys.u32 %0, [%1];\n" : "=r"(value) : "l"(address) : "memory");
    return value;
#endif
}

__device__ __forceinline__ void store_relaxed_system(unsigned long long* address, unsigned long long value) {
#ifdef CUDATTS_EMULATED
    __atomic_store_n(address, value, __ATOMIC_RELAXED);
#else
    asm volatile("st.relaxed.sys.u64 [%0], %1;\n" ::"l"(address), "l"(value) : "memory");
#endif
}

// Belongs into every loop that waits for memory; prefer flag_wait, whose deadlock the emulated device sees at once.
__device__ __forceinline__ void spin_pause() {
#ifdef CUDATTS_EMULATED
    emulation::yield(emulation::Place::current());
#else
    __nanosleep(20);
#endif
}

// The same where every nanosecond counts: on a GPU it does nothing.
__device__ __forceinline__ void spin_poll() {
#ifdef CUDATTS_EMULATED
    emulation::yield(emulation::Place::current());
#endif
}

// Polls of a flag or counter, some 0.5 us each (PREDICTED), after which the launch ends rather than holding the device for ever. Whoever is to say what it
// waited for uses mailbox.cuh.
constexpr unsigned most_polls = 1u << 22;

// Returns when *flag has reached value (counters may wrap around): what was written before the store_release or add_release that made it so is then visible.
__device__ __forceinline__ void flag_wait(const unsigned* flag, unsigned value) {
#ifdef CUDATTS_EMULATED
    emulation::wait_until(emulation::Condition::AtLeast, flag, value, 0, emulation::Place::current());
#else
    for (unsigned polls = 1; static_cast<int>(load_acquire(flag) - value) < 0; polls++) {
        if (polls == most_polls) {
            __trap();
        }
    }
#endif
}

// All threads of all blocks of a cooperative launch. counter: zero before its first use, never reset: the top bit changes with every barrier, because the
// first block adds what is missing to it.
__device__ __forceinline__ void grid_barrier(unsigned* counter) {
    constexpr unsigned top_bit = 0x80000000u;
    __syncthreads();
    if (threadIdx.x == 0 && threadIdx.y == 0 && threadIdx.z == 0) {
        const unsigned blocks = gridDim.x * gridDim.y * gridDim.z;
        const bool is_first = blockIdx.x == 0 && blockIdx.y == 0 && blockIdx.z == 0;
        __threadfence();
        const unsigned old = add_release(counter, is_first ? top_bit - (blocks - 1) : 1u);
#ifdef CUDATTS_EMULATED
        emulation::wait_until(emulation::Condition::BitDiffers, counter, old, top_bit, emulation::Place::current());
#else
        for (unsigned polls = 1; ((load_acquire(counter) ^ old) & top_bit) == 0; polls++) {
            if (polls == most_polls) {
                __trap();
            }
        }
#endif
        __threadfence();
    }
    __syncthreads();
}

// Random numbers.

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011), the same bits as src/CudaTts/Compute/Philox.cs.
__device__ __forceinline__ uint4 philox4x32_10(uint4 counter, uint2 key) {
#pragma unroll
    for (int round = 0; round < 10; round++) {
        const unsigned long long first = 0xD2511F53ull * counter.x;
        const unsigned long long second = 0xCD9E8D57ull * counter.z;
        counter = make_uint4(static_cast<unsigned>(second >> 32) ^ counter.y ^ key.x, static_cast<unsigned>(second),
            static_cast<unsigned>(first >> 32) ^ counter.w ^ key.y, static_cast<unsigned>(first));
        key = make_uint2(key.x + 0x9E3779B9u, key.y + 0xBB67AE85u);
    }
    return counter;
}

// In [0, 1), a multiple of 2^-24.
__device__ __forceinline__ float philox_to_uniform(unsigned word) { return static_cast<float>(word >> 8) * (1.0f / 16777216.0f); }

// The four numbers of units 4 * group to 4 * group + 3.
__device__ __forceinline__ float4 philox_uniform4(unsigned long long seed, unsigned stream, unsigned utterance, unsigned step, unsigned group) {
    const uint4 words = philox4x32_10(make_uint4(stream, utterance, step, group), make_uint2(static_cast<unsigned>(seed), static_cast<unsigned>(seed >> 32)));
    return make_float4(philox_to_uniform(words.x), philox_to_uniform(words.y), philox_to_uniform(words.z), philox_to_uniform(words.w));
}

__device__ __forceinline__ float philox_uniform(unsigned long long seed, unsigned stream, unsigned utterance, unsigned step, unsigned unit) {
    const float4 four = philox_uniform4(seed, stream, utterance, step, unit / 4);
    const unsigned index = unit % 4;
    return index == 0 ? four.x : index == 1 ? four.y : index == 2 ? four.z : four.w;
}
