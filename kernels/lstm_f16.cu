#include "decoder_f16.cuh"

// The decoder's LSTM cells in half precision on tensor cores: lstm.cu has the formula and says what the arguments are.
//
// A step is a chain of layers, and what a gate multiplies is known long before the last of it is: the attention LSTM waits for the prenet, but has its
// own state and the context from the step before; the decoder LSTM waits for the context, but has its own state and the attention LSTM's. So a gate is
// the sum of an early product, of two inputs, and a late one. With 16 slots and more they are launches of their own, and the early one runs beside
// the layers in between. The early product is four parts of its columns, added in order, and the late one comes last, however many launches there are.
//
//   early_weights [units, 4, early_first_width + early_second_width], late_weights [units, 4, late_width], as decoder_f16.cuh says, the four gates of four
//   units to a tile   bias [units, 4]

constexpr int cell_parts = column_parts + 1;
constexpr int cell_threads = cell_parts * warp_size;

// h' and c' of a unit from the sums of its gates in the order i, f, g, o.
__device__ __forceinline__ float update_cell(const float (&sums)[gate_count], float& cell) {
    cell = fmaf(fast_sigmoid(sums[1]), cell, fast_sigmoid(sums[0]) * fast_tanh(sums[2]));
    return fast_sigmoid(sums[3]) * fast_tanh(cell);
}

// For up to eight rows: bound by reading the weights, so that every warp takes as little as it can, one part of the columns of four units.
//   grid (ceil(units / 4), groups of slots), block 160. Shared memory: the parts' sums.
extern "C" __global__ void __launch_bounds__(cell_threads, 1) lstm_cell_f16(
    const float* early_first, const float* early_second, const float* late, const half* early_weights, const half* late_weights, const float* bias,
    float* hidden, float* cell, const int* slots, int early_first_width, int early_second_width, int late_width, int units, int state_stride) {
    SHARED(float, parts, cell_parts * tile_sums);
    const bool is_late = warp_index() == column_parts;
    const Inputs inputs = is_late ? Inputs{late, late_width, nullptr, 0, nullptr, 0}
                                  : Inputs{early_first, early_first_width, early_second, early_second_width, nullptr, 0};
    const int* const group = slots + blockIdx.y * tile_slots;
    const int chunks = chunk_count(inputs.columns());
    const int begin = is_late ? 0 : part_start(chunks, warp_index());
    const int end = is_late ? chunks : part_start(chunks, warp_index() + 1);
    float tile[1][2][4] = {};
    multiply_chunks<LoadFrom::ReadOnly>(
        tile_fragments(is_late ? late_weights : early_weights, blockIdx.x, chunks), inputs, group[lane_index() / 4], begin, end, tile);
    // What a cell needs beside the sums is on its way while warps wait for each other.
    const int thread = threadIdx.x;
    const int unit = blockIdx.x * (tile_rows / gate_count) + thread % gate_count;
    const int row = thread < warp_size && unit < units ? group[thread / gate_count] : -1;
    const long long at = static_cast<long long>(row) * state_stride + unit;
    float of_unit[gate_count];
    float state = 0.0f;
    if (row >= 0) {
        load_vector(bias + unit * gate_count, of_unit);
        state = cell[at];
    }
    store_tile(tile, parts + warp_index() * tile_sums);
    __syncthreads();

    if (row < 0) {
        return;
    }
    float sums[gate_count];
#pragma unroll
    for (int gate = 0; gate < gate_count; gate++) {
        const int tile_row = thread % gate_count * gate_count + gate;
        const float late_sum = parts[column_parts * tile_sums + tile_row * tile_slots + thread / gate_count];
        sums[gate] = (tile_sum(parts, tile_row, thread / gate_count) + late_sum) + of_unit[gate];
    }
    hidden[at] = update_cell(sums, state);
    cell[at] = state;
}
EXPORT_KERNEL(lstm_cell_f16)

// For 16 rows and more. What bounds them is what comes from L2, weights once for each group of slots and inputs once for each group of weight rows; so a
// block takes 128 weight rows and as many slots as there are, and early only one part of the columns, or there would be too few blocks.
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

    // Of a lane's sums [i][j] and the three beside them: weight row within the block, and slot within the group.
    __device__ static int lane_row(int i) { return warp_index() % (tiles / 2) * (2 * tile_rows) + i * tile_rows + lane_index() / 4; }
    __device__ static int lane_slot(int j) { return warp_index() / (tiles / 2) * (slot_tiles * tile_slots) + j * tile_slots + lane_index() % 4 * 2; }
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

