#include "common.cuh"

// Kernels that use every built-in as it is meant (tests/CudaTts.Tests/Emulation/BuiltInTests.cs and CooperativeTests.cs).

// Index of the thread in the whole grid, x fastest within a block and blocks after each other, into the place it stands for.
extern "C" __global__ void write_indices(int* indices) {
    const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
    const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
    const unsigned threads = blockDim.x * blockDim.y * blockDim.z;
    indices[block * threads + thread] = static_cast<int>((threadIdx.z << 20) + (threadIdx.y << 10) + threadIdx.x + (block << 25));
}
EXPORT_KERNEL(write_indices)

// Rotates by one in every round.
extern "C" __global__ void rotate(float* values, int rounds) {
    SHARED(float, copies, 1024);
    for (int round = 0; round < rounds; round++) {
        copies[threadIdx.x] = values[threadIdx.x];
        __syncthreads();
        values[threadIdx.x] = copies[(threadIdx.x + 1) % blockDim.x];
        __syncthreads();
    }
}
EXPORT_KERNEL(rotate)

// Values of a block, reversed through dynamic shared memory; many blocks, each with its own.
extern "C" __global__ void reverse(float* values) {
    DYNAMIC_SHARED(float, copies);
    float* const mine = values + blockIdx.x * blockDim.x;
    copies[threadIdx.x] = mine[threadIdx.x];
    __syncthreads();
    mine[threadIdx.x] = copies[blockDim.x - 1 - threadIdx.x];
}
EXPORT_KERNEL(reverse)

// results [3]: or, and, count over the block, seen by its last thread.
extern "C" __global__ void vote_at_barriers(const int* predicates, int* results) {
    const int any = __syncthreads_or(predicates[threadIdx.x]);
    const int all = __syncthreads_and(predicates[threadIdx.x]);
    const int count = __syncthreads_count(predicates[threadIdx.x]);
    if (threadIdx.x == blockDim.x - 1) {
        results[0] = any;
        results[1] = all;
        results[2] = count;
    }
}
EXPORT_KERNEL(vote_at_barriers)

// results [6, 32] for one warp.
extern "C" __global__ void shuffle_kinds(const float* values, float* results) {
    const int lane = lane_index();
    const float value = values[lane];
    results[lane] = shuffle(value, 31 - lane);
    results[32 + lane] = shuffle_xor(value, 5);
    results[64 + lane] = shuffle_up(value, 3);
    results[96 + lane] = shuffle_down(value, 3);
    results[128 + lane] = __shfl_xor_sync(all_lanes, value, 2, 8);
    results[160 + lane] = static_cast<float>(__shfl_down_sync(all_lanes, static_cast<double>(value), 1, 8));
}
EXPORT_KERNEL(shuffle_kinds)

// results [5, 32]: ballot, any, all, match, and the ballot of the lane's own half, in which the halves come along at different times.
extern "C" __global__ void vote_kinds(const int* predicates, unsigned* results) {
    const int lane = lane_index();
    const int predicate = predicates[lane];
    results[lane] = __ballot_sync(all_lanes, predicate);
    results[32 + lane] = static_cast<unsigned>(__any_sync(all_lanes, predicate));
    results[64 + lane] = static_cast<unsigned>(__all_sync(all_lanes, predicate));
    results[96 + lane] = __match_any_sync(all_lanes, predicate % 3);
    if (lane < 16) {
        __syncwarp(0x0000FFFFu);
        results[128 + lane] = __ballot_sync(0x0000FFFFu, predicate);
    } else {
        results[128 + lane] = __ballot_sync(0xFFFF0000u, predicate);
    }
}
EXPORT_KERNEL(vote_kinds)

// Every thread of the grid adds to the same words. integers [7]: sum, maximum, minimum, or, and, number of exchanges that saw their own block, compare-and-swap sum.
extern "C" __global__ void add_atomically(int* integers, float* floats, unsigned long long* wide) {
    const int value = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    atomicAdd(&integers[0], value);
    atomicMax(&integers[1], value);
    atomicMin(&integers[2], -value);
    atomicOr(&integers[3], 1 << value % 31);
    atomicAnd(&integers[4], ~(1 << value % 31));
    atomicExch(&integers[5], 77);
    int seen = integers[6];
    int expected;
    do {
        expected = seen;
        seen = atomicCAS(&integers[6], expected, expected + 2);
    } while (seen != expected);
    atomicAdd(floats, 1.0f);
    atomicAdd(wide, 0x100000000ull);
}
EXPORT_KERNEL(add_atomically)

