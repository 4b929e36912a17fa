#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "driver_types.h"
#include "runtime.h"

// The state behind the driver API. All of it is guarded by one lock, which an entry point holds while it runs.

namespace emulation {

struct Function {
    const KernelDescription* kernel = nullptr;
    unsigned dynamic_shared_limit = 0; // 0: not set, the default limit of 48 KB holds.
    unsigned static_shared_bytes = 0;  // As far as a launch has shown it.
};

struct Module {
    std::map<std::string, Function*> functions;
};

struct KernelCall {
    Function* function = nullptr;
    dim3 grid = {};
    dim3 block = {};
    unsigned shared_bytes = 0;
    bool is_cooperative = false;
    unsigned cluster_blocks = 1; // Along x.
    std::vector<std::uint64_t> arguments; // One word each, or the words of a structure.
};

enum class NodeKind : std::uint8_t { Kernel, Copy, Fill };

// What a stream does, and what a graph repeats.
struct Node {
    NodeKind kind = NodeKind::Kernel;
    KernelCall call;
    std::uintptr_t destination = 0;
    std::uintptr_t source = 0;
    std::size_t bytes = 0;
    unsigned element_bytes = 0;
    unsigned value = 0;
};

struct Stream;

struct Capture {
    Stream* origin = nullptr;
    CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
    std::uint64_t owner = 0; // The thread that began it.
    bool is_open = true;
    bool is_invalid = false;
    std::vector<Node> nodes;
    std::set<Stream*> joined; // Other streams that take part and have nothing that the first one does not wait for.
    std::map<Stream*, std::size_t> unjoined; // Those that have, and how many nodes there were after their last.
};

struct Stream {
    std::shared_ptr<Capture> capture;
    std::deque<Node> late; // Copies from page-locked memory that have not been made yet.
    std::uint64_t made = 0; // How many have been.
};

struct Event {
    bool has_timing = true;
    bool is_recorded = false;
    double milliseconds = 0;
    std::shared_ptr<Capture> capture; // Recorded in this one.
    Stream* stream = nullptr;
    std::size_t position = 0;
    std::uint64_t copies = 0; // Late copies of the stream that came before it, from the first one on.
};

struct Graph {
    std::vector<Node> nodes;
};

template <typename T> class Handles {
public:
    T* add(std::unique_ptr<T> object) {
        T* const handle = object.get();
        objects_[handle] = std::move(object);
        return handle;
    }
    T* find(const void* handle) const {
        const auto found = objects_.find(static_cast<const T*>(handle));
        return found == objects_.end() ? nullptr : found->second.get();
    }
    bool remove(const void* handle) { return objects_.erase(static_cast<const T*>(handle)) != 0; }
    std::size_t count() const { return objects_.size(); }
    void clear() { objects_.clear(); }
    template <typename Action> void for_each(Action action) const {
        for (const auto& [handle, object] : objects_) {
            action(*object);
        }
    }

private:
    std::map<const T*, std::unique_ptr<T>> objects_;
};

struct Driver {
    std::recursive_mutex lock;
    bool is_initialized = false;
    int context_users = 0;
    CUresult broken = CUDA_SUCCESS; // The error that broke the context.
    std::string report;
    Stream default_stream;
    Handles<Stream> streams;
    Handles<Event> events;
    Handles<Module> modules;
    Handles<Function> functions;
    Handles<Graph> graphs;
    Handles<Graph> executables;
    std::vector<std::weak_ptr<Capture>> captures;
    std::map<std::string, std::uint64_t> calls; // How often each entry point was called.
    unsigned resident_multiprocessors = 0; // What is left of them for cooperative launches, as under MPS; 0: all.
    std::string trapping; // A kernel that traps when it is started.
};

Driver& driver();

// Every entry point of the API begins with one: it holds the lock, counts the call and says whether the context is usable.
class Call {
public:
    enum class Needs { Nothing, Initialization, Context };
    explicit Call(Needs needs = Needs::Context, const char* function = __builtin_FUNCTION());
    bool is_refused() const { return result_ != CUDA_SUCCESS; }
    CUresult result() const { return result_; }

private:
    std::lock_guard<std::recursive_mutex> guard_;
    CUresult result_ = CUDA_SUCCESS;
};

// Notes why and gives the result back.
__attribute__((format(printf, 2, 3))) CUresult refuse(CUresult result, const char* format, ...);

// Null where the handle is none. 0, 1 and 2 are the default stream.
Stream* find_stream(CUstream handle);
Function* find_function(CUfunction handle);
// Those that the device of this compute capability has.
std::vector<const KernelDescription*> kernels();
unsigned max_blocks_per_multiprocessor_of(const Function& function, unsigned threads, std::size_t dynamic_shared_bytes);
// Clusters that the device holds at a time: of that many blocks, all in one GPC.
unsigned max_clusters_of(const Function& function, unsigned threads, std::size_t dynamic_shared_bytes, unsigned cluster_blocks);

// Executes, or records where the stream is being captured.
CUresult enqueue(Stream& stream, Node node);
CUresult execute(const Node& node);
// Makes the late copies of all streams, as functions do that wait for the device.
void make_late_copies();
CUresult launch(const KernelCall& call);
// Refuses what must not happen while a stream is being captured.
CUresult refuse_in_capture(const char* function);

} // namespace emulation
