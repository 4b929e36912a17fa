#include "scheduler.h"

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <bit>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "driver_types.h"
#include "faults.h"
#include "shared_memory.h"

__thread uint3 threadIdx;
__thread uint3 blockIdx;
__thread dim3 blockDim;
__thread dim3 gridDim;

namespace emulation {

std::atomic<std::uint64_t> patience_nanoseconds = default_patience_nanoseconds;

__thread Worker* current_worker;

namespace {

constexpr std::uint64_t gone = ~0ull; // In idle_at: a worker that has finished.

std::uint64_t nanoseconds_now() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
}

void set_running(Worker& worker, Lane& lane) {
    worker.lane = &lane;
    threadIdx = lane.index;
}

bool holds(const Lane& lane) {
    const unsigned now = __atomic_load_n(lane.address, __ATOMIC_ACQUIRE);
    return lane.condition == Condition::AtLeast ? static_cast<int>(now - lane.value) >= 0 : ((now ^ lane.value) & lane.mask) != 0;
}

} // namespace

void Launch::fail(Failure failure) {
    static std::atomic_flag lock = ATOMIC_FLAG_INIT;
    while (lock.test_and_set(std::memory_order_acquire)) {
    }
    if (!is_aborted.load(std::memory_order_relaxed)) {
        failure_ = std::move(failure);
        is_aborted.store(true, std::memory_order_release);
    }
    lock.clear(std::memory_order_release);
}

bool Launch::is_idle_since(std::uint64_t seen) const {
    for (unsigned w = 0; w < worker_count; w++) {
        const std::uint64_t noted = idle_at[w].load();
        if (noted != seen && noted != gone) {
            return false;
        }
    }
    return activity.load() == seen;
}

void fail(int result, const char* format, ...) {
    Worker& worker = *current_worker;
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    Block& block = *worker.block;
    block.launch->fail({result, block.describe(*worker.lane) + ": " + text});
    worker.has_failed = true;
    void* nowhere;
    emulation_switch(&nowhere, worker.scheduler);
    __builtin_unreachable();
}

void fail_misaligned(const volatile void* address, unsigned bytes) {
    fail(CUDA_ERROR_MISALIGNED_ADDRESS, "misaligned access of %u bytes at %s", bytes, describe_address(const_cast<const void*>(address)).c_str());
}

Block::~Block() {
    for (SharedArray& array : shared) {
        release(array);
    }
    release(dynamic);
}

void Block::prepare_for(Launch& new_launch, Worker& new_worker) {
    launch = &new_launch;
    worker = &new_worker;
    const dim3 size = new_launch.block;
    thread_count = size.x * size.y * size.z;
    lanes.resize(thread_count);
    const unsigned warp_count = (thread_count + lanes_per_warp - 1) / lanes_per_warp;
    if (warps == nullptr) {
        warps = std::make_unique<Warp[]>(1024 / lanes_per_warp);
    }
    unsigned thread = 0;
    for (unsigned z = 0; z < size.z; z++) {
        for (unsigned y = 0; y < size.y; y++) {
            for (unsigned x = 0; x < size.x; x++) {
                lanes[thread].index = {x, y, z};
                lanes[thread].warp = &warps[thread / lanes_per_warp];
                lanes[thread].in_warp = thread % lanes_per_warp;
                lanes[thread].saved = nullptr;
                lanes[thread].copies.clear();
                lanes[thread].copies_done = 0;
                lanes[thread].open_group = 0;
                lanes[thread].forget_products();
                lanes[thread].is_polled = false;
                thread++;
            }
        }
    }
    for (unsigned w = 0; w < warp_count; w++) {
        warps[w].first = &lanes[w * lanes_per_warp];
        warps[w].index = w;
        const unsigned count = std::min(lanes_per_warp, thread_count - w * lanes_per_warp);
        warps[w].existing = count == lanes_per_warp ? 0xFFFFFFFFu : (1u << count) - 1;
        warps[w].all = {};
        warps[w].all.mask = 0xFFFFFFFFu;
        warps[w].some.clear();
    }
    waiting.clear();
    arrived = 0;
    predicates = 0;
}

