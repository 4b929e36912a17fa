#include "persistent_exchange.cuh"
#include "warpgroup.cuh"

// Kernels that are wrong on purpose: the emulated device must catch each (tests/CudaTts.Tests/Emulation/FaultTests.cs). One block of one dimension unless
// a kernel says otherwise.

// Memory

// Thread i writes element first + i.
extern "C" __global__ void write_elements(float* values, int first) { values[first + static_cast<int>(threadIdx.x)] = 1.0f; }
EXPORT_KERNEL(write_elements)

extern "C" __global__ void write_byte(unsigned char* bytes, int index) { bytes[index] = 0; }
EXPORT_KERNEL(write_byte)

extern "C" __global__ void read_element(const float* values, int index, float* output) { *output = values[index]; }
EXPORT_KERNEL(read_element)

// The address is a number, so that no one sees that it is stale before it is used.
extern "C" __global__ void read_address(unsigned long long address, float* output) { *output = *reinterpret_cast<const float*>(address); }
EXPORT_KERNEL(read_address)

extern "C" __global__ void load_float4(const float* values, int first, float* output) {
    const float4 four = *reinterpret_cast<const float4*>(values + first);
    *output = four.x + four.y + four.z + four.w;
}
EXPORT_KERNEL(load_float4)

extern "C" __global__ void store_float4(float* values, int first) { *reinterpret_cast<float4*>(values + first) = make_float4(1.0f, 2.0f, 3.0f, 4.0f); }
EXPORT_KERNEL(store_float4)

extern "C" __global__ void load_half2(const half* values, int first, float* output) {
    const half2 two = *reinterpret_cast<const half2*>(values + first);
    *output = __low2float(two) + __high2float(two);
}
EXPORT_KERNEL(load_half2)

extern "C" __global__ void load_eight_halves(const half* values, int first, float* output) {
    float eight[8];
    load_vector(values + first, eight);
    *output = eight[7];
}
EXPORT_KERNEL(load_eight_halves)

// Reads all, although the test has written only some.
extern "C" __global__ void sum_elements(const float* values, int count, float* output) {
    float sum = 0.0f;
    for (int i = 0; i < count; i++) {
        sum += values[i];
    }
    *output = sum;
}
EXPORT_KERNEL(sum_elements)

// Forgets the last element.
extern "C" __global__ void fill_all_but_the_last(float* values, int count) {
    for (int i = threadIdx.x; i < count - 1; i += blockDim.x) {
        values[i] = 0.0f;
    }
}
EXPORT_KERNEL(fill_all_but_the_last)

