#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "driver_types.h"
#include "faults.h"
#include "half.h"
#include "matrix_tiles.h"
#include "scheduler.h"

// Barriers, shuffles, votes and the tensor-core instructions: threads wait until all that are named have arrived, and the last one does the work for all.

namespace emulation {

const char* collective_name(Collective kind) {
    switch (kind) {
        case Collective::Barrier: return "__syncthreads";
        case Collective::BarrierOr: return "__syncthreads_or";
        case Collective::BarrierAnd: return "__syncthreads_and";
        case Collective::BarrierCount: return "__syncthreads_count";
        case Collective::ClusterBarrier: return "cluster_barrier";
        case Collective::WarpBarrier: return "__syncwarp";
        case Collective::Shuffle: return "shuffle";
        case Collective::Vote: return "vote";
        case Collective::Match: return "match";
        case Collective::Reduction: return "warp reduction";
        case Collective::MatrixLoad: return "ldmatrix";
        case Collective::MatrixMultiply: return "mma";
    }
    return "?";
}

namespace {

constexpr unsigned all = 0xFFFFFFFFu;

const char* file_of(Place place) {
    const char* const slash = std::strrchr(place.file_name(), '/');
    return slash != nullptr ? slash + 1 : place.file_name();
}

[[noreturn]] void fail_different(Collective mine, Place my_place, Collective theirs, Place their_place) {
    fail(CUDA_ERROR_LAUNCH_FAILED, "is at the %s of %s:%u while others wait for it at the %s of %s:%u", collective_name(mine), file_of(my_place),
        static_cast<unsigned>(my_place.line()), collective_name(theirs), file_of(their_place), static_cast<unsigned>(their_place.line()));
}

Exchange& exchange_of(Warp& warp, unsigned mask) {
    if (mask == all) {
        return warp.all;
    }
    for (Exchange& exchange : warp.some) {
        if (exchange.mask == mask) {
            return exchange;
        }
    }
    // Only so many masks are live at a time; references to the others are not held across a wait.
    warp.some.emplace_back().mask = mask;
    return warp.some.back();
}

// A warp and what its lanes do together. Not kept while waiting, because Warp::some may move.
struct Arrival {
    Block& block;
    Lane& lane;
    Warp& warp;
    Exchange& exchange;
    unsigned index;
    unsigned generation;

    Arrival(Collective kind, unsigned mask, Place place)
        : block(*current_worker->block), lane(*current_worker->lane), warp(*lane.warp), exchange(exchange_of(warp, mask)),
          index(lane.in_warp), generation(exchange.generation) {
        if ((mask >> index & 1u) == 0) {
            fail(CUDA_ERROR_LAUNCH_FAILED, "calls the %s of %s:%u with mask 0x%08X, which does not name its own lane %u", collective_name(kind), file_of(place),
                static_cast<unsigned>(place.line()), mask, index);
        }
        if (exchange.arrived == 0) {
            exchange.kind = kind;
            exchange.place = place;
        } else if (__builtin_expect(exchange.kind != kind || exchange.place.line() != place.line(), 0)) {
            fail_different(kind, place, exchange.kind, exchange.place);
        }
        lane.collective = kind;
        lane.mask = mask;
        lane.place = place;
    }

    // Whether this is the last of the named lanes: then it does the work and calls complete(). The others call wait().
    bool is_last() {
        exchange.arrived |= 1u << index;
        return exchange.arrived == exchange.mask;
    }

    void complete() {
        exchange.arrived = 0;
        exchange.generation++;
        const unsigned others = exchange.mask & ~(1u << index);
        warp.ready |= others;
        if (others != 0) {
            block.ready_warps |= 1u << warp.index;
        }
    }

