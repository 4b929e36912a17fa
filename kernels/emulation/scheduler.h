#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "fibre.h"
#include "runtime.h"

// How the blocks of a launch run: which threads wait for what, and who runs next.
//
// A worker (an operating system thread) runs one cluster at a time, or its share of all clusters in a cooperative launch. Most clusters are of one block. A block's threads start one after
// the other on the same stack; a stack is left to a thread only when that thread has to wait. So a kernel without barriers never switches.

namespace emulation {

struct Worker;
struct Block;

enum class LaneState : std::uint8_t { Ready, AtBlockBarrier, AtClusterBarrier, AtWarpCollective, Waiting, Yielding, Finished };

struct PendingCopy {
    void* destination;
    const void* source;
    bool is_wanted;
    unsigned group;
};

// The accumulators of products that a thread has issued and not waited for (warpgroup.cpp).
struct PendingProduct {
    float* sums = nullptr;
    std::vector<float> results;
    unsigned group = 0;
};

// The matrices of one of them: they must not change.
struct PendingMatrix {
    const unsigned* registers = nullptr;
    unsigned values[4] = {};
    std::uint64_t descriptor = 0;
    unsigned columns = 0;
    std::uint64_t hash = 0;
    unsigned group = 0;
};

// What all threads of a warpgroup must issue alike.
struct IssuedProduct {
    std::uint64_t descriptor;
    unsigned columns;
};

// Who has copied 16 bytes of dynamic shared memory, and how many fences between the proxies that thread had passed.
struct ProxyWrite {
    std::uint64_t block_number;
    unsigned thread;
    unsigned fences;
};

struct Warp;

// One CUDA thread.
struct Lane {
    Warp* warp = nullptr;
    unsigned in_warp = 0; // 0 to 31
    void* saved = nullptr; // Where to go on; null: not started.
    Stack* stack = nullptr;
    uint3 index = {};
    LaneState state = LaneState::Ready;
    Collective collective = {};
    unsigned mask = 0;
    Place place;

    Condition condition = {};
    const unsigned* address = nullptr;
    unsigned value = 0;
    bool is_polled = false;

    std::vector<PendingCopy> copies; // In the order of their groups; those before done are done.
    std::size_t copies_done = 0;
    unsigned open_group = 0;

    std::vector<PendingProduct> products;
    std::vector<PendingMatrix> matrices;
    unsigned open_product_group = 0;
    std::size_t products_issued = 0;
    unsigned proxy_fences = 0;
    bool is_register_fenced = false;

    void forget_products();
};

// What the lanes that one mask names are doing together.
struct Exchange {
    unsigned mask = 0;
    unsigned arrived = 0;
    unsigned generation = 0;
    Collective kind = {};
    Place place;
    // A lane may go on to its next exchange before the others have read this one, and not further: two sets are enough.
    std::uint64_t values[2][lanes_per_warp];
};

// What lanes bring to, and take from, the instructions of a whole warp.
struct alignas(64) WarpOperands {
    const void* rows[lanes_per_warp];
    std::uint32_t loaded[4][lanes_per_warp];
    float reduced[lanes_per_warp];
    float* sums[lanes_per_warp];
    const unsigned* a[lanes_per_warp];
    const unsigned* b[lanes_per_warp];
};

struct Warp {
    Lane* first = nullptr;
    unsigned index = 0;
    unsigned existing = 0;
    unsigned ready = 0; // May run, and does not at this moment.
    Exchange all;
    std::vector<Exchange> some; // Of masks that do not name all lanes.
    WarpOperands operands;
};

// An allocation of shared memory that ends, up to 15 bytes, at a guard page.
struct SharedArray {
    char* pages = nullptr;
    std::size_t page_bytes = 0;
    std::size_t mapped_bytes = 0;
    char* address = nullptr;
    std::size_t bytes = 0;
    const char* name = nullptr;
    std::uint64_t block_number = 0; // The block that it was prepared for last.
};

struct Launch;
struct Block;

// Blocks that run beside each other on one worker and reach each other's shared memory.
struct Cluster {
    std::vector<Block*> slots;
    std::vector<Block*> blocks; // The same by rank.
    unsigned arrived = 0; // Threads at the cluster's barrier.
    Place place;

    void start(std::uint64_t number);
    void release_all_but(const Lane& lane);
    // Somebody waits at the barrier, and a block has returned.
    [[noreturn]] void fail_without(const Block& returned);
};

struct Block {
    Worker* worker = nullptr;
    Launch* launch = nullptr;
    Cluster* cluster = nullptr;
    unsigned rank = 0;
    unsigned at_cluster_barrier = 0; // Threads.
    bool has_begun = false;
    uint3 index = {};
    unsigned thread_count = 0;
    unsigned unfinished = 0;
    unsigned ready_warps = 0;
    Warp* current_warp = nullptr;
    bool is_backward = false;
    bool is_done = false;

