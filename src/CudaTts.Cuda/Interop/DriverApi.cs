using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace CudaTts.Cuda.Interop;

/// <summary>
/// The functions of the CUDA driver API that are used here, by their names in cuda.h. A header's plain name may stand for a later revision
/// (<c>cuMemAlloc</c> for <c>cuMemAlloc_v2</c>), and the plain symbol is then the first one, with other types: so revisions are spelled out.
/// <see cref="NativeLibraries"/> decides which library the name <see cref="NativeLibraries.Driver"/> stands for.
/// </summary>
internal static unsafe partial class DriverApi
{
    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuInit(uint flags);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuDriverGetVersion(int* version);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuDeviceGetCount(int* count);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuDeviceGet(CUdevice* device, int ordinal);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuDeviceGetName(byte* name, int length, CUdevice device);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuDeviceTotalMem_v2(nuint* bytes, CUdevice device);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuDeviceGetAttribute(int* value, DeviceAttribute attribute, CUdevice device);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuCtxSetCurrent(CUcontext context);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuCtxSynchronize();

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuMemGetInfo_v2(nuint* free, nuint* total);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuMemAlloc_v2(CUdeviceptr* pointer, nuint bytes);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuMemFree_v2(CUdeviceptr pointer);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuMemHostAlloc(void** pointer, nuint bytes, CUmemhostalloc_flags flags);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr* device, void* host, uint flags);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuMemFreeHost(void* pointer);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr destination, void* source, nuint bytes, CUstream stream);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuMemcpyDtoHAsync_v2(void* destination, CUdeviceptr source, nuint bytes, CUstream stream);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr destination, CUdeviceptr source, nuint bytes, CUstream stream);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuMemsetD8Async(CUdeviceptr destination, byte value, nuint count, CUstream stream);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuMemsetD32Async(CUdeviceptr destination, uint value, nuint count, CUstream stream);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuStreamCreate(CUstream* stream, CUstream_flags flags);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuStreamDestroy_v2(CUstream stream);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuStreamSynchronize(CUstream stream);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuStreamQuery(CUstream stream);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuStreamWaitEvent(CUstream stream, CUevent waitFor, uint flags);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuEventCreate(CUevent* created, CUevent_flags flags);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuEventRecord(CUevent recorded, CUstream stream);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuEventSynchronize(CUevent waitFor);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuEventQuery(CUevent asked);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuEventElapsedTime(float* milliseconds, CUevent start, CUevent end);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuEventDestroy_v2(CUevent destroyed);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuModuleLoadDataEx(CUmodule* module, void* image, uint optionCount, CUjit_option* options, void** optionValues);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuModuleUnload(CUmodule module);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, byte* name);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuFuncGetAttribute(int* value, FunctionAttribute attribute, CUfunction function);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuFuncSetAttribute(CUfunction function, FunctionAttribute attribute, int value);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(
        int* blocks, CUfunction function, int blockSize, nuint dynamicSharedBytes);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuLaunchKernel(
        CUfunction function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, CUstream stream,
            void** arguments, void** extra);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuLaunchCooperativeKernel(
        CUfunction function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, CUstream stream,
            void** arguments);

    /// <summary>From CUDA 11.8 on; a driver before it lacks the symbol.</summary>
    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuOccupancyMaxActiveClusters(int* clusters, CUfunction function, CUlaunchConfig* config);

    /// <summary>From CUDA 11.8 on; a driver before it lacks the symbol.</summary>
    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuLaunchKernelEx(CUlaunchConfig* config, CUfunction function, void** arguments, void** extra);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuStreamBeginCapture_v2(CUstream stream, CUstreamCaptureMode mode);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuGraphInstantiateWithFlags(CUgraphExec* instance, CUgraph graph, ulong flags);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuGraphLaunch(CUgraphExec instance, CUstream stream);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuGraphExecDestroy(CUgraphExec instance);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuGraphDestroy(CUgraph graph);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuGetErrorName(CUresult result, byte** name);

    [LibraryImport(NativeLibraries.Driver)]
    internal static partial CUresult cuGetErrorString(CUresult result, byte** text);

    /// <summary>Only the emulated library has this: the signatures of its kernels, in PTX's syntax.</summary>
    [LibraryImport(NativeLibraries.Driver)]
    internal static partial byte* cudatts_emulated_image();

    /// <summary>Only the emulated library has this: what the last failed launch did wrong, in one line.</summary>
    [LibraryImport(NativeLibraries.Driver)]
    internal static partial byte* cudatts_emulated_report();
}
