#include "convolution_f16.cuh"
#include "convolution_f32.cuh"

// Convolutions and transposed convolutions over time; convolution.cuh has the formula, the layouts and the mapping of blocks and threads.
// An entry's name says how many rows (steps) and columns (channels) of the product a block computes. Where channels are no multiple of 16 bytes, `any` serves;
// `thin` reads 16 channels at a time for layers that have no more. src/CudaTts/Compute/Cuda/ConvolutionTile.cs chooses.
//
//   input, lengths, weights, bias, residual, output: see Convolution. Block and dynamic shared memory: see TileF32 and TileF16.

CONV1D_ENTRY(conv1d_128x128_f32, float, float, TileF32<float, 4, 2, 8, 8, 8, true>)
CONV1D_ENTRY(conv1d_128x64_f32, float, float, TileF32<float, 4, 1, 8, 8, 8, true>)
CONV1D_ENTRY(conv1d_64x64_f32, float, float, TileF32<float, 4, 1, 8, 4, 8, true>)
CONV1D_ENTRY(conv1d_128x32_f32, float, float, TileF32<float, 4, 1, 8, 8, 4, true>)
CONV1D_ENTRY(conv1d_256x16_f32, float, float, TileF32<float, 4, 1, 4, 8, 4, true>)
CONV1D_ENTRY(conv1d_any_64x64_f32, float, float, TileF32<float, 4, 1, 8, 4, 8, false>)

CONV1D_ENTRY(conv1d_128x128_f16, half, half, TileF16<2, 4, 64, 32, 32, true>)
CONV1D_ENTRY(conv1d_128x64_f16, half, half, TileF16<2, 2, 64, 32, 32, true>)
CONV1D_ENTRY(conv1d_64x64_f16, half, half, TileF16<2, 2, 32, 32, 32, true>)
CONV1D_ENTRY(conv1d_128x32_f16, half, half, TileF16<4, 1, 32, 32, 32, true>)
CONV1D_ENTRY(conv1d_128x16_f16, half, half, TileF16<4, 1, 32, 16, 32, true>)
CONV1D_ENTRY(conv1d_thin_128x32_f16, half, half, TileF16<4, 1, 32, 32, 16, true>)
CONV1D_ENTRY(conv1d_thin_128x16_f16, half, half, TileF16<4, 1, 32, 16, 16, true>)
CONV1D_ENTRY(conv1d_any_64x64_f16, half, half, TileF16<2, 2, 32, 32, 32, false>)

// For a network's first layer, whose input is kept in float32 where half precision is too coarse for it.
CONV1D_ENTRY(conv1d_64x64_f32_f16, float, half, TileF32<half, 4, 1, 8, 4, 8, true>)
CONV1D_ENTRY(conv1d_any_64x64_f32_f16, float, half, TileF32<half, 4, 1, 8, 4, 8, false>)
