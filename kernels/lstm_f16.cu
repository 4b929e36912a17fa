#include "decoder_f16.cuh"

// The decoder's LSTM cells in half precision on tensor cores: lstm.cu has the formula and says what the arguments are. The weights [units, 4, columns]
// lie as decoder_f16.cuh says, the four gates of four units to a tile.

// h' and c' of a unit from the sums of its gates in the order i, f, g, o.
__device__ __forceinline__ float update_cell(const float (&sums)[gate_count], float& cell) {
    cell = fmaf(sigmoid(sums[1]), cell, sigmoid(sums[0]) * tanhf(sums[2]));
    return sigmoid(sums[3]) * tanhf(cell);
}

// For up to eight rows: bound by reading the weights, so that every warp takes as little as it can, a quarter of the columns of four units.
//   grid (ceil(units / 4), groups of slots), block 128. Shared memory: the parts' sums.
extern "C" __global__ void __launch_bounds__(tile_threads) lstm_cell_f16(
    const float* first, const float* second, const float* third, const half* weights, const float* bias, float* hidden, float* cell,
    const int* slots, int first_width, int second_width, int third_width, int units, int state_stride) {
    SHARED(float, parts, column_parts * tile_sums);
    const Inputs inputs = {first, first_width, second, second_width, third, third_width};
    const int* const group = slots + blockIdx.y * tile_slots;
    multiply_tile<LoadFrom::ReadOnly>(weights, blockIdx.x, inputs, group[lane_index() / 4], parts);
    const int thread = threadIdx.x;
    const int unit = blockIdx.x * (tile_rows / gate_count) + thread % gate_count;
    if (thread >= warp_size || unit >= units || group[thread / gate_count] < 0) {
        return;
    }
    float sums[gate_count];
#pragma unroll
    for (int gate = 0; gate < gate_count; gate++) {
        sums[gate] = tile_sum(parts, thread % gate_count * gate_count + gate, thread / gate_count) + bias[unit * gate_count + gate];
    }
    const long long at = static_cast<long long>(group[thread / gate_count]) * state_stride + unit;
    float state = cell[at];
    hidden[at] = update_cell(sums, state);
    cell[at] = state;
}
EXPORT_KERNEL(lstm_cell_f16)

// For 16 rows and more. What bounds it is what comes from L2, weights once for each group of slots and inputs once for each group of weight rows; so a
// block takes 128 weight rows and all slots up to 64, and one part of the columns, or there would be too few blocks. The block of a tile that ends last
// adds the parts up and updates the cells.
template <int Slots> struct LstmTile {
    static constexpr int tiles = 8;
    static constexpr int units = tiles * tile_rows / gate_count;
    static constexpr int slot_warps = Slots == 64 ? 2 : 1;
    static constexpr int threads = tiles / 2 * slot_warps * warp_size;
    // A warp has two tiles of weight rows and so many of slots.
    static constexpr int slot_tiles = Slots / tile_slots / slot_warps;
    static constexpr int stages = 4;
    static constexpr int stage_chunks = 2;
    static constexpr int weight_units = tiles * stage_chunks * warp_size;
    static constexpr int slot_units = stage_chunks * chunk_columns / 4;
    static constexpr int stage_units = weight_units + Slots * slot_units;
    static constexpr int slot_copies = Slots * slot_units / threads;
    static constexpr int gates_stride = tiles * tile_rows + 4;
    static_assert(slot_copies * threads == Slots * slot_units && slot_tiles >= 1, "threads divide the inputs evenly");
    static_assert(Slots * gates_stride <= stages * stage_units * 4, "the gates' sums fit where the ring was");

    // Inputs in shared memory, 128 bytes a slot: neighbouring slots begin in different banks.
    __device__ static int input_unit(int slot, int unit) { return weight_units + slot * slot_units + (unit ^ (slot % 2 * 4)); }
};

// A block's part of the work.
struct LstmPart {
    const half* weights;
    Inputs inputs;
    int tile_count;
    int chunks;
    int begin;
    int end;
};