void Block::start(std::uint64_t linear_index) {
    const dim3 grid = launch->grid;
    index = {static_cast<unsigned>(linear_index % grid.x), static_cast<unsigned>(linear_index / grid.x % grid.y),
        static_cast<unsigned>(linear_index / grid.x / grid.y)};
    unfinished = thread_count;
    at_cluster_barrier = 0;
    has_begun = false;
    is_backward = linear_index % 2 != 0;
    is_done = false;
    const unsigned warp_count = (thread_count + lanes_per_warp - 1) / lanes_per_warp;
    ready_warps = warp_count == 32 ? 0xFFFFFFFFu : (1u << warp_count) - 1;
    current_warp = &warps[is_backward ? warp_count - 1 : 0];
    for (unsigned w = 0; w < warp_count; w++) {
        warps[w].ready = warps[w].existing;
    }
    number = ++worker->blocks_started;
    issued.clear();
    prepare_dynamic_shared_memory(*this);
}

// The rest of the current warp first, because its lanes wait for each other soonest; forwards and backwards by turns from barrier to barrier, so that a
// result that depends on the order of the threads is not always the lucky one.
Lane* Block::take_next() {
    if (ready_warps == 0) {
        return nullptr;
    }
    if (current_warp->ready == 0) {
        current_warp = &warps[is_backward ? 31 - std::countl_zero(ready_warps) : std::countr_zero(ready_warps)];
    }
    Warp& warp = *current_warp;
    const unsigned lane = static_cast<unsigned>(is_backward ? 31 - std::countl_zero(warp.ready) : std::countr_zero(warp.ready));
    warp.ready &= ~(1u << lane);
    if (warp.ready == 0) {
        ready_warps &= ~(1u << warp.index);
    }
    return &warp.first[lane];
}

void Block::make_ready(Lane& lane) {
    lane.state = LaneState::Ready;
    lane.warp->ready |= 1u << lane.in_warp;
    ready_warps |= 1u << lane.warp->index;
}

void Block::release_all() {
    for (Lane& lane : lanes) {
        lane.state = LaneState::Ready;
    }
    const unsigned warp_count = (thread_count + lanes_per_warp - 1) / lanes_per_warp;
    for (unsigned w = 0; w < warp_count; w++) {
        warps[w].ready = warps[w].existing;
    }
    ready_warps = warp_count == 32 ? 0xFFFFFFFFu : (1u << warp_count) - 1;
}

void Block::release_all_but(const Lane& running) {
    // A launch may go on for long in which blocks only poll and meet at barriers: that is no deadlock.
    launch->progress.fetch_add(1, std::memory_order_relaxed);
    release_all();
    running.warp->ready &= ~(1u << running.in_warp);
    if (running.warp->ready == 0) {
        ready_warps &= ~(1u << running.warp->index);
    }
}

void Cluster::start(std::uint64_t number) {
    arrived = 0;
    blocks = slots;
    // By turns the first and the last block run first: one that writes to another before that has begun is not always the lucky one.
    if (number % 2 != 0) {
        std::reverse(blocks.begin(), blocks.end());
    }
    for (unsigned rank = 0; rank < blocks.size(); rank++) {
        blocks[rank]->cluster = this;
        blocks[rank]->rank = rank;
        blocks[rank]->start(number * blocks.size() + rank);
    }
}

void Cluster::release_all_but(const Lane& running) {
    arrived = 0;
    for (Block* const block : blocks) {
        block->at_cluster_barrier = 0;
        block->is_backward = !block->is_backward;
        if (block == current_worker->block) {
            block->release_all_but(running);
        } else {
            block->release_all();
        }
    }
    current_worker->block->launch->progress.fetch_add(1, std::memory_order_relaxed);
}

bool Block::poll() {
    std::size_t kept = 0;
    const std::size_t count = waiting.size();
    for (std::size_t i = 0; i < count; i++) {
        Lane& lane = *waiting[i];
        if (lane.state == LaneState::Yielding || holds(lane)) {
            make_ready(lane);
        } else {
            waiting[kept++] = &lane;
        }
    }
    waiting.resize(kept);
    return kept != count;
}