// results [4 threads]: warp sum and maximum by common.cuh, and both by shuffles.
extern "C" __global__ void reduce_warps(const float* values, float* results) {
    const unsigned thread = threadIdx.x;
    const float value = values[thread];
    results[thread] = warp_sum(value);
    results[blockDim.x + thread] = warp_max(value);
    float sum = value;
    float most = value;
    for (int offset = 16; offset > 0; offset /= 2) {
        sum += shuffle_xor(sum, offset);
        most = fmaxf(most, shuffle_xor(most, offset));
    }
    results[2 * blockDim.x + thread] = sum;
    results[3 * blockDim.x + thread] = most;
}
EXPORT_KERNEL(reduce_warps)

// results [2, threads]
extern "C" __global__ void reduce_block(const float* values, float* results) {
    SHARED(float, scratch, 64);
    results[threadIdx.x] = block_sum(values[threadIdx.x], scratch);
    results[blockDim.x + threadIdx.x] = block_max(values[threadIdx.x], scratch + 32);
}
EXPORT_KERNEL(reduce_block)

extern "C" __global__ void halves_to_floats(const half* halves, float* floats, float* in_software, int count) {
    for (int i = threadIdx.x; i < count; i += blockDim.x) {
        floats[i] = __half2float(halves[i]);
        in_software[i] = emulation::half_bits_to_float_in_software(halves[i].bits);
    }
}
EXPORT_KERNEL(halves_to_floats)

extern "C" __global__ void floats_to_halves(const float* floats, half* halves, half* in_software, int count) {
    for (int i = threadIdx.x; i < count; i += blockDim.x) {
        halves[i] = __float2half_rn(floats[i]);
        in_software[i] = __ushort_as_half(emulation::float_to_half_bits_in_software(floats[i]));
    }
}
EXPORT_KERNEL(floats_to_halves)

// Through loads and stores of 128 bits: outputs = halves + floats, as floats and as halves. count is a multiple of 8.
extern "C" __global__ void add_vectors(const half* halves, const float* floats, float* sums, half* half_sums, int count) {
    for (int i = 8 * static_cast<int>(threadIdx.x); i < count; i += 8 * static_cast<int>(blockDim.x)) {
        float a[8];
        float b[8];
        load_vector(halves + i, a);
        load_written_vector(floats + i, b);
        for (int j = 0; j < 8; j++) {
            a[j] += b[j];
        }
        store_vector(sums + i, a);
        store_vector(half_sums + i, a);
    }
}
EXPORT_KERNEL(add_vectors)

// One warp, registers as they come: registers [4, 32]. kind: 0 x4, 1 x4 transposed, 2 x2, 3 x2 transposed. tile: four matrices of 8 x 8 after each other.
extern "C" __global__ void load_matrices(const half* tile, unsigned* registers, int kind) {
    SHARED(half, shared, 256);
    const int lane = lane_index();
    for (int i = lane; i < 256; i += warp_size) {
        shared[i] = tile[i];
    }
    __syncthreads();
    unsigned four[4] = {};
    unsigned two[2] = {};
    if (kind == 0) {
        ldmatrix_x4(four, shared + lane * 8);
    } else if (kind == 1) {
        ldmatrix_x4_trans(four, shared + lane * 8);
    } else if (kind == 2) {
        ldmatrix_x2(two, shared + lane % 16 * 8);
    } else {
        ldmatrix_x2_trans(two, shared + lane % 16 * 8);
    }
    for (int i = 0; i < 4; i++) {
        registers[i * 32 + lane] = kind < 2 ? four[i] : i < 2 ? two[i] : 0u;
    }
}
EXPORT_KERNEL(load_matrices)

// One warp: sums [32, 24] += a [32, 16] b [16, 24] by 2 x 3 tiles, all at once or one by one. a is row-major, b [24, 16] column by column.
extern "C" __global__ void multiply(const half* a, const half* b, float* sums, int at_once) {
    const int group = lane_index() / 4;
    const int pair = lane_index() % 4 * 2;
    unsigned registers_of_a[2][4];
    unsigned registers_of_b[3][2];
    float registers[2][3][4];
    for (int i = 0; i < 2; i++) {
        for (int r = 0; r < 4; r++) {
            const half* const at = a + (i * 16 + group + r % 2 * 8) * 16 + pair + r / 2 * 8;
            registers_of_a[i][r] = pack_halves(to_float(at[0]), to_float(at[1]));
        }
    }
    for (int j = 0; j < 3; j++) {
        for (int r = 0; r < 2; r++) {
            const half* const at = b + (j * 8 + group) * 16 + pair + r * 8;
            registers_of_b[j][r] = pack_halves(to_float(at[0]), to_float(at[1]));
        }
    }
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 3; j++) {
            for (int r = 0; r < 4; r++) {
                registers[i][j][r] = sums[(i * 16 + group + r / 2 * 8) * 24 + j * 8 + pair + r % 2];
            }
        }
    }
    if (at_once != 0) {
        mma_m16n8k16(registers, registers_of_a, registers_of_b);
    } else {
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 3; j++) {
                mma_m16n8k16(registers[i][j], registers_of_a[i], registers_of_b[j]);
            }
        }
    }
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 3; j++) {
            for (int r = 0; r < 4; r++) {
                sums[(i * 16 + group + r / 2 * 8) * 24 + j * 8 + pair + r % 2] = registers[i][j][r];
            }
        }
    }
}
EXPORT_KERNEL(multiply)

