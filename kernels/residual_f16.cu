#include "residual_f16.cuh"

// Layers of residual blocks in half precision; residual_f16.cuh has the formula, the layouts and the mapping of blocks and threads. An entry's name says how
// many rows of the product, steps and what the second convolution reaches beyond them, and how many channels a block computes. KEEPS_TOTAL: see ResidualTile.
// src/CudaTts/Compute/Cuda/ResidualTile.cs chooses.

RESIDUAL_ENTRY(residual_128x256_f16, 1, false, TileF16<2, 8, 64, 32, 32, true>)
RESIDUAL_ENTRY(residual_128x128_f16, 2, false, TileF16<2, 4, 64, 32, 32, true>)
RESIDUAL_ENTRY(residual_128x64_f16, 2, true, TileF16<4, 2, 32, 32, 32, true>)
RESIDUAL_ENTRY(residual_256x32_f16, 2, true, TileF16<8, 1, 32, 32, 32, true>)
RESIDUAL_ENTRY(residual_256x16_f16, 3, true, TileF16<8, 1, 32, 16, 16, true>)