std::string Block::describe(const Lane& lane) const {
    char text[256];
    std::snprintf(text, sizeof text, "kernel %s, block (%u, %u, %u), thread (%u, %u, %u)", launch->kernel->name, index.x, index.y, index.z, lane.index.x,
        lane.index.y, lane.index.z);
    return text;
}

namespace {

const char* file_name(Place place) {
    const char* const slash = std::strrchr(place.file_name(), '/');
    return slash != nullptr ? slash + 1 : place.file_name();
}

std::string where(const Lane& lane) {
    char text[256];
    if (lane.is_polled) {
        std::snprintf(text, sizeof text, "waits for memory at %s:%u", file_name(lane.place), static_cast<unsigned>(lane.place.line()));
        return text;
    }
    switch (lane.state) {
        case LaneState::Finished:
            return "has returned";
        case LaneState::AtBlockBarrier:
        case LaneState::AtClusterBarrier:
        case LaneState::AtWarpCollective:
            std::snprintf(text, sizeof text, "waits at the %s of %s:%u", collective_name(lane.collective), file_name(lane.place),
                static_cast<unsigned>(lane.place.line()));
            return text;
        default:
            return "runs";
    }
}

} // namespace

void Block::fail_stuck() {
    // The nearest cause: a warp's lanes are what a barrier waits for, and a block's threads what the cluster's does.
    const auto waits_at = [this](LaneState state) {
        const auto found = std::find_if(lanes.begin(), lanes.end(), [=](const Lane& lane) { return lane.state == state; });
        return found != lanes.end() ? &*found : nullptr;
    };
    const Lane* waits = waits_at(LaneState::AtWarpCollective);
    waits = waits != nullptr ? waits : waits_at(LaneState::AtBlockBarrier);
    waits = waits != nullptr ? waits : waits_at(LaneState::AtClusterBarrier);
    const bool is_warp = waits->state == LaneState::AtWarpCollective;
    const Lane* missing = nullptr;
    const unsigned first = is_warp ? waits->warp->index * lanes_per_warp : 0;
    for (unsigned thread = first; thread < thread_count && missing == nullptr; thread++) {
        const Lane& lane = lanes[thread];
        if (is_warp ? thread - first < lanes_per_warp && (waits->mask >> (thread - first) & 1u) != 0 &&
                          (lane.state != LaneState::AtWarpCollective || lane.mask != waits->mask)
                    : lane.state != waits->state) {
            missing = &lane;
        }
    }
    char text[640];
    if (missing != nullptr) {
        std::snprintf(text, sizeof text, "%s %s, which thread (%u, %u, %u) does not reach: it %s", describe(*waits).c_str(), where(*waits).c_str(),
            missing->index.x, missing->index.y, missing->index.z, where(*missing).c_str());
    } else {
        std::snprintf(text, sizeof text, "%s %s, whose mask 0x%08X names lanes that the block does not have", describe(*waits).c_str(),
            where(*waits).c_str(), waits->mask);
    }
    launch->fail({CUDA_ERROR_LAUNCH_FAILED, text});
    throw Abandoned();
}

void Cluster::fail_without(const Block& returned) {
    for (const Block* const block : blocks) {
        for (const Lane& lane : block->lanes) {
            if (block->has_begun && lane.state == LaneState::AtClusterBarrier) {
                returned.launch->fail({CUDA_ERROR_LAUNCH_FAILED, block->describe(lane) + " " + where(lane) + ", which block " + std::to_string(returned.rank) +
                    " of the cluster does not reach: it has returned"});
                throw Abandoned();
            }
        }
    }
    __builtin_unreachable();
}

void suspend() {
    Worker& worker = *current_worker;
    Lane& self = *worker.lane;
    Lane* const next = worker.block->take_next();
    if (next == nullptr) {
        emulation_switch(&self.saved, worker.scheduler);
        return;
    }
    set_running(worker, *next);
    if (next->saved == nullptr) {
        next->stack = worker.stacks.take();
        next->saved = next->stack->first_switch;
    }
    emulation_switch(&self.saved, next->saved);
}

