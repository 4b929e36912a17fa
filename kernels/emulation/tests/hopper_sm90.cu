#include "common.cuh"

// A file for compute capability 9.0 and later, by its name (tests/CudaTts.Tests/Emulation/ClusterTests.cs).

extern "C" __global__ void only_on_hopper(int* output) { output[0] = 90; }
EXPORT_KERNEL(only_on_hopper)
