#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "driver_types.h"
#include "faults.h"
#include "half.h"
#include "scheduler.h"

// Barriers, shuffles, votes and the tensor-core instructions: threads wait until all that are named have arrived, and the last one does the work for all.

namespace emulation {

const char* collective_name(Collective kind) {
    switch (kind) {
        case Collective::Barrier: return "__syncthreads";
        case Collective::BarrierOr: return "__syncthreads_or";
        case Collective::BarrierAnd: return "__syncthreads_and";
        case Collective::BarrierCount: return "__syncthreads_count";
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
        : block(*current_worker->block), lane(*current_worker->lane), warp(block.warp_of(lane)), exchange(exchange_of(warp, mask)),
          index(block.lane_of(lane)), generation(exchange.generation) {
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
            block.ready_warps |= 1u << (block.linear_thread(lane) / lanes_per_warp);
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
    float* const values = arrival.warp.matrices.reduced;
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

void load_all(Matrices& matrices, unsigned count, bool is_transposed) {
    for (unsigned m = 0; m < count; m++) {
        std::uint16_t elements[8][8];
        for (unsigned r = 0; r < 8; r++) {
            std::memcpy(elements[r], matrices.rows[m * 8 + r], sizeof elements[r]);
        }
        if (!is_transposed) {
            std::memcpy(matrices.loaded[m], elements, sizeof elements);
            continue;
        }
        for (unsigned lane = 0; lane < lanes_per_warp; lane++) {
            const unsigned row = lane % 4 * 2;
            matrices.loaded[m][lane] = elements[row][lane / 4] | static_cast<std::uint32_t>(elements[row + 1][lane / 4]) << 16;
        }
    }
}

using Eight = float __attribute__((vector_size(32)));

void multiply_all(Matrices& matrices) {
    float a[16][16];
    float b[16][8];
    for (unsigned row = 0; row < 16; row++) {
        float half_row[8];
        for (unsigned h = 0; h < 2; h++) {
            const std::uint32_t* const words = matrices.a[row] + 4 * h;
            halves_to_floats(words, half_row);
            std::memcpy(a[row] + 8 * h, half_row, sizeof half_row);
        }
    }
    for (unsigned column = 0; column < 8; column++) {
        float half_column[8];
        for (unsigned h = 0; h < 2; h++) {
            halves_to_floats(matrices.b[column] + 4 * h, half_column);
            for (unsigned k = 0; k < 8; k++) {
                b[8 * h + k][column] = half_column[k];
            }
        }
    }
    Eight rows_of_b[16];
    std::memcpy(rows_of_b, b, sizeof b);
    for (unsigned row = 0; row < 16; row += 4) {
        Eight sums[4];
        std::memcpy(sums, matrices.sums[row], sizeof sums);
        for (unsigned k = 0; k < 16; k++) {
            for (unsigned r = 0; r < 4; r++) {
                sums[r] += a[row + r][k] * rows_of_b[k];
            }
        }
        std::memcpy(matrices.sums[row], sums, sizeof sums);
    }
}

} // namespace

void load_matrices(unsigned* registers, unsigned count, bool is_transposed, const void* row, Place place) {
    Arrival arrival(Collective::MatrixLoad, all, place);
    if (arrival.index < count * 8) {
        check_row(row);
    }
    Matrices& matrices = arrival.warp.matrices;
    matrices.rows[arrival.index] = row;
    if (arrival.is_last()) {
        load_all(matrices, count, is_transposed);
        arrival.complete();
    } else {
        arrival.wait();
    }
    for (unsigned m = 0; m < count; m++) {
        registers[m] = matrices.loaded[m][arrival.index];
    }
}

void multiply_matrices(float (&sums)[4], const unsigned (&a)[4], const unsigned (&b)[2], Place place) {
    Arrival arrival(Collective::MatrixMultiply, all, place);
    Matrices& matrices = arrival.warp.matrices;
    const unsigned group = arrival.index / 4;
    const unsigned pair = arrival.index % 4;
    matrices.a[group][pair] = a[0];
    matrices.a[group + 8][pair] = a[1];
    matrices.a[group][pair + 4] = a[2];
    matrices.a[group + 8][pair + 4] = a[3];
    matrices.b[group][pair] = b[0];
    matrices.b[group][pair + 4] = b[1];
    std::memcpy(&matrices.sums[group][2 * pair], sums, 2 * sizeof(float));
    std::memcpy(&matrices.sums[group + 8][2 * pair], sums + 2, 2 * sizeof(float));
    if (arrival.is_last()) {
        multiply_all(matrices);
        arrival.complete();
    } else {
        arrival.wait();
    }
    std::memcpy(sums, &matrices.sums[group][2 * pair], 2 * sizeof(float));
    std::memcpy(sums + 2, &matrices.sums[group + 8][2 * pair], 2 * sizeof(float));
}

} // namespace emulation