void run_threads() {
    for (;;) {
        Worker& worker = *current_worker;
        Block& block = *worker.block;
        const Launch& launch = *block.launch;
        launch.kernel->invoke(launch.kernel->function, launch.arguments);

        Lane& self = *worker.lane;
        if (StackPool::is_overrun(*self.stack)) {
            fail(CUDA_ERROR_LAUNCH_FAILED, "needs more than 256 KB of local memory");
        }
        self.open_group = 0;
        if (!self.copies.empty()) {
            self.copies.clear();
            self.copies_done = 0;
        }
        check_no_products(block, self);
        self.forget_products();
        self.state = LaneState::Finished;
        self.saved = nullptr;
        block.unfinished--;
        Lane* const next = block.take_next();
        if (next != nullptr && next->saved == nullptr) {
            next->stack = self.stack;
            set_running(worker, *next);
            continue;
        }
        worker.stacks.give(self.stack);
        void* nowhere;
        if (next != nullptr) {
            set_running(worker, *next);
            emulation_switch(&nowhere, next->saved);
        } else {
            emulation_switch(&nowhere, worker.scheduler);
        }
    }
}

unsigned lane_index() {
    return current_worker->lane->in_warp;
}

void yield(Place place) {
    Worker& worker = *current_worker;
    Lane& lane = *worker.lane;
    lane.state = LaneState::Yielding;
    lane.place = place;
    lane.is_polled = true;
    worker.block->waiting.push_back(&lane);
    suspend();
    lane.is_polled = false;
}

void wait_until(Condition condition, const unsigned* address, unsigned value, unsigned mask, Place place) {
    Worker& worker = *current_worker;
    Lane& lane = *worker.lane;
    lane.condition = condition;
    lane.address = address;
    lane.value = value;
    lane.mask = mask;
    if (!holds(lane)) {
        lane.state = LaneState::Waiting;
        lane.place = place;
        lane.is_polled = true;
        worker.block->waiting.push_back(&lane);
        suspend();
        lane.is_polled = false;
    }
    worker.block->launch->progress.fetch_add(1, std::memory_order_relaxed);
}

Worker::Worker() : stacks(run_threads) {}

void Worker::run(Launch& launch) {
    current_worker = this;
    blockDim = launch.block;
    gridDim = launch.grid;
    has_failed = false;
    signal = 0;
    try {
        if (launch.is_cooperative) {
            run_clusters_together(launch);
        } else {
            run_clusters_in_turn(launch);
        }
    } catch (const Abandoned&) {
        stacks.take_back_all();
    }
    resident_.clear();
    launch.idle_at[index] = gone;
}

Block& Worker::take_slot(Launch& launch) {
    if (slots_.size() == resident_.size()) {
        slots_.push_back(std::make_unique<Block>());
    }
    Block& slot = *slots_[resident_.size()];
    slot.prepare_for(launch, *this);
    resident_.push_back(&slot);
    return slot;
}

Cluster& Worker::take_cluster(Launch& launch) {
    const std::size_t taken = resident_.size() / launch.cluster_blocks;
    if (clusters_.size() == taken) {
        clusters_.push_back(std::make_unique<Cluster>());
    }
    Cluster& cluster = *clusters_[taken];
    cluster.slots.clear();
    for (unsigned i = 0; i < launch.cluster_blocks; i++) {
        cluster.slots.push_back(&take_slot(launch));
    }
    return cluster;
}

void Worker::run_clusters_in_turn(Launch& launch) {
    Cluster& cluster = take_cluster(launch);
    for (;;) {
        const std::uint64_t next = launch.next_cluster.fetch_add(1, std::memory_order_relaxed);
        if (next >= launch.cluster_count) {
            return;
        }
        cluster.start(next);
        run_resident(launch);
    }
}

void Worker::run_clusters_together(Launch& launch) {
    for (std::uint64_t c = index; c < launch.cluster_count; c += launch.worker_count) {
        take_cluster(launch).start(c);
    }
    run_resident(launch);
}