extern "C" __global__ void need_much_local_memory(float* values, int count) {
    volatile float local[100'000];
    for (int i = 0; i < count; i++) {
        local[i] = values[0];
    }
    values[0] = local[count - 1];
}
EXPORT_KERNEL(need_much_local_memory)

// Shared memory

extern "C" __global__ void write_shared(int index, float* output) {
    SHARED(float, values, 30);
    SHARED(float, others, 30);
    values[threadIdx.x % 30] = 0.0f;
    others[threadIdx.x % 30] = 0.0f;
    float* const opaque = values;
    opaque[index] = 1.0f;
    *output = others[0];
}
EXPORT_KERNEL(write_shared)

extern "C" __global__ void write_dynamic_shared(int index, float* output) {
    DYNAMIC_SHARED(float, values);
    values[index] = 1.0f;
    *output = values[index];
}
EXPORT_KERNEL(write_dynamic_shared)

extern "C" __global__ void declare_much_shared_memory(float* output) {
    SHARED(float, first, 6144);
    SHARED(float, second, 6145);
    first[threadIdx.x] = second[threadIdx.x] = 1.0f;
    *output = first[0];
}
EXPORT_KERNEL(declare_much_shared_memory)

extern "C" __global__ void read_fresh_shared(float* output) {
    SHARED(float, values, 32);
    output[threadIdx.x] = values[threadIdx.x];
}
EXPORT_KERNEL(read_fresh_shared)

// Reverses the block's values, without the barrier that belongs between.
extern "C" __global__ void reverse_without_barrier(float* values) {
    SHARED(float, copies, 256);
    copies[threadIdx.x] = values[threadIdx.x];
    values[threadIdx.x] = copies[blockDim.x - 1 - threadIdx.x];
}
EXPORT_KERNEL(reverse_without_barrier)

// The last barrier is missing: a thread may overwrite what its neighbour has not read yet.
extern "C" __global__ void rotate_without_second_barrier(float* values, int rounds) {
    SHARED(float, copies, 256);
    for (int round = 0; round < rounds; round++) {
        copies[threadIdx.x] = values[threadIdx.x];
        __syncthreads();
        values[threadIdx.x] = copies[(threadIdx.x + 1) % blockDim.x];
    }
}
EXPORT_KERNEL(rotate_without_second_barrier)

extern "C" __global__ void copy_async_without_wait(const float* source, float* output) {
    SHARED(float, copies, 128);
    cp_async_16(copies + 4 * threadIdx.x, source + 4 * threadIdx.x);
    cp_async_commit();
    output[threadIdx.x] = copies[4 * threadIdx.x];
}
EXPORT_KERNEL(copy_async_without_wait)

extern "C" __global__ void copy_async_to_global(const float* source, float* output) {
    cp_async_16(output, source);
    cp_async_commit();
    cp_async_wait<0>();
}
EXPORT_KERNEL(copy_async_to_global)

// Barriers and collectives

extern "C" __global__ void return_before_barrier(float* values, int count) {
    if (static_cast<int>(threadIdx.x) >= count) {
        return;
    }
    __syncthreads();
    values[threadIdx.x] = 1.0f;
}
EXPORT_KERNEL(return_before_barrier)

extern "C" __global__ void barrier_for_some(float* values, int count) {
    if (static_cast<int>(threadIdx.x) < count) {
        __syncthreads();
    }
    values[threadIdx.x] = 1.0f;
}
EXPORT_KERNEL(barrier_for_some)

extern "C" __global__ void different_barriers(float* values, int count) {
    if (static_cast<int>(threadIdx.x) < count) {
        __syncthreads();
    } else {
        __syncthreads();
    }
    values[threadIdx.x] = 1.0f;
}
EXPORT_KERNEL(different_barriers)

extern "C" __global__ void shuffle_without_a_lane(float* values, int missing) {
    float value = values[threadIdx.x];
    if (static_cast<int>(threadIdx.x) != missing) {
        value = shuffle_xor(value, 1);
    }
    values[threadIdx.x] = value;
}
EXPORT_KERNEL(shuffle_without_a_lane)

// A warp that is not whole: the block has fewer threads than its last warp.
extern "C" __global__ void shuffle_all(float* values) { values[threadIdx.x] = shuffle_xor(values[threadIdx.x], 1); }
EXPORT_KERNEL(shuffle_all)

extern "C" __global__ void shuffle_with_mask(float* values, unsigned mask, int source) {
    values[threadIdx.x] = __shfl_sync(mask, values[threadIdx.x], source);
}
EXPORT_KERNEL(shuffle_with_mask)

extern "C" __global__ void shuffle_meets_vote(float* values) {
    if (threadIdx.x < 16) {
        values[threadIdx.x] = __shfl_sync(all_lanes, values[threadIdx.x], 0);
    } else {
        values[threadIdx.x] = __any_sync(all_lanes, 1);
    }
}
EXPORT_KERNEL(shuffle_meets_vote)

extern "C" __global__ void load_matrices_from_global(const half* values, unsigned* output) {
    unsigned registers[4];
    ldmatrix_x4(registers, values);
    output[threadIdx.x] = registers[0];
}
EXPORT_KERNEL(load_matrices_from_global)

// Warpgroups: a product of ones [64, 16] [16, 64], 16 in every sum, with one mistake. 128 threads, 2,048 bytes of dynamic shared memory.

constexpr int no_mistake = 0, no_register_fence = 1, no_proxy_fence = 2, early_read = 3, early_a = 4, early_b = 5, no_wait = 6, beyond_memory = 7, different = 8,
              swizzled_matrix = 9, missing_warp = 10, early_write = 11;

extern "C" __global__ void multiply_warpgroup(const half* ones, float* output, int mistake) {
    DYNAMIC_SHARED(half, b);
    const int thread = static_cast<int>(threadIdx.x);
    cp_async_16(b + thread * 8, ones + thread * 8);
    cp_async_commit();
    cp_async_wait<0>();
    if (mistake != no_proxy_fence) {
        fence_async_proxy();
    }
    __syncthreads();
    if (mistake == missing_warp && thread >= 96) {
        return;
    }
    float sums[8][4] = {};
    unsigned a[4] = {0x3C003C00u, 0x3C003C00u, 0x3C003C00u, 0x3C003C00u};
    unsigned long long descriptor = matrix_descriptor(b, 128, mistake == beyond_memory ? 512 : 256);
    descriptor -= mistake == different && thread >= 64 ? 1ull << 32 : 0;
    descriptor |= mistake == swizzled_matrix ? 1ull << 62 : 0;
    if (mistake != no_register_fence) {
        wgmma_fence();
    }
    wgmma(sums, a, descriptor);
    wgmma_commit();
    if (mistake == early_read) {
        output[thread] = sums[7][3];
    }
    if (mistake == early_write) {
        sums[7][3] = 0.0f;
    }
    if (mistake == early_a) {
        a[3] = 0;
    }
    if (mistake == early_b) {
        b[thread] = __float2half_rn(0.0f);
        __syncthreads();
    }
    if (mistake == no_wait) {
        return;
    }
    wgmma_wait<0>();
    if (mistake != early_read) {
        output[thread] = sums[7][3];
    }
}
EXPORT_KERNEL(multiply_warpgroup)

// Waiting

// No block ever raises the flag.
extern "C" __global__ void wait_for_nobody(const unsigned* flag) {
    if (threadIdx.x == 0) {
        flag_wait(flag, 1);
    }
    __syncthreads();
}
EXPORT_KERNEL(wait_for_nobody)

extern "C" __global__ void grid_barrier_without_a_block(unsigned* counter, unsigned missing) {
    if (blockIdx.x != missing) {
        grid_barrier(counter);
    }
}
EXPORT_KERNEL(grid_barrier_without_a_block)

extern "C" __global__ void pause_for_nobody(const unsigned* flag) {
    while (load_acquire(flag) == 0) {
        spin_pause();
    }
}
EXPORT_KERNEL(pause_for_nobody)

extern "C" __global__ void loop_for_nobody(const unsigned* flag) {
    while (*const_cast<const volatile unsigned*>(flag) == 0) {
    }
}
EXPORT_KERNEL(loop_for_nobody)

// Block `waiting` polls a word of a step that nobody sends, and gives up.
extern "C" __global__ void poll_in_vain(const Word* word, Word* abandoned, unsigned waiting, unsigned mailbox, unsigned step, unsigned most) {
    unsigned polls = 0;
    while (blockIdx.x == waiting && tag_of(load_relaxed(word)) != step) {
        count_poll({abandoned, most}, polls, mailbox, step);
    }
}
EXPORT_KERNEL(poll_in_vain)

extern "C" __global__ void assert_less(int index, int limit) { assert(index < limit); }
EXPORT_KERNEL(assert_less)

extern "C" __global__ void trap() { __trap(); }
EXPORT_KERNEL(trap)

// Block 0 sends count values of each of two rows to block 1, which wants width of them; with a tag that is off it waits for what never comes.
extern "C" __global__ void broadcast(
    unsigned long long* words, int count, int width, unsigned tag, int off, float* output, unsigned long long* abandoned, unsigned polls) {
    if (blockIdx.x == 0) {
        for (int i = threadIdx.x; i < 2 * count; i += blockDim.x) {
            send(words + i / count * width + i % count, static_cast<float>(i + 1), tag + static_cast<unsigned>(off));
        }
    } else {
        receive<2, 1>(GlobalMailbox{words, width}, threadIdx.x, blockDim.x, width, tag, PollLimit{abandoned, polls}, 3, 41, [=](int) { return count; },
            [=](int r, int column, float first, float second) {
                output[r * width + column] = first;
                output[r * width + column + 1] = second;
            });
    }
}
EXPORT_KERNEL(broadcast)