// A part's sums of a block's tile, each handed to store(row, slot, sum) by one thread. A ring of stages: one is multiplied while three are on their way.
template <int Slots, typename Store>
__device__ __forceinline__ void multiply_lstm_part(uint4* ring, const LstmPart& part, const int* group, const Store& store) {
    using Tile = LstmTile<Slots>;
    float sums[2][2 * Tile::slot_tiles][4] = {};
    int rows[Tile::slot_copies];
#pragma unroll
    for (int i = 0; i < Tile::slot_copies; i++) {
        rows[i] = group[(threadIdx.x + i * Tile::threads) / Tile::slot_units];
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
#pragma unroll
    for (int i = 0; i < 2; i++) {
#pragma unroll
        for (int j = 0; j < Tile::slot_tiles; j++) {
#pragma unroll
            for (int k = 0; k < 4; k++) {
                store(Tile::lane_row(i) + k / 2 * 8, Tile::lane_slot(j) + k % 2, join_halves(sums[i][2 * j][k], sums[i][2 * j + 1][k]));
            }
        }
    }
}

// The early product: parts [4, S, 4 units] of the rows in slots.
//   grid (ceil(units / 32), groups of Slots, 4), block 128, for 64 slots 256. Dynamic shared memory: a ring of four stages of 32 columns, weights [128, 32]
//   halves and inputs [Slots, 32] floats.
template <int Slots> __device__ __forceinline__ void lstm_early(const Inputs& inputs, const half* weights, float* parts, const int* slots, int units) {
    using Tile = LstmTile<Slots>;
    DYNAMIC_SHARED(uint4, ring);
    const int gates = units * gate_count;
    const int chunks = chunk_count(inputs.columns());
    const int index = blockIdx.z;
    const LstmPart part = {weights, inputs, (gates + tile_rows - 1) / tile_rows, chunks, part_start(chunks, index), part_start(chunks, index + 1)};
    const int first_slot = blockIdx.y * Slots;
    float* const mine = parts + (static_cast<long long>(index) * gridDim.y * Slots + first_slot) * gates;
    multiply_lstm_part<Slots>(ring, part, slots + first_slot, [&](int row, int slot, float sum) {
        const int gate = blockIdx.x * (Tile::units * gate_count) + row;
        if (gate < gates) {
            mine[static_cast<long long>(slot) * gates + gate] = sum;
        }
    });
}

#define LSTM_EARLY(NAME, SLOTS)                                                                                                             \
    extern "C" __global__ void __launch_bounds__(LstmTile<SLOTS>::threads, 2) NAME(                                                         \
        const float* early_first, const float* early_second, const half* early_weights, float* parts, const int* slots,                     \
        int early_first_width, int early_second_width, int units) {                                                                         \
        const Inputs inputs = {early_first, early_first_width, early_second, early_second_width, nullptr, 0};                               \
        lstm_early<SLOTS>(inputs, early_weights, parts, slots, units);                                                                      \
    }                                                                                                                                       \
    EXPORT_KERNEL(NAME)

LSTM_EARLY(lstm_early_16_f16, 16)
LSTM_EARLY(lstm_early_32_f16, 32)
LSTM_EARLY(lstm_early_64_f16, 64)

// Which rows have an early product. One that was made beside the end of the step before, while slots changed hands, is not that of a row whose first step
// this is: its inputs are zeros.
struct EarlyParts {
    const float* parts;
    const int* row_starts;
    int step;
    bool is_of_last_step;

    __device__ bool has(int row_start) const { return !(is_of_last_step && row_start == step); }

    // Those of a unit's gates.
    __device__ void load(int slot, int slot_count, int unit, int units, float (&part)[column_parts][gate_count]) const {
#pragma unroll
        for (int i = 0; i < column_parts; i++) {
            load_vector(parts + ((static_cast<long long>(i) * slot_count + slot) * units + unit) * gate_count, part[i]);
        }
    }
};

// The cells of a late launch: a thread has one unit of every fourth slot. All that several of them need is on its way at once, or each would take three trips
// to L2 after the one before; and without conditions, because loads under conditions wait for each other. So in place of what is not there it is what is.
template <int Slots> struct LateCells {
    using Tile = LstmTile<Slots>;
    static constexpr int count = Slots * Tile::units / Tile::threads;
    static constexpr int at_once = 4;
    static_assert(Tile::units == warp_size && count % at_once == 0, "a warp has the units of a slot");

    int first_slot;
    int slot_count;
    int units;
    int state_stride;

    __device__ __forceinline__ static int slot(int i) { return warp_index() + i * (Tile::threads / warp_size); }

    // gates [Slots, gates_stride]: the late product, in shared memory.
    __device__ __forceinline__ void update(
        const EarlyParts& early, const float* gates, const float* bias, float* hidden, float* cell, const int (&rows)[count]) const {
        const bool is_unit = static_cast<int>(blockIdx.x * Tile::units) + lane_index() < units;
        const int unit = min(static_cast<int>(blockIdx.x * Tile::units) + lane_index(), units - 1);
        float of_unit[gate_count];
        load_vector(bias + unit * gate_count, of_unit);
#pragma unroll
        for (int first = 0; first < count; first += at_once) {
            int starts[at_once];
            float states[at_once];
            float parts[at_once][column_parts][gate_count];
#pragma unroll
            for (int i = 0; i < at_once; i++) {
                const int row = max(rows[first + i], 0);
                starts[i] = early.row_starts[row];
                states[i] = cell[static_cast<long long>(row) * state_stride + unit];
                early.load(first_slot + slot(first + i), slot_count, unit, units, parts[i]);
            }
#pragma unroll
            for (int i = 0; i < at_once; i++) {
                float sums[gate_count];
                load_local_vector(gates + slot(first + i) * Tile::gates_stride + lane_index() * gate_count, sums);
#pragma unroll
                for (int gate = 0; gate < gate_count; gate++) {
                    const float early_sum = add_parts({parts[i][0][gate], parts[i][1][gate], parts[i][2][gate], parts[i][3][gate]});
                    sums[gate] = (early.has(starts[i]) ? early_sum + sums[gate] : sums[gate]) + of_unit[gate];
                }
                const float output = update_cell(sums, states[i]);
                if (rows[first + i] >= 0 && is_unit) {
                    const long long at = static_cast<long long>(rows[first + i]) * state_stride + unit;
                    hidden[at] = output;
                    cell[at] = states[i];
                }
            }
        }
    }
};

// The late product, and the cells.
//   grid (ceil(units / 32), groups of Slots), block 128. Dynamic shared memory: as for the early product.
template <int Slots>
__device__ __forceinline__ void lstm_late(
    const Inputs& inputs, const half* weights, const EarlyParts& early, const float* bias, float* hidden, float* cell, const int* slots, int units,
    int state_stride) {
    using Tile = LstmTile<Slots>;
    using Cells = LateCells<Slots>;
    DYNAMIC_SHARED(uint4, ring);
    float* const gates = reinterpret_cast<float*>(ring);
    const int chunks = chunk_count(inputs.columns());
    const int first_slot = blockIdx.y * Slots;
    const int* const group = slots + first_slot;
    int rows[Cells::count];
#pragma unroll
    for (int i = 0; i < Cells::count; i++) {
        rows[i] = group[Cells::slot(i)];
    }
    multiply_lstm_part<Slots>(
        ring, {weights, inputs, (units * gate_count + tile_rows - 1) / tile_rows, chunks, 0, chunks}, group,
        [&](int row, int slot, float sum) { gates[slot * Tile::gates_stride + row] = sum; });
    __syncthreads();
    Cells{first_slot, static_cast<int>(gridDim.y) * Slots, units, state_stride}.update(early, gates, bias, hidden, cell, rows);
}

#define LSTM_LATE(NAME, SLOTS)                                                                                                              \
    extern "C" __global__ void __launch_bounds__(LstmTile<SLOTS>::threads, 2) NAME(                                                         \
        const float* late, const half* late_weights, const float* parts, const float* bias, float* hidden, float* cell, const int* slots,   \
        const int* row_starts, const int* chunk_start, int offset, int is_of_last_step, int late_width, int units, int state_stride) {      \
        const EarlyParts early = {parts, row_starts, *chunk_start + offset, is_of_last_step != 0};                                          \
        lstm_late<SLOTS>({late, late_width, nullptr, 0, nullptr, 0}, late_weights, early, bias, hidden, cell, slots, units, state_stride);  \
    }                                                                                                                                       \
    EXPORT_KERNEL(NAME)

LSTM_LATE(lstm_late_16_f16, 16)
LSTM_LATE(lstm_late_32_f16, 32)

EXPORT_CONSTANT(lstm_cell_warps, cell_parts)
EXPORT_CONSTANT(lstm_cell_units, tile_rows / gate_count)
EXPORT_CONSTANT(lstm_tile_units, LstmTile<16>::units)
EXPORT_CONSTANT(lstm_tile_threads, LstmTile<16>::threads)
EXPORT_CONSTANT(lstm_early_parts, column_parts)
EXPORT_CONSTANT(lstm_tile_stages, LstmTile<16>::stages)
EXPORT_CONSTANT(lstm_stage_bytes, LstmTile<16>::weight_units * sizeof(uint4))
EXPORT_CONSTANT(lstm_stage_slot_bytes, LstmTile<16>::slot_units * sizeof(uint4))
