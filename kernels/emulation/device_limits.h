#pragma once

// What the emulated device says it is: the limits of compute capability 8.0 (CUDA C++ Programming Guide, table of technical specifications).

namespace emulation {

constexpr unsigned max_threads_per_block = 1024;
constexpr unsigned max_threads_per_multiprocessor = 2048;
constexpr unsigned max_blocks_per_multiprocessor = 32;
constexpr unsigned max_block_z = 64;
constexpr unsigned max_grid_x = 2147483647;
constexpr unsigned max_grid_yz = 65535;
constexpr unsigned default_shared_bytes = 48 * 1024;
constexpr unsigned opt_in_shared_bytes = 163 * 1024;
constexpr unsigned shared_bytes_per_multiprocessor = 164 * 1024;
constexpr unsigned reserved_shared_bytes = 1024;

} // namespace emulation