    void wait() {
        lane.state = LaneState::AtWarpCollective;
        suspend();
        lane.state = LaneState::Ready;
    }
};

// Everybody gives a value and all see the values of all. Returns the set that stays valid until this lane's next exchange.
const std::uint64_t* exchange_values(Collective kind, unsigned mask, std::uint64_t value, Place place) {
    Arrival arrival(kind, mask, place);
    const unsigned set = arrival.generation & 1u;
    arrival.exchange.values[set][arrival.index] = value;
    if (arrival.is_last()) {
        arrival.complete();
        return arrival.exchange.values[set];
    }
    arrival.wait();
    return exchange_of(arrival.warp, mask).values[set];
}

} // namespace

unsigned block_barrier(Collective kind, bool predicate, Place place) {
    Block& block = *current_worker->block;
    Lane& lane = *current_worker->lane;
    if (block.arrived == 0) {
        block.barrier_kind = kind;
        block.barrier_place = place;
    } else if (__builtin_expect(block.barrier_kind != kind || block.barrier_place.line() != place.line(), 0)) {
        fail_different(kind, place, block.barrier_kind, block.barrier_place);
    }
    block.predicates += predicate;
    if (++block.arrived == block.thread_count) {
        block.barrier_result = block.predicates;
        block.arrived = 0;
        block.predicates = 0;
        block.is_backward = !block.is_backward;
        block.release_all_but(lane);
    } else {
        lane.state = LaneState::AtBlockBarrier;
        lane.collective = kind;
        lane.place = place;
        suspend();
    }
    return block.barrier_result;
}

void cluster_barrier(Place place) {
    Block& block = *current_worker->block;
    Cluster& cluster = *block.cluster;
    Lane& lane = *current_worker->lane;
    if (cluster.arrived == 0) {
        cluster.place = place;
    } else if (__builtin_expect(cluster.place.line() != place.line(), 0)) {
        fail_different(Collective::ClusterBarrier, place, Collective::ClusterBarrier, cluster.place);
    }
    for (const Block* const other : cluster.blocks) {
        if (other->unfinished == 0) {
            fail(CUDA_ERROR_LAUNCH_FAILED, "waits at the cluster_barrier of %s:%u, which block %u of the cluster does not reach: it has returned", file_of(place),
                static_cast<unsigned>(place.line()), other->rank);
        }
    }
    block.at_cluster_barrier++;
    if (++cluster.arrived == block.thread_count * cluster.blocks.size()) {
        cluster.release_all_but(lane);
        return;
    }
    lane.state = LaneState::AtClusterBarrier;
    lane.collective = Collective::ClusterBarrier;
    lane.place = place;
    suspend();
}

void warp_barrier(unsigned mask, Place place) {
    Arrival arrival(Collective::WarpBarrier, mask, place);
    arrival.is_last() ? arrival.complete() : arrival.wait();
}

std::uint64_t shuffle(unsigned mask, std::uint64_t value, unsigned source_lane, Place place) {
    if (__builtin_expect(mask != all && (mask >> source_lane & 1u) == 0, 0)) {
        fail(CUDA_ERROR_LAUNCH_FAILED, "the shuffle of %s:%u reads lane %u, which its mask 0x%08X does not name", file_of(place),
            static_cast<unsigned>(place.line()), source_lane, mask);
    }
    return exchange_values(Collective::Shuffle, mask, value, place)[source_lane];
}

unsigned ballot(unsigned mask, bool predicate, Place place) {
    const std::uint64_t* const values = exchange_values(Collective::Vote, mask, predicate, place);
    unsigned result = 0;
    for (unsigned lane = 0; lane < lanes_per_warp; lane++) {
        result |= (mask >> lane & 1u) != 0 && values[lane] != 0 ? 1u << lane : 0u;
    }
    return result;
}

unsigned match_any(unsigned mask, std::uint64_t value, Place place) {
    const std::uint64_t* const values = exchange_values(Collective::Match, mask, value, place);
    unsigned result = 0;
    for (unsigned lane = 0; lane < lanes_per_warp; lane++) {
        result |= (mask >> lane & 1u) != 0 && values[lane] == value ? 1u << lane : 0u;
    }
    return result;
}

float warp_reduce(Reduction reduction, float value, Place place) {
    Arrival arrival(Collective::Reduction, all, place);
    float* const values = arrival.warp.operands.reduced;
    values[arrival.index] = value;
    if (!arrival.is_last()) {
        arrival.wait();
        return values[arrival.index];
    }
    // In a butterfly all lanes get the same bits, since a + b is b + a; so half of the lanes is enough at every level.
    for (unsigned offset = lanes_per_warp / 2; offset > 0; offset /= 2) {
        for (unsigned lane = 0; lane < offset; lane++) {
            values[lane] = reduction == Reduction::Sum ? values[lane] + values[lane + offset] : fmaxf(values[lane], values[lane + offset]);
        }
    }
    std::fill_n(values + 1, lanes_per_warp - 1, values[0]);
    arrival.complete();
    return values[0];
}

namespace {

void check_row(const void* row) {
    check_alignment<16>(row);
    if (!is_shared_memory(row, 16)) {
        fail(CUDA_ERROR_ILLEGAL_ADDRESS, "ldmatrix from an address outside of the block's shared memory");
    }
}

void load_all(WarpOperands& operands, unsigned count, bool is_transposed) {
    for (unsigned m = 0; m < count; m++) {
        std::uint16_t elements[8][8];
        for (unsigned r = 0; r < 8; r++) {
            std::memcpy(elements[r], operands.rows[m * 8 + r], sizeof elements[r]);
        }
        if (!is_transposed) {
            std::memcpy(operands.loaded[m], elements, sizeof elements);
            continue;
        }
        for (unsigned lane = 0; lane < lanes_per_warp; lane++) {
            const unsigned row = lane % 4 * 2;
            operands.loaded[m][lane] = elements[row][lane / 4] | static_cast<std::uint32_t>(elements[row + 1][lane / 4]) << 16;
        }
    }
}

void gather_b(const WarpOperands& operands, int tile, Eight (&b)[16]) {
    std::uint16_t rows[16][8];
    for (unsigned lane = 0; lane < lanes_per_warp; lane++) {
        const unsigned* const registers = operands.b[lane] + tile * 2;
        for (unsigned r = 0; r < 2; r++) {
            rows[lane % 4 * 2 + r * 8][lane / 4] = static_cast<std::uint16_t>(registers[r] & 0xFFFFu);
            rows[lane % 4 * 2 + r * 8 + 1][lane / 4] = static_cast<std::uint16_t>(registers[r] >> 16);
        }
    }
    for (int row = 0; row < 16; row++) {
        std::uint32_t words[4];
        float values[8];
        std::memcpy(words, rows[row], sizeof words);
        halves_to_floats(words, values);
        std::memcpy(&b[row], values, sizeof values);
    }
}

// Not inlined: it needs much of the stack, and only the last lane calls it.
__attribute__((noinline)) void multiply_all(const WarpOperands& operands, int m, int n) {
    Eight tiles_of_b[most_tiles][16];
    for (int j = 0; j < n; j++) {
        gather_b(operands, j, tiles_of_b[j]);
    }
    for (int i = 0; i < m; i++) {
        float tile_of_a[16][16];
        gather_a(operands, i, tile_of_a);
        for (int j = 0; j < n; j++) {
            multiply_tile(operands, i * n + j, tile_of_a, tiles_of_b[j]);
        }
    }
}

} // namespace

void load_matrices(unsigned* registers, unsigned count, bool is_transposed, const void* row, Place place) {
    Arrival arrival(Collective::MatrixLoad, all, place);
    if (arrival.index < count * 8) {
        check_row(row);
    }
    WarpOperands& operands = arrival.warp.operands;
    operands.rows[arrival.index] = row;
    if (arrival.is_last()) {
        load_all(operands, count, is_transposed);
        arrival.complete();
    } else {
        arrival.wait();
    }
    for (unsigned m = 0; m < count; m++) {
        registers[m] = operands.loaded[m][arrival.index];
    }
}

void multiply_tiles(float* sums, const unsigned* a, const unsigned* b, int m, int n, Place place) {
    Arrival arrival(Collective::MatrixMultiply, all, place);
    WarpOperands& operands = arrival.warp.operands;
    operands.sums[arrival.index] = sums;
    operands.a[arrival.index] = a;
    operands.b[arrival.index] = b;
    if (!arrival.is_last()) {
        arrival.wait();
        return;
    }
    multiply_all(operands, m, n);
    arrival.complete();
}

} // namespace emulation