    unsigned arrived = 0;
    unsigned predicates = 0;
    unsigned barrier_result = 0;
    Collective barrier_kind = {};
    Place barrier_place;

    std::vector<Lane> lanes;
    std::unique_ptr<Warp[]> warps;
    std::vector<Lane*> waiting; // For memory: they are polled.

    std::uint64_t number = 0; // Of all blocks that have run; tells whether a shared array is this block's.
    unsigned static_shared_bytes = 0;
    std::vector<int> active_shared; // Indices into shared of the arrays that this block has reached.
    std::vector<SharedArray> shared;
    SharedArray dynamic;
    std::vector<ProxyWrite> proxy_writes; // Of each 16 bytes of dynamic shared memory.
    std::vector<std::vector<IssuedProduct>> issued; // By warpgroup.

    ~Block();
    void prepare_for(Launch& new_launch, Worker& new_worker);
    void start(std::uint64_t linear_index);
    Lane* take_next();
    void make_ready(Lane& lane);
    void release_all();
    void release_all_but(const Lane& lane);
    // Lets waiting threads whose condition holds now run. Returns whether there was one.
    bool poll();
    // Why nobody can run although not all have finished.
    [[noreturn]] void fail_stuck();
    std::string describe(const Lane& lane) const;
};

struct Failure {
    int result = 0;
    std::string message;
};

// One launch of a kernel; common to all workers.
struct Launch {
    const KernelDescription* kernel = nullptr;
    const void* const* arguments = nullptr;
    dim3 grid = {};
    dim3 block = {};
    unsigned dynamic_shared_bytes = 0;
    unsigned shared_limit = 0; // Static and dynamic together.
    bool is_cooperative = false;
    unsigned cluster_blocks = 1; // Along x.

    std::uint64_t cluster_count = 0;
    unsigned worker_count = 0;
    std::atomic<std::uint64_t> next_cluster = 0;
    std::atomic<bool> is_aborted = false;
    std::atomic<unsigned> static_shared_bytes = 0;

    // Deadlock among blocks: activity counts every time that a fibre was let run after waiting for memory. A worker whose threads all wait, and which has
    // found all their conditions false, notes the activity it saw before it checked. All workers with the same note as the present count: nobody ever will go on.
    std::atomic<std::uint64_t> activity = 1;
    std::unique_ptr<std::atomic<std::uint64_t>[]> idle_at;
    bool is_idle_since(std::uint64_t seen) const;
    // For loops around yield(), of which nothing is known: things that only progress does.
    std::atomic<std::uint64_t> progress = 0;

    void fail(Failure failure); // The first one counts.
    Failure failure() const { return failure_; }

private:
    Failure failure_;
};

// An operating system thread that runs kernels.
struct Worker {
    unsigned index = 0;
    void* scheduler = nullptr; // Where emulation_switch goes when no thread of the block can run.
    Block* block = nullptr;
    Lane* lane = nullptr;
    bool has_failed = false;
    StackPool stacks;
    std::uint64_t blocks_started = 0;
    std::atomic<std::uint64_t> entries = 0; // How often the scheduler has let a block run.

    // Written by the signal handler.
    volatile bool runs_kernel = false;
    volatile int signal = 0;
    volatile int signal_code = 0;
    volatile std::uintptr_t signal_address = 0;
    volatile bool signal_is_write = false;

    Worker();
    void run(Launch& launch);

private:
    Block& take_slot(Launch& launch);
    Cluster& take_cluster(Launch& launch);
    void run_clusters_in_turn(Launch& launch);
    void run_clusters_together(Launch& launch);
    void run_resident(Launch& launch);
    void run_until_all_wait(Block& block);
    void wait_for_memory(Launch& launch);
    void watch_yielding(Launch& launch);
    [[noreturn]] void fail_waiting(Launch& launch, const char* reason);

    std::vector<std::unique_ptr<Block>> slots_;
    std::vector<std::unique_ptr<Cluster>> clusters_;
    std::vector<Block*> resident_;

    const Launch* watched_ = nullptr;
    std::uint64_t progress_seen_ = 0;
    std::uint64_t progress_seen_at_ = 0;
    std::uint64_t yields_ = 0;
};

// How long a launch may go without any block, barrier of blocks or wait getting on, while threads wait in loops of their own. Threads that loop without
// spin_pause are given twice that.
constexpr std::uint64_t default_patience_nanoseconds = 20'000'000'000;
extern std::atomic<std::uint64_t> patience_nanoseconds;

// Thrown by a worker's scheduler, never in a fibre: the launch has failed.
struct Abandoned {};

extern __thread Worker* current_worker __attribute__((tls_model("initial-exec"), visibility("hidden")));

// The running fibre waits: another of its block runs, or the worker's scheduler.
void suspend();

// A thread that returns has waited for all its products, and issued as many as the others of its warpgroup so far (warpgroup.cpp).
void check_no_products(const Block& block, const Lane& lane);

// Where a fibre starts.
void run_threads();

} // namespace emulation
