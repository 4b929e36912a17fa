#include "driver_types.h"
#include "scheduler.h"
#include "shared_memory.h"

// Thread-block clusters: blocks of one cluster run on one worker, so that nothing here needs a lock.

namespace emulation {

namespace {

constexpr std::size_t word_bytes = 8;

// On hardware the shared memory of a block that has not begun, or has returned, may be another's by then.
void check_is_there(const Block& target, const Cluster& cluster) {
    if (!target.has_begun || target.unfinished == 0) {
        fail(CUDA_ERROR_LAUNCH_FAILED, "writes into the shared memory of block %u of its cluster of %zu, which has %s; a cluster_barrier lies between", target.rank,
            cluster.blocks.size(), target.has_begun ? "returned" : "not begun");
    }
}

} // namespace

unsigned cluster_rank() { return current_worker->block->rank; }

unsigned cluster_blocks() { return static_cast<unsigned>(current_worker->block->cluster->blocks.size()); }

ClusterAddress map_shared(void* shared, unsigned rank) {
    const Cluster& cluster = *current_worker->block->cluster;
    if (rank >= cluster.blocks.size()) {
        fail(CUDA_ERROR_LAUNCH_FAILED, "maps shared memory of block %u of its cluster, which has %zu blocks", rank, cluster.blocks.size());
    }
    char* const place = same_place(*cluster.blocks[rank], shared);
    if (place == nullptr) {
        fail(CUDA_ERROR_ILLEGAL_ADDRESS, "maps an address outside of the block's shared memory");
    }
    return {place, rank};
}

void store_cluster(ClusterAddress word, std::uint64_t value) {
    const Cluster& cluster = *current_worker->block->cluster;
    const Block& target = *cluster.blocks[word.rank];
    check_is_there(target, cluster);
    check_alignment<word_bytes>(word.address);
    if (!is_shared_memory_of(target, word.address, word_bytes)) {
        fail(CUDA_ERROR_ILLEGAL_ADDRESS, "writes outside of the shared arrays of block %u of its cluster", word.rank);
    }
    __atomic_store_n(reinterpret_cast<std::uint64_t*>(word.address), value, __ATOMIC_RELAXED);
}

std::uint64_t load_cluster(const void* shared) {
    check_alignment<word_bytes>(shared);
    if (!is_shared_memory(shared, word_bytes)) {
        fail(CUDA_ERROR_ILLEGAL_ADDRESS, "reads a word of the cluster from an address outside of the block's shared memory");
    }
    return __atomic_load_n(static_cast<const std::uint64_t*>(shared), __ATOMIC_RELAXED);
}

} // namespace emulation
