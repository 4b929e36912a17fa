#pragma once

#include <vector>

// What the emulated device says it is: the limits of compute capabilities 8.0 and 9.0 (CUDA C++ Programming Guide, table of technical specifications).

namespace emulation {

constexpr unsigned max_threads_per_block = 1024;
constexpr unsigned max_threads_per_multiprocessor = 2048;
constexpr unsigned max_blocks_per_multiprocessor = 32;
constexpr unsigned max_block_z = 64;
constexpr unsigned max_grid_x = 2147483647;
constexpr unsigned max_grid_yz = 65535;
constexpr unsigned default_shared_bytes = 48 * 1024;
constexpr unsigned reserved_shared_bytes = 1024;
constexpr unsigned max_cluster_blocks = 8; // More (16) are not portable and need an attribute of the function.

struct Capability {
    int major;
    int minor;
};
// By CUDATTS_EMULATED_CAPABILITY, "8.0" or "9.0", which is the default; major 0: it is set to something else.
Capability capability();
bool has_clusters();
unsigned shared_bytes_per_multiprocessor();
unsigned opt_in_shared_bytes();

// The multiprocessors of each GPC: a cluster lies within one. By CUDATTS_EMULATED_GPCS, as "16,16,18"; otherwise CUDATTS_EMULATED_MULTIPROCESSORS, or 132, in pairs
// (TPCs) over as few GPCs of at most 18 as hold them, as an H100 has them: 132 are six GPCs of 16 and two of 18. Which of a board's GPCs lack a TPC differs from
// board to board.
std::vector<unsigned> multiprocessors_of_gpcs();
unsigned multiprocessor_count();

} // namespace emulation
