#include "shared_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "device_limits.h"
#include "driver_types.h"

// Every array has pages of its own and ends at a guard page, because on hardware the next array follows and nothing is noticed. What is left of the
// pages before and behind it holds a pattern, which as a float is not a number.

namespace emulation {

namespace {

constexpr unsigned char poison = 0xFF;
constexpr unsigned char canary = 0xFD;
constexpr std::size_t front_bytes = 64;
constexpr std::size_t copy_bytes = 16; // Of one asynchronous copy.

std::size_t round_up(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

void map(SharedArray& array, std::size_t bytes) {
    static const std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    release(array);
    const std::size_t page_bytes = round_up(std::max<std::size_t>(bytes, 1) + front_bytes, page);
    void* const memory = mmap(nullptr, page_bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        throw std::bad_alloc();
    }
    mprotect(static_cast<char*>(memory) + page_bytes, page, PROT_NONE);
    array.pages = static_cast<char*>(memory);
    array.page_bytes = page_bytes;
    array.mapped_bytes = page_bytes + page;
}

void prepare(SharedArray& array, std::size_t bytes, std::uint64_t block_number) {
    const std::size_t rounded = round_up(bytes, 16);
    if (array.page_bytes < rounded + front_bytes) {
        map(array, rounded);
    }
    array.address = array.pages + array.page_bytes - rounded;
    array.bytes = bytes;
    array.block_number = block_number;
    std::memset(array.address - front_bytes, canary, front_bytes);
    std::memset(array.address, poison, bytes);
    std::memset(array.address + bytes, canary, rounded - bytes);
}

bool is_broken(const SharedArray& array) {
    const auto is_canary = [](char value) { return static_cast<unsigned char>(value) == canary; };
    return !std::all_of(array.address - front_bytes, array.address, is_canary) ||
           !std::all_of(array.address + array.bytes, array.pages + array.page_bytes, is_canary);
}

// An array of a declaration for a block that has none yet.
SharedArray& prepare_static(Block& block, int index, const char* name, std::size_t bytes) {
    if (block.shared.size() <= static_cast<std::size_t>(index)) {
        block.shared.resize(static_cast<std::size_t>(index) + 1);
    }
    SharedArray& array = block.shared[static_cast<std::size_t>(index)];
    array.name = name;
    prepare(array, bytes, block.number);
    block.active_shared.push_back(index);
    block.static_shared_bytes += static_cast<unsigned>(round_up(bytes, 16));

    Launch& launch = *block.launch;
    unsigned known = launch.static_shared_bytes.load(std::memory_order_relaxed);
    while (known < block.static_shared_bytes && !launch.static_shared_bytes.compare_exchange_weak(known, block.static_shared_bytes)) {
    }
    if (block.static_shared_bytes > default_shared_bytes) {
        fail(CUDA_ERROR_INVALID_VALUE, "declares %u bytes of static shared memory, more than %u", block.static_shared_bytes, default_shared_bytes);
    }
    if (block.static_shared_bytes + launch.dynamic_shared_bytes > launch.shared_limit) {
        fail(CUDA_ERROR_INVALID_VALUE, "needs %u bytes of static and %u of dynamic shared memory, more than %u", block.static_shared_bytes,
            launch.dynamic_shared_bytes, launch.shared_limit);
    }
    return array;
}

// The first thread of a block that comes to a declaration.
void* prepare_site(Block& block, SharedSite& site) {
    static std::atomic<int> count = 0;
    int index = site.index.load(std::memory_order_relaxed);
    if (index < 0) {
        const int fresh = count.fetch_add(1, std::memory_order_relaxed);
        index = site.index.compare_exchange_strong(index, fresh, std::memory_order_relaxed) ? fresh : index;
    }
    return prepare_static(block, index, site.name, site.bytes).address;
}

bool holds(const SharedArray& array, const void* address, std::size_t bytes) {
    const char* const first = static_cast<const char*>(address);
    return first >= array.address && first + bytes <= array.address + array.bytes;
}

// The array of a block with the number of a declaration; null: this block has none yet.
SharedArray* find_static(Block& block, int index) {
    if (index < 0 || static_cast<std::size_t>(index) >= block.shared.size()) {
        return nullptr;
    }
    SharedArray& array = block.shared[static_cast<std::size_t>(index)];
    return array.block_number == block.number ? &array : nullptr;
}

} // namespace

void release(SharedArray& array) {
    if (array.pages != nullptr) {
        munmap(array.pages, array.mapped_bytes);
        array.pages = nullptr;
        array.page_bytes = 0;
    }
}

void prepare_dynamic_shared_memory(Block& block) {
    block.active_shared.clear();
    block.static_shared_bytes = 0;
    block.dynamic.name = "(dynamic)";
    prepare(block.dynamic, block.launch->dynamic_shared_bytes, block.number);
    block.proxy_writes.resize(block.launch->dynamic_shared_bytes / copy_bytes + 1);
}

void check_shared_memory(Block& block) {
    const SharedArray* broken = is_broken(block.dynamic) ? &block.dynamic : nullptr;
    for (const int index : block.active_shared) {
        const SharedArray& array = block.shared[static_cast<std::size_t>(index)];
        broken = is_broken(array) ? &array : broken;
    }
    if (broken != nullptr) {
        block.launch->fail({CUDA_ERROR_ILLEGAL_ADDRESS, block.describe(block.lanes[0]) + " or another of the block: something was written just outside of "
            "shared array " + broken->name + " of " + std::to_string(broken->bytes) + " bytes"});
        throw Abandoned();
    }
}

void* shared_array(SharedSite& site) {
    Block& block = *current_worker->block;
    const SharedArray* const array = find_static(block, site.index.load(std::memory_order_relaxed));
    return array != nullptr ? array->address : prepare_site(block, site);
}

void* dynamic_shared_memory() {
    // Where the launch gave none, this is the address of a guard page.
    return current_worker->block->dynamic.address;
}

bool is_shared_memory(const void* address, std::size_t bytes) {
    return is_shared_memory_of(*current_worker->block, address, bytes);
}

bool is_shared_memory_of(const Block& block, const void* address, std::size_t bytes) {
    return holds(block.dynamic, address, bytes) || std::any_of(block.active_shared.begin(), block.active_shared.end(),
        [&](int index) { return holds(block.shared[static_cast<std::size_t>(index)], address, bytes); });
}

char* same_place(Block& other, const void* address) {
    const Block& mine = *current_worker->block;
    const char* const first = static_cast<const char*>(address);
    if (holds(mine.dynamic, address, 1)) {
        return other.dynamic.address + (first - mine.dynamic.address);
    }
    for (const int index : mine.active_shared) {
        const SharedArray& array = mine.shared[static_cast<std::size_t>(index)];
        if (holds(array, address, 1)) {
            SharedArray* const theirs = find_static(other, index);
            return (theirs != nullptr ? *theirs : prepare_static(other, index, array.name, array.bytes)).address + (first - array.address);
        }
    }
    return nullptr;
}

// For wgmma, which reads through another proxy.
static void note_copy(const Lane& lane, const void* destination) {
    Block& block = *current_worker->block;
    const std::size_t offset = static_cast<std::size_t>(static_cast<const char*>(destination) - block.dynamic.address);
    if (offset < block.dynamic.bytes) {
        block.proxy_writes[offset / copy_bytes] = {block.number, static_cast<unsigned>(&lane - block.lanes.data()), lane.proxy_fences};
    }
}

void copy_async(void* destination, const void* source, bool is_wanted) {
    check_alignment<copy_bytes>(destination);
    if (is_wanted) {
        check_alignment<copy_bytes>(source);
    }
    if (!is_shared_memory(destination, copy_bytes)) {
        fail(CUDA_ERROR_ILLEGAL_ADDRESS, "cp.async to an address outside of the block's shared memory");
    }
    std::memset(destination, poison, copy_bytes);
    Lane& lane = *current_worker->lane;
    lane.copies.push_back({destination, source, is_wanted, lane.open_group});
}

void commit_copies() { current_worker->lane->open_group++; }

void wait_copies(unsigned groups_that_may_be_open) {
    Lane& lane = *current_worker->lane;
    std::size_t next = lane.copies_done;
    for (; next < lane.copies.size() && lane.copies[next].group + groups_that_may_be_open < lane.open_group; next++) {
        const PendingCopy& copy = lane.copies[next];
        if (copy.is_wanted) {
            std::memcpy(copy.destination, copy.source, copy_bytes);
        } else {
            std::memset(copy.destination, 0, copy_bytes);
        }
        note_copy(lane, copy.destination);
    }
    if (next == lane.copies.size()) {
        lane.copies.clear();
        next = 0;
    }
    lane.copies_done = next;
}

} // namespace emulation