// Until all of this worker's blocks have finished.
void Worker::run_resident(Launch& launch) {
    for (;;) {
        for (Block* const resident : resident_) {
            run_until_all_wait(*resident);
        }
        if (std::all_of(resident_.begin(), resident_.end(), [](const Block* resident) { return resident->is_done; })) {
            return;
        }
        // The barrier of a cluster lets blocks go on that had their turn before.
        if (std::all_of(resident_.begin(), resident_.end(), [](const Block* resident) { return resident->ready_warps == 0; })) {
            wait_for_memory(launch);
        }
    }
}

// Lets the block's threads run until all have finished or wait.
void Worker::run_until_all_wait(Block& next_block) {
    if (next_block.launch->is_aborted.load(std::memory_order_relaxed)) {
        throw Abandoned();
    }
    Lane* const next = next_block.take_next();
    if (next == nullptr) {
        return;
    }
    block = &next_block;
    block->has_begun = true;
    blockIdx = next_block.index;
    set_running(*this, *next);
    if (next->saved == nullptr) {
        next->stack = stacks.take();
        next->saved = next->stack->first_switch;
    }
    entries.fetch_add(1, std::memory_order_relaxed);
    runs_kernel = true;
    emulation_switch(&scheduler, next->saved);
    runs_kernel = false;
    if (signal != 0) {
        report_signal(*this);
        throw Abandoned();
    }
    if (has_failed) {
        throw Abandoned();
    }
    if (next_block.unfinished == 0) {
        check_shared_memory(next_block);
        next_block.is_done = true;
        next_block.launch->progress.fetch_add(1, std::memory_order_relaxed);
        if (next_block.cluster->arrived != 0) {
            next_block.cluster->fail_without(next_block);
        }
    } else if (next_block.waiting.empty() && next_block.at_cluster_barrier != next_block.thread_count) {
        next_block.fail_stuck();
    }
}

// Returns when a thread of this worker can go on.
void Worker::wait_for_memory(Launch& launch) {
    launch.activity.fetch_add(1);
    for (unsigned round = 0;; round++) {
        if (launch.is_aborted.load(std::memory_order_relaxed)) {
            throw Abandoned();
        }
        const std::uint64_t seen = launch.activity.load();
        bool has_found = false;
        for (Block* const resident : resident_) {
            has_found |= resident->poll();
        }
        if (has_found) {
            launch.idle_at[index] = 0;
            break;
        }
        launch.idle_at[index] = seen;
        if (launch.is_idle_since(seen)) {
            fail_waiting(launch, "all blocks wait for memory that nobody is left to write");
        }
        if (round > 100) {
            const timespec pause = {0, 20'000};
            nanosleep(&pause, nullptr);
        } else {
            sched_yield();
        }
    }
    watch_yielding(launch);
}

// Loops around yield() pass for work. If no block, no barrier and no other wait gets on for long, they are taken for a deadlock.
void Worker::watch_yielding(Launch& launch) {
    const std::uint64_t progress = launch.progress.load(std::memory_order_relaxed);
    if (progress != progress_seen_ || watched_ != &launch) {
        watched_ = &launch;
        progress_seen_ = progress;
        yields_ = 0;
        return;
    }
    yields_++;
    if (yields_ % 64 != 0) {
        return;
    }
    sched_yield();
    const std::uint64_t now = nanoseconds_now();
    if (yields_ == 64) {
        progress_seen_at_ = now;
    } else if (now - progress_seen_at_ > patience_nanoseconds.load(std::memory_order_relaxed)) {
        fail_waiting(launch, "no block gets on");
    }
}

void Worker::fail_waiting(Launch& launch, const char* reason) {
    for (const Block* const resident : resident_) {
        for (const Lane& lane : resident->lanes) {
            if (lane.is_polled) {
                launch.fail({CUDA_ERROR_LAUNCH_TIMEOUT, resident->describe(lane) + " " + where(lane) + ": " + reason});
                throw Abandoned();
            }
        }
    }
    throw Abandoned();
}

} // namespace emulation
