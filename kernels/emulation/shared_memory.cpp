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

// The first thread of a block that comes to a declaration.
void* prepare_site(Block& block, SharedSite& site) {
    static std::atomic<int> count = 0;
    int index = site.index.load(std::memory_order_relaxed);
    if (index < 0) {
        const int fresh = count.fetch_add(1, std::memory_order_relaxed);
        index = site.index.compare_exchange_strong(index, fresh, std::memory_order_relaxed) ? fresh : index;
    }
    if (block.shared.size() <= static_cast<std::size_t>(index)) {
        block.shared.resize(static_cast<std::size_t>(index) + 1);
    }
    SharedArray& array = block.shared[static_cast<std::size_t>(index)];
    array.name = site.name;
    prepare(array, site.bytes, block.number);
    block.active_shared.push_back(index);
    block.static_shared_bytes += static_cast<unsigned>(round_up(site.bytes, 16));

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
    return array.address;
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
    const int index = site.index.load(std::memory_order_relaxed);
    if (index >= 0 && static_cast<std::size_t>(index) < block.shared.size()) {
        const SharedArray& array = block.shared[static_cast<std::size_t>(index)];
        if (array.block_number == block.number) {
            return array.address;
        }
    }
    return prepare_site(block, site);
}

void* dynamic_shared_memory() {
    // Where the launch gave none, this is the address of a guard page.
    return current_worker->block->dynamic.address;
}

bool is_shared_memory(const void* address, std::size_t bytes) {
    const Block& block = *current_worker->block;
    const char* const first = static_cast<const char*>(address);
    const auto holds = [=](const SharedArray& array) { return first >= array.address && first + bytes <= array.address + array.bytes; };
    if (holds(block.dynamic)) {
        return true;
    }
    return std::any_of(block.active_shared.begin(), block.active_shared.end(),
        [&](int index) { return holds(block.shared[static_cast<std::size_t>(index)]); });
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
    }
    if (next == lane.copies.size()) {
        lane.copies.clear();
        next = 0;
    }
    lane.copies_done = next;
}

} // namespace emulation
