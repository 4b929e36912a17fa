#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

// Device memory is memory of this process, in a part of its address space that is reserved for it; an allocation ends, up to 15 bytes, at a guard page.

namespace emulation {

// Host memory is mapped where the device may use it too, not only copy from and to it.
enum class MemoryKind : std::uint8_t { Device, Host, MappedHost };

struct MemoryUse {
    std::size_t allocations = 0;
    std::size_t bytes = 0;
};

// 0: no memory left.
std::uintptr_t allocate_memory(MemoryKind kind, std::size_t bytes);
// Whether address was an allocation of this kind.
bool free_memory(MemoryKind kind, std::uintptr_t address);
void free_all_memory();
MemoryUse memory_use(MemoryKind kind);
std::size_t device_memory_size();

// Whether the bytes lie in one allocation.
bool is_allocated(std::uintptr_t address, std::size_t bytes);
// Whether the address lies in an allocation, or just behind it, that kernels may use.
bool is_for_kernels(std::uintptr_t address);
// Whether the address lies in host memory that does not move.
bool is_page_locked(std::uintptr_t address);
// Where there is an allocation with its bounds written over, what to say of it; otherwise empty.
std::string broken_bounds(std::uintptr_t address);
std::string describe_device_address(std::uintptr_t address);

} // namespace emulation
