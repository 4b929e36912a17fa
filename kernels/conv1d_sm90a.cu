#include "convolution_warpgroup.cuh"

// The convolutions of conv1d.cu that have more than 32 columns and channels in whole vectors, in half precision by wgmma;
// src/CudaTts/Compute/Cuda/ConvolutionTile.cs chooses. Two blocks share a multiprocessor, so that its tensor cores have work while one waits.

CONV1D_ENTRY(conv1d_wgmma_128x128_f16, half, half, TileWarpgroup<2, 1, 128>)
CONV1D_ENTRY(conv1d_wgmma_128x64_f16, half, half, TileWarpgroup<2, 1, 64>)
CONV1D_ENTRY(conv1d_wgmma_64x64_f16, half, half, TileWarpgroup<1, 1, 64>)
