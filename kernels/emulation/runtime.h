#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <utility>

#include "built_in_types.h"

// What kernels call of the emulated device. All of these are called from the fibre of a CUDA thread.

// The built-in variables of the CUDA thread that runs. initial-exec: one instruction to reach them, although this is a shared library.
extern __thread uint3 threadIdx __attribute__((tls_model("initial-exec"), visibility("hidden")));
extern __thread uint3 blockIdx __attribute__((tls_model("initial-exec"), visibility("hidden")));
extern __thread dim3 blockDim __attribute__((tls_model("initial-exec"), visibility("hidden")));
extern __thread dim3 gridDim __attribute__((tls_model("initial-exec"), visibility("hidden")));

namespace emulation {

using Place = std::source_location;

constexpr unsigned lanes_per_warp = 32;

// Ends the launch: result is what cuLaunchKernel returns, the message goes into the report after kernel, block and thread.
[[noreturn]] __attribute__((cold, format(printf, 2, 3))) void fail(int result, const char* format, ...);

enum class Collective : std::uint8_t {
    Barrier, BarrierOr, BarrierAnd, BarrierCount, ClusterBarrier, WarpBarrier, Shuffle, Vote, Match, Reduction, MatrixLoad, MatrixMultiply
};

// Returns when all threads of the block have arrived: how many of them had predicate set.
unsigned block_barrier(Collective kind, bool predicate, Place place);

// Returns when all threads of all blocks of the cluster have arrived.
void cluster_barrier(Place place);

// Collectives of the lanes that mask names. They return when all of these have arrived.
void warp_barrier(unsigned mask, Place place);
std::uint64_t shuffle(unsigned mask, std::uint64_t value, unsigned source_lane, Place place);
unsigned ballot(unsigned mask, bool predicate, Place place);
unsigned match_any(unsigned mask, std::uint64_t value, Place place);

enum class Reduction : std::uint8_t { Sum, Maximum };
// Of all 32 lanes, in the order of the butterfly 16, 8, 4, 2, 1.
float warp_reduce(Reduction reduction, float value, Place place);

void load_matrices(unsigned* registers, unsigned count, bool is_transposed, const void* row, Place place);
// sums [m, n, 4], a [m, 4], b [n, 2]: every lane's registers of m x n products.
constexpr int most_tiles = 16;
void multiply_tiles(float* sums, const unsigned* a, const unsigned* b, int m, int n, Place place);

// Lane of the running thread, and which lanes of its warp run now (only ever this one: a fibre runs alone).
unsigned lane_index();

// Asynchronous copies of 16 bytes happen when they are waited for, and until then the destination is poison: a missing wait shows.
void copy_async(void* destination, const void* source, bool is_wanted);
void commit_copies();
void wait_copies(unsigned groups_that_may_be_open);

// Products of warpgroups (warpgroup.cuh): sums [n / 2] and a [4] are a lane's registers.
std::uint32_t shared_address(const void* shared);
void fence_async_proxy();
void warpgroup_fence(Place place);
void warpgroup_multiply(float* sums, const unsigned* a, std::uint64_t descriptor, int n, Place place);
void warpgroup_commit(Place place);
void warpgroup_wait(unsigned groups_that_may_be_open, Place place);

// Waiting for memory that another block writes. yield() is for loops of one's own; wait_until is watched for deadlock at once.
enum class Condition : std::uint8_t { AtLeast, BitDiffers };
void yield(Place place);
void wait_until(Condition condition, const unsigned* address, unsigned value, unsigned mask, Place place);

// Shared memory: a site is a declaration in the source; a block has an array for each site that one of its threads has reached.
struct SharedSite {
    const char* name;
    std::size_t bytes;
    std::atomic<int> index = -1;
};
void* shared_array(SharedSite& site);
void* dynamic_shared_memory();
bool is_shared_memory(const void* address, std::size_t bytes);

// Thread-block clusters: a launch without them has clusters of one block. What is written is checked when it is written.
struct ClusterAddress {
    char* address;
    unsigned rank; // Of the block whose shared memory it is in.
    ClusterAddress operator+(int bytes) const { return {address + bytes, rank}; }
};
unsigned cluster_rank();
unsigned cluster_blocks();
ClusterAddress map_shared(void* shared, unsigned rank);
void store_cluster(ClusterAddress word, std::uint64_t value);
std::uint64_t load_cluster(const void* shared);

// Kernels: their parameters are numbers and pointers, or one structure.
enum class Parameter : std::uint8_t { Pointer, Integer64, Integer32, Float, Structure };
using AnyFunction = void (*)();

struct KernelDescription {
    const char* name;
    AnyFunction function;
    void (*invoke)(AnyFunction function, const void* const* arguments);
    const Parameter* parameters;
    unsigned parameter_count;
    unsigned structure_bytes; // 0 without a structure.
    const char* file;
};
bool register_kernel(const KernelDescription& description);

// Constants that the host has too, by the names that EXPORT_CONSTANT gives them.
bool register_constant(const char* name, int value);

template <typename T> constexpr Parameter parameter_kind() {
    if constexpr (__is_same(T, float)) {
        return Parameter::Float;
    } else if constexpr (requires(T value) { *value; }) {
        return Parameter::Pointer;
    } else if constexpr (std::is_class_v<T>) {
        static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % 8 == 0 && alignof(T) == 8, "a structure is copied as words of 64 bits");
        return Parameter::Structure;
    } else {
        static_assert(__is_same(T, int) || __is_same(T, unsigned) || __is_same(T, long long) || __is_same(T, unsigned long long),
            "a kernel takes pointers, int, unsigned, long long, unsigned long long and float, or one structure");
        return sizeof(T) == 8 ? Parameter::Integer64 : Parameter::Integer32;
    }
}

template <typename... Arguments> struct Signature {
    static constexpr Parameter parameters[sizeof...(Arguments) + 1] = {parameter_kind<Arguments>()...};
    static constexpr unsigned structure_bytes = ((std::is_class_v<Arguments> ? sizeof(Arguments) : 0) + ... + 0);
    static_assert(structure_bytes == 0 || sizeof...(Arguments) == 1, "a kernel that takes a structure takes nothing else");

    static void invoke(AnyFunction function, const void* const* arguments) {
        invoke_with(function, arguments, std::make_integer_sequence<int, sizeof...(Arguments)>());
    }

    template <int... Index>
    static void invoke_with(AnyFunction function, const void* const* arguments, std::integer_sequence<int, Index...>) {
        reinterpret_cast<void (*)(Arguments...)>(function)(*static_cast<const Arguments*>(arguments[Index])...);
    }
};

template <typename... Arguments> bool register_kernel(const char* name, void (*function)(Arguments...), const char* file) {
    using Types = Signature<Arguments...>;
    return register_kernel({name, reinterpret_cast<AnyFunction>(function), &Types::invoke, Types::parameters, sizeof...(Arguments),
        Types::structure_bytes, file});
}

} // namespace emulation
