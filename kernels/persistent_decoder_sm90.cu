#include "persistent_kernels.cuh"

// The persistent decoder of one row (persistent_decoder.cu) in clusters of eight blocks, whose multiprocessors read and write each other's shared
// memory. Every cluster has the whole second prenet layer, the whole query and all energies for itself: three of a step's six broadcasts stay within a
// cluster and take a fraction of a trip through L2; attention LSTM, decoder LSTM and frames still go to all blocks. Same numbers, bit for bit. Of two rows a
// cluster would have twice as many energies to make, which on paper costs more than it saves (persistent-decoder.md).

// Rows, chunks kept in registers, warps at most (8 leave a thread 255 registers), blocks of a cluster.
PERSISTENT_DECODER(persistent_cluster_1_5_8_f16, 1, 5, 8, 8)
