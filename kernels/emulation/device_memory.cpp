#include "device_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>

namespace emulation {

namespace {

constexpr unsigned char poison = 0xFF; // Not a number, as float and as half.
constexpr unsigned char canary = 0xFD;
// Freed allocations whose addresses are kept out of use, so that using one is noticed.
constexpr std::size_t kept_freed = 256;
// How far from its allocation an element's number of 32 bits can lead, with elements of four bytes.
constexpr std::size_t reach = std::size_t{8} << 30;

struct Allocation {
    MemoryKind kind;
    std::size_t bytes;
    char* mapping;
    std::size_t mapped_bytes;
    bool is_freed;
};

struct Memory {
    std::map<std::uintptr_t, Allocation> allocations;
    std::deque<std::uintptr_t> freed;
    MemoryUse use[3];
    // Where allocations lie. Together with what is in reach of them it is reserved, so that an access astray meets nothing else of this process.
    char* first;
    char* end;
};

char* reserve(std::size_t bytes) {
    void* const reserved = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return reserved == MAP_FAILED ? nullptr : static_cast<char*>(reserved);
}

Memory& memory() {
    static Memory* const all = [] {
        // Host memory, guard pages and what was freed need addresses too.
        const std::size_t bytes = 2 * device_memory_size() + (std::size_t{32} << 30);
        char* const reserved = reserve(bytes + 2 * reach);
        Memory* const empty = new Memory{};
        empty->first = reserved == nullptr ? nullptr : reserved + reach;
        empty->end = reserved == nullptr ? nullptr : reserved + reach + bytes;
        return empty;
    }();
    return *all;
}

std::size_t page_size() {
    static const std::size_t bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return bytes;
}

std::size_t round_up(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

// The allocation that begins at or before address.
std::map<std::uintptr_t, Allocation>::iterator at_or_before(std::uintptr_t address) {
    auto& all = memory().allocations;
    const auto after = all.upper_bound(address);
    return after == all.begin() ? all.end() : std::prev(after);
}

bool is_pattern(const char* first, const char* last) {
    return std::all_of(first, last, [](char value) { return static_cast<unsigned char>(value) == canary; });
}

void forget(std::uintptr_t address) {
    const auto found = memory().allocations.find(address);
    mmap(found->second.mapping, found->second.mapped_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    memory().allocations.erase(found);
}

void forget_oldest_freed() {
    forget(memory().freed.front());
    memory().freed.pop_front();
}

// The lowest place of that many bytes; null where there is none.
char* place(std::size_t bytes) {
    char* first = memory().first;
    for (const auto& [address, allocation] : memory().allocations) {
        if (static_cast<std::size_t>(allocation.mapping - first) >= bytes) {
            return first;
        }
        first = allocation.mapping + allocation.mapped_bytes;
    }
    return static_cast<std::size_t>(memory().end - first) >= bytes && first != nullptr ? first : nullptr;
}

std::string bounds_of(std::uintptr_t address, const Allocation& allocation) {
    const char* const first = reinterpret_cast<const char*>(address);
    const char* const end = allocation.mapping + allocation.mapped_bytes - page_size();
    const char* const before = is_pattern(allocation.mapping + page_size(), first) ? nullptr : "before";
    const char* const where = is_pattern(first + allocation.bytes, end) ? before : "behind";
    if (where == nullptr) {
        return {};
    }
    char text[160];
    std::snprintf(text, sizeof text, "something was written just %s the allocation of %zu bytes at 0x%zx", where, allocation.bytes, static_cast<std::size_t>(address));
    return text;
}

} // namespace

std::size_t device_memory_size() {
    const char* const bytes = std::getenv("CUDATTS_EMULATED_MEMORY_BYTES");
    const unsigned long long value = bytes != nullptr ? std::strtoull(bytes, nullptr, 10) : 0;
    return value > 0 ? static_cast<std::size_t>(value) : std::size_t{8} << 30;
}

std::uintptr_t allocate_memory(MemoryKind kind, std::size_t bytes) {
    MemoryUse& use = memory().use[static_cast<int>(kind)];
    if (kind == MemoryKind::Device && (bytes > device_memory_size() || use.bytes + bytes > device_memory_size())) {
        return 0;
    }
    const std::size_t page = page_size();
    const std::size_t rounded = round_up(bytes, 16);
    const std::size_t usable = round_up(rounded, page);
    char* lowest = place(usable + 2 * page);
    while (lowest == nullptr && !memory().freed.empty()) {
        forget_oldest_freed();
        lowest = place(usable + 2 * page);
    }
    if (lowest == nullptr || mprotect(lowest + page, usable, PROT_READ | PROT_WRITE) != 0) {
        return 0;
    }
    char* const address = lowest + page + usable - rounded;
    std::memset(lowest + page, canary, static_cast<std::size_t>(address - lowest) - page);
    std::memset(address, poison, bytes);
    std::memset(address + bytes, canary, rounded - bytes);
    const std::uintptr_t result = reinterpret_cast<std::uintptr_t>(address);
    memory().allocations[result] = {kind, bytes, lowest, usable + 2 * page, false};
    use.allocations++;
    use.bytes += bytes;
    return result;
}

bool free_memory(MemoryKind kind, std::uintptr_t address) {
    Memory& all = memory();
    const auto found = all.allocations.find(address);
    if (found == all.allocations.end() || found->second.kind != kind || found->second.is_freed) {
        return false;
    }
    Allocation& allocation = found->second;
    allocation.is_freed = true;
    all.use[static_cast<int>(kind)].allocations--;
    all.use[static_cast<int>(kind)].bytes -= allocation.bytes;
    madvise(allocation.mapping, allocation.mapped_bytes, MADV_DONTNEED);
    mprotect(allocation.mapping, allocation.mapped_bytes, PROT_NONE);
    all.freed.push_back(address);
    if (all.freed.size() > kept_freed) {
        forget_oldest_freed();
    }
    return true;
}

void free_all_memory() {
    Memory& all = memory();
    while (!all.allocations.empty()) {
        forget(all.allocations.begin()->first);
    }
    all.freed.clear();
    all.use[0] = all.use[1] = all.use[2] = {};
}

MemoryUse memory_use(MemoryKind kind) { return memory().use[static_cast<int>(kind)]; }

bool is_allocated(std::uintptr_t address, std::size_t bytes) {
    const auto found = at_or_before(address);
    if (found == memory().allocations.end() || found->second.is_freed) {
        return false;
    }
    const std::size_t offset = address - found->first;
    return offset <= found->second.bytes && bytes <= found->second.bytes - offset;
}

bool is_for_kernels(std::uintptr_t address) {
    return is_allocated(address, 0) && at_or_before(address)->second.kind != MemoryKind::Host;
}

bool is_page_locked(std::uintptr_t address) {
    return is_allocated(address, 0) && at_or_before(address)->second.kind != MemoryKind::Device;
}

std::string broken_bounds(std::uintptr_t address) {
    const auto found = at_or_before(address);
    if (found == memory().allocations.end() || found->second.is_freed || address > found->first + found->second.bytes) {
        return {};
    }
    return bounds_of(found->first, found->second);
}

std::string describe_device_address(std::uintptr_t address) {
    char text[200];
    const auto& all = memory().allocations;
    const auto before = at_or_before(address);
    const auto after = all.upper_bound(address);
    if (before != all.end() && address < reinterpret_cast<std::uintptr_t>(before->second.mapping) + before->second.mapped_bytes) {
        std::snprintf(text, sizeof text, "byte %zu of %s %zu bytes at 0x%zx", static_cast<std::size_t>(address - before->first),
            before->second.is_freed                    ? "a freed allocation of"
            : before->second.kind == MemoryKind::Host ? "a host allocation that is not mapped, of"
                                                      : "an allocation of",
            before->second.bytes, static_cast<std::size_t>(before->first));
    } else if (after != all.end() && address >= reinterpret_cast<std::uintptr_t>(after->second.mapping)) {
        std::snprintf(text, sizeof text, "%zu bytes before an allocation of %zu bytes at 0x%zx", static_cast<std::size_t>(after->first - address),
            after->second.bytes, static_cast<std::size_t>(after->first));
    } else {
        std::snprintf(text, sizeof text, "address 0x%zx, where there is no allocation", static_cast<std::size_t>(address));
    }
    return text;
}

} // namespace emulation