// One warp: every thread copies four floats in each of two groups; of the second, lanes from wanted on get zeros. results [2, 128].
extern "C" __global__ void copy_in_groups(const float* source, float* results, int wanted) {
    SHARED(float, copies, 256);
    const int lane = lane_index();
    cp_async_16(copies + 4 * lane, source + 4 * lane);
    cp_async_commit();
    cp_async_16(copies + 128 + 4 * lane, source + 128 + 4 * lane, lane < wanted);
    cp_async_commit();
    cp_async_wait<1>();
    __syncwarp();
    for (int i = lane; i < 128; i += warp_size) {
        results[i] = copies[i];
    }
    cp_async_wait<0>();
    __syncwarp();
    for (int i = 128 + lane; i < 256; i += warp_size) {
        results[i] = copies[i];
    }
}
EXPORT_KERNEL(copy_in_groups)

extern "C" __global__ void philox_words(unsigned long long seed, unsigned stream, unsigned utterance, unsigned step, unsigned* words, float* uniform, int count) {
    for (int unit = threadIdx.x; unit < count; unit += blockDim.x) {
        uniform[unit] = philox_uniform(seed, stream, utterance, step, unit);
        const uint4 four = philox4x32_10(make_uint4(stream, utterance, step, unit / 4),
            make_uint2(static_cast<unsigned>(seed), static_cast<unsigned>(seed >> 32)));
        words[unit] = unit % 4 == 0 ? four.x : unit % 4 == 1 ? four.y : unit % 4 == 2 ? four.z : four.w;
    }
}
EXPORT_KERNEL(philox_words)

extern "C" __global__ void sigmoids(const float* values, float* results, int count) {
    for (int i = threadIdx.x; i < count; i += blockDim.x) {
        results[i] = sigmoid(values[i]);
    }
}
EXPORT_KERNEL(sigmoids)

// Cooperative. Every round, every block adds what all blocks have written in the round before. values [2, blocks], zeros at the start of round 0 but for ones.
extern "C" __global__ void sum_over_blocks(float* values, unsigned* counter, int rounds) {
    const unsigned blocks = gridDim.x;
    for (int round = 0; round < rounds; round++) {
        const float* const before = values + round % 2 * blocks;
        float* const after = values + (round + 1) % 2 * blocks;
        if (threadIdx.x == 0) {
            float sum = 0.0f;
            for (unsigned block = 0; block < blocks; block++) {
                sum += __ldcg(before + block);
            }
            after[blockIdx.x] = sum / static_cast<float>(blocks) + 1.0f;
        }
        grid_barrier(counter);
    }
}
EXPORT_KERNEL(sum_over_blocks)

// Cooperative. A token goes round the blocks: block b waits for its flag, adds one and raises the flag of the next.
extern "C" __global__ void pass_token(unsigned* flags, unsigned* token, int rounds) {
    const unsigned next = (blockIdx.x + 1) % gridDim.x;
    for (int round = 0; round < rounds; round++) {
        if (threadIdx.x == 0) {
            if (blockIdx.x != 0 || round != 0) {
                flag_wait(&flags[blockIdx.x], static_cast<unsigned>(blockIdx.x == 0 ? round : round + 1));
            }
            *token = *token * 3 + blockIdx.x;
            store_release(&flags[next], static_cast<unsigned>(round + 1));
        }
        __syncthreads();
    }
}
EXPORT_KERNEL(pass_token)

// Cooperative. The same with a loop of one's own.
extern "C" __global__ void pass_token_with_pauses(unsigned* turn, unsigned* token, int rounds) {
    for (int round = 0; round < rounds; round++) {
        if (threadIdx.x == 0) {
            while (load_acquire(turn) != round * gridDim.x + blockIdx.x) {
                spin_pause();
            }
            *token = *token * 3 + blockIdx.x;
            add_release(turn, 1);
        }
    }
}
EXPORT_KERNEL(pass_token_with_pauses)

extern "C" __global__ void add_scalar(float* values, float scalar, int count) {
    const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
    if (i < count) {
        values[i] += scalar;
    }
}
EXPORT_KERNEL(add_scalar)