template <int Slots>
__device__ __forceinline__ void copy_stage(uint4* stage, const LstmPart& part, int index, const int (&rows)[LstmTile<Slots>::slot_copies]) {
    using Tile = LstmTile<Slots>;
    const int thread = threadIdx.x;
    const int first_chunk = part.begin + index * Tile::stage_chunks;
#pragma unroll
    for (int i = 0; i < Tile::weight_units / Tile::threads; i++) {
        const int unit = thread + i * Tile::threads;
        const int tile = blockIdx.x * Tile::tiles + unit / (Tile::stage_chunks * warp_size);
        const int chunk = first_chunk + unit / warp_size % Tile::stage_chunks;
        const long long at = (static_cast<long long>(tile) * part.chunks + chunk) * warp_size + unit % warp_size;
        cp_async_16(stage + unit, reinterpret_cast<const uint4*>(part.weights) + at, tile < part.tile_count && chunk < part.end);
    }
    const int unit = thread % Tile::slot_units;
    const int column = first_chunk * chunk_columns + unit * 4;
    const bool is_column = column < min(part.inputs.columns(), part.end * chunk_columns);
    const InputColumns input = find_columns(part.inputs, column);
#pragma unroll
    for (int i = 0; i < Tile::slot_copies; i++) {
        const int slot = (thread + i * Tile::threads) / Tile::slot_units;
        cp_async_16(stage + Tile::input_unit(slot, unit), input.vectors + max(rows[i], 0) * input.width, is_column && rows[i] >= 0);
    }
}

template <int Slots>
__device__ __forceinline__ void multiply_stage(const uint4* stage, int chunks, float (&sums)[2][2 * LstmTile<Slots>::slot_tiles][4]) {
    using Tile = LstmTile<Slots>;
    const int lane = lane_index();
    const int tile = warp_index() % (Tile::tiles / 2) * 2;
    const int first_slot = warp_index() / (Tile::tiles / 2) * (Tile::slot_tiles * tile_slots);
#pragma unroll
    for (int chunk = 0; chunk < Tile::stage_chunks; chunk++) {
        if (chunk >= chunks) {
            return;
        }
        unsigned a[2][4];
        unsigned b[2 * Tile::slot_tiles][2];
#pragma unroll
        for (int i = 0; i < 2; i++) {
            take_fragment(stage[((tile + i) * Tile::stage_chunks + chunk) * warp_size + lane], a[i]);
        }
#pragma unroll
        for (int j = 0; j < Tile::slot_tiles; j++) {
            const int slot = first_slot + j * tile_slots + lane / 4;
            split_halves(*reinterpret_cast<const float4*>(stage + Tile::input_unit(slot, chunk * 4 + lane % 4)), b[2 * j], b[2 * j + 1]);
        }
        mma_m16n8k16(sums, a, b);
    }
}

// A part's sums of a block's tile.
template <int Slots>
__device__ __forceinline__ void multiply_lstm_part(uint4* ring, const LstmPart& part, const int* slots, float (&sums)[2][2 * LstmTile<Slots>::slot_tiles][4]) {
    using Tile = LstmTile<Slots>;
    int rows[Tile::slot_copies];
#pragma unroll
    for (int i = 0; i < Tile::slot_copies; i++) {
        rows[i] = slots[(threadIdx.x + i * Tile::threads) / Tile::slot_units];
    }
    const int stages = (part.end - part.begin + Tile::stage_chunks - 1) / Tile::stage_chunks;
#pragma unroll
    for (int index = 0; index < Tile::stages - 1; index++) {
        if (index < stages) {
            copy_stage<Slots>(ring + index * Tile::stage_units, part, index, rows);
        }
        cp_async_commit();
    }
    for (int index = 0; index < stages; index++) {
        cp_async_wait<Tile::stages - 2>();
        __syncthreads();
        const int next = index + Tile::stages - 1;
        if (next < stages) {
            copy_stage<Slots>(ring + next % Tile::stages * Tile::stage_units, part, next, rows);
        }
        cp_async_commit();
        multiply_stage<Slots>(ring + index % Tile::stages * Tile::stage_units, part.end - part.begin - index * Tile::stage_chunks, sums);
    }
    __syncthreads();
}

// This thread's share of a part's sums, in the order in which the tensor cores leave them: [tiles, 4 parts, vectors, threads] of four floats.
template <int Slots> __device__ __forceinline__ float4* lstm_parts(float* parts, int part) {
    using Tile = LstmTile<Slots>;
    const long long tile = static_cast<long long>(blockIdx.y) * gridDim.x + blockIdx.x;
    return reinterpret_cast<float4*>(parts) + (tile * column_parts + part) * (2 * Tile::slot_tiles * Tile::threads) + threadIdx.x;
}

