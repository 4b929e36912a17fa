#include "launch.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "driver_types.h"
#include "faults.h"

namespace emulation {

namespace {

// Threads of this library run all kernels, never the caller's: its stack and its signals stay its own.
class WorkerPool {
public:
    static WorkerPool& instance() {
        static WorkerPool* const pool = new WorkerPool; // Its threads live as long as the process.
        return *pool;
    }

    unsigned size() const { return static_cast<unsigned>(workers_.size()); }

    void run(Launch& launch) {
        const SignalHandlers handlers;
        std::unique_lock lock(mutex_);
        launch_ = &launch;
        turn_++;
        running_ = launch.worker_count;
        if (running_ == 1) {
            first_wakes_.notify_one();
        } else {
            first_wakes_.notify_one();
            wake_.notify_all();
        }
        std::vector<std::uint64_t> entries = entries_of(launch);
        const std::chrono::nanoseconds patience(2 * patience_nanoseconds.load());
        while (!done_.wait_for(lock, patience, [&] { return running_ == 0; })) {
            const std::vector<std::uint64_t> now = entries_of(launch);
            interrupt(launch, entries, now);
            entries = now;
        }
        launch_ = nullptr;
    }

private:
    WorkerPool() {
        const char* const wanted = std::getenv("CUDATTS_EMULATED_THREADS");
        const int count = wanted != nullptr ? std::atoi(wanted) : 0;
        const unsigned threads = count > 0 ? static_cast<unsigned>(count) : std::max(1u, std::thread::hardware_concurrency());
        for (unsigned i = 0; i < threads; i++) {
            workers_.push_back(std::make_unique<Worker>());
            workers_.back()->index = i;
        }
        for (unsigned i = 0; i < threads; i++) {
            std::thread thread([this, i] { work(*workers_[i]); });
            handles_.push_back(thread.native_handle());
            thread.detach();
        }
    }

    std::vector<std::uint64_t> entries_of(const Launch& launch) const {
        std::vector<std::uint64_t> entries;
        for (unsigned i = 0; i < launch.worker_count; i++) {
            entries.push_back(workers_[i]->entries.load(std::memory_order_relaxed));
        }
        return entries;
    }

    // Only workers that have been in one and the same block all the time: those are in a kernel's own loop, never half-way through a switch.
    void interrupt(const Launch& launch, const std::vector<std::uint64_t>& before, const std::vector<std::uint64_t>& now) {
        for (unsigned i = 0; i < launch.worker_count; i++) {
            if (before[i] == now[i] && workers_[i]->runs_kernel) {
                pthread_kill(handles_[i], SIGRTMIN + interrupt_signal_offset);
            }
        }
    }

    void work(Worker& worker) {
        prepare_worker_for_signals();
        std::uint64_t seen = 0;
        std::unique_lock lock(mutex_);
        std::condition_variable& wake = worker.index == 0 ? first_wakes_ : wake_;
        for (;;) {
            wake.wait(lock, [&] { return turn_ != seen; });
            seen = turn_;
            if (launch_ == nullptr || worker.index >= launch_->worker_count) {
                continue;
            }
            Launch& launch = *launch_;
            lock.unlock();
            worker.run(launch);
            lock.lock();
            if (--running_ == 0) {
                done_.notify_all();
            }
        }
    }

    std::mutex mutex_;
    std::condition_variable first_wakes_; // Of worker 0, which alone runs small launches.
    std::condition_variable wake_;
    std::condition_variable done_;
    Launch* launch_ = nullptr;
    std::uint64_t turn_ = 0;
    unsigned running_ = 0;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<pthread_t> handles_;
};

} // namespace

unsigned worker_count() { return WorkerPool::instance().size(); }

Failure run_launch(Launch& launch) {
    WorkerPool& pool = WorkerPool::instance();
    launch.cluster_count = static_cast<std::uint64_t>(launch.grid.x) * launch.grid.y * launch.grid.z / launch.cluster_blocks;
    launch.worker_count = static_cast<unsigned>(std::min<std::uint64_t>(pool.size(), launch.cluster_count));
    launch.idle_at = std::make_unique<std::atomic<std::uint64_t>[]>(launch.worker_count);
    pool.run(launch);
    return launch.failure();
}

} // namespace emulation
