#include "convolution_warpgroup.cuh"
#include "residual_f16.cuh"

// The layers of residual_f16.cu that have more than 32 channels, by wgmma; src/CudaTts/Compute/Cuda/ResidualTile.cs chooses.

RESIDUAL_ENTRY(residual_wgmma_128x256_f16, 1, false, TileWarpgroup<2, 2, 128>)
RESIDUAL_ENTRY(residual_wgmma_128x128_f16, 2, false, TileWarpgroup<2, 1, 128>)
RESIDUAL_ENTRY(residual_wgmma_128x64_f16, 2, true, TileWarpgroup<2, 1, 64>)