// The sums of all parts to shared memory, [slots, gates_stride].
template <int Slots> __device__ __forceinline__ void add_lstm_parts(float* parts, float* gates) {
    using Tile = LstmTile<Slots>;
    const int lane = lane_index();
    const int first_row = warp_index() % (Tile::tiles / 2) * (2 * tile_rows) + lane / 4;
    const int first_slot = warp_index() / (Tile::tiles / 2) * (Tile::slot_tiles * tile_slots) + lane % 4 * 2;
#pragma unroll
    for (int i = 0; i < 2 * Tile::slot_tiles; i++) {
        float4 four[column_parts];
#pragma unroll
        for (int part = 0; part < column_parts; part++) {
            four[part] = __ldcg(lstm_parts<Slots>(parts, part) + i * Tile::threads);
        }
        float* const at = gates + (first_slot + i % Tile::slot_tiles * tile_slots) * Tile::gates_stride + first_row + i / Tile::slot_tiles * tile_rows;
        at[0] = add_parts({four[0].x, four[1].x, four[2].x, four[3].x});
        at[Tile::gates_stride] = add_parts({four[0].y, four[1].y, four[2].y, four[3].y});
        at[8] = add_parts({four[0].z, four[1].z, four[2].z, four[3].z});
        at[Tile::gates_stride + 8] = add_parts({four[0].w, four[1].w, four[2].w, four[3].w});
    }
    __syncthreads();
}

template <int Slots>
__device__ __forceinline__ void update_cells(const float* gates, const float* bias, float* hidden, float* cell, const int* slots, int units, int state_stride) {
    using Tile = LstmTile<Slots>;
    for (int i = threadIdx.x; i < Slots * Tile::units; i += Tile::threads) {
        const int unit = blockIdx.x * Tile::units + i % Tile::units;
        const int slot = i / Tile::units;
        if (unit < units && slots[slot] >= 0) {
            float sums[gate_count];
            float of_unit[gate_count];
            load_local_vector(gates + slot * Tile::gates_stride + i % Tile::units * gate_count, sums);
            load_vector(bias + unit * gate_count, of_unit);
#pragma unroll
            for (int gate = 0; gate < gate_count; gate++) {
                sums[gate] += of_unit[gate];
            }
            const long long at = static_cast<long long>(slots[slot]) * state_stride + unit;
            float state = cell[at];
            hidden[at] = update_cell(sums, state);
            cell[at] = state;
        }
    }
}

//   parts [groups of slots, groups of units, 4, 128, Slots]: sums of parts, of no interest afterwards   done [groups of slots, groups of units]: zeros,
//   and left so
//   grid (ceil(units / 32), groups of slots, 4), block 128, for 64 slots 256. Dynamic shared memory: a ring of four stages of 32 columns, weights [128, 32]
//   halves and inputs [Slots, 32] floats.
template <int Slots>
__device__ __forceinline__ void lstm_tile(
    const Inputs& inputs, const half* weights, const float* bias, float* hidden, float* cell, const int* slots, float* parts, unsigned* done, int units,
    int state_stride) {
    using Tile = LstmTile<Slots>;
    DYNAMIC_SHARED(uint4, ring);
    const int chunks = chunk_count(inputs.columns());
    const int index = blockIdx.z;
    const LstmPart part = {
        weights, inputs, (units * gate_count + tile_rows - 1) / tile_rows, chunks, part_start(chunks, index), part_start(chunks, index + 1)};
    const int* const group = slots + blockIdx.y * Slots;
    float sums[2][2 * Tile::slot_tiles][4] = {};
    multiply_lstm_part<Slots>(ring, part, group, sums);
    float4* const mine = lstm_parts<Slots>(parts, index);
#pragma unroll
    for (int i = 0; i < 2 * Tile::slot_tiles; i++) {
        const auto& high = sums[i / Tile::slot_tiles][i % Tile::slot_tiles * 2];
        const auto& low = sums[i / Tile::slot_tiles][i % Tile::slot_tiles * 2 + 1];
        mine[i * Tile::threads] = make_float4(
            join_halves(high[0], low[0]), join_halves(high[1], low[1]), join_halves(high[2], low[2]), join_halves(high[3], low[3]));
    }
    if (is_last_block(done + blockIdx.y * gridDim.x + blockIdx.x, column_parts)) {
        float* const gates = reinterpret_cast<float*>(ring);
        add_lstm_parts<Slots>(parts, gates);
        update_cells<Slots>(gates, bias, hidden, cell, group, units, state_stride);
    }
}

#define LSTM_TILE(NAME, SLOTS)                                                                                                              \
    extern "C" __global__ void __launch_bounds__(LstmTile<SLOTS>::threads, 2) NAME(                                                         \
        const float* first, const float* second, const float* third, const half* weights, const float* bias, float* hidden, float* cell,    \
        const int* slots, float* parts, unsigned* done, int first_width, int second_width, int third_width, int units, int state_stride) {  \
        const Inputs inputs = {first, first_width, second, second_width, third, third_width};                                               \
        lstm_tile<SLOTS>(inputs, weights, bias, hidden, cell, slots, parts, done, units, state_stride);                                     \
    }                                                                                                                                       \
    EXPORT_KERNEL(NAME)

LSTM_TILE(lstm_cell_16_f16, 16)
LSTM_TILE(lstm_cell_32_f16, 32)
LSTM_TILE(lstm_cell_64_f16, 64)
