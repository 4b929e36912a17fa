using System.Runtime.InteropServices;

namespace CudaTts.Cuda;

/// <summary>
/// The functions of the driver API that are used, with the entry points' versions spelled out. Whoever calls them checks the result with
/// <see cref="CudaException.Check(CUresult, string)"/>.
/// </summary>
internal static unsafe partial class DriverApi
{
    /// <summary>Resolved by <see cref="CudaDriver"/>.</summary>
    public const string Library = "cuda";

    [LibraryImport(Library, EntryPoint = "cuInit")]
    public static partial CUresult Init(uint flags);

    [LibraryImport(Library, EntryPoint = "cuDriverGetVersion")]
    public static partial CUresult DriverGetVersion(out int version);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetCount")]
    public static partial CUresult DeviceGetCount(out int count);

    [LibraryImport(Library, EntryPoint = "cuDeviceGet")]
    public static partial CUresult DeviceGet(out CUdevice device, int ordinal);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetName")]
    public static partial CUresult DeviceGetName(byte* name, int length, CUdevice device);

    [LibraryImport(Library, EntryPoint = "cuDeviceTotalMem_v2")]
    public static partial CUresult DeviceTotalMemory(out nuint bytes, CUdevice device);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetAttribute")]
    public static partial CUresult DeviceGetAttribute(out int value, DeviceAttribute attribute, CUdevice device);

    [LibraryImport(Library, EntryPoint = "cuDevicePrimaryCtxRetain")]
    public static partial CUresult PrimaryContextRetain(out CUcontext context, CUdevice device);

    [LibraryImport(Library, EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    public static partial CUresult PrimaryContextRelease(CUdevice device);

    [LibraryImport(Library, EntryPoint = "cuCtxSetCurrent")]
    public static partial CUresult ContextSetCurrent(CUcontext context);

    [LibraryImport(Library, EntryPoint = "cuCtxSynchronize")]
    public static partial CUresult ContextSynchronize();

    [LibraryImport(Library, EntryPoint = "cuMemGetInfo_v2")]
    public static partial CUresult MemoryGetInfo(out nuint free, out nuint total);

    [LibraryImport(Library, EntryPoint = "cuMemAlloc_v2")]
    public static partial CUresult MemoryAllocate(out CUdeviceptr address, nuint bytes);

    [LibraryImport(Library, EntryPoint = "cuMemFree_v2")]
    public static partial CUresult MemoryFree(CUdeviceptr address);

    [LibraryImport(Library, EntryPoint = "cuMemHostAlloc")]
    public static partial CUresult HostAllocate(out nint address, nuint bytes, uint flags);

    [LibraryImport(Library, EntryPoint = "cuMemFreeHost")]
    public static partial CUresult HostFree(nint address);

    [LibraryImport(Library, EntryPoint = "cuMemcpyHtoDAsync_v2")]
    public static partial CUresult CopyToDevice(CUdeviceptr target, void* source, nuint bytes, CUstream stream);

    [LibraryImport(Library, EntryPoint = "cuMemcpyDtoHAsync_v2")]
    public static partial CUresult CopyToHost(void* target, CUdeviceptr source, nuint bytes, CUstream stream);

    [LibraryImport(Library, EntryPoint = "cuMemcpyDtoDAsync_v2")]
    public static partial CUresult CopyOnDevice(CUdeviceptr target, CUdeviceptr source, nuint bytes, CUstream stream);

    [LibraryImport(Library, EntryPoint = "cuMemsetD8Async")]
    public static partial CUresult SetBytes(CUdeviceptr target, byte value, nuint count, CUstream stream);

    [LibraryImport(Library, EntryPoint = "cuMemsetD32Async")]
    public static partial CUresult SetWords(CUdeviceptr target, uint value, nuint count, CUstream stream);

    [LibraryImport(Library, EntryPoint = "cuStreamCreate")]
    public static partial CUresult StreamCreate(out CUstream stream, uint flags);

    [LibraryImport(Library, EntryPoint = "cuStreamDestroy_v2")]
    public static partial CUresult StreamDestroy(CUstream stream);

    [LibraryImport(Library, EntryPoint = "cuStreamSynchronize")]
    public static partial CUresult StreamSynchronize(CUstream stream);

    [LibraryImport(Library, EntryPoint = "cuStreamQuery")]
    public static partial CUresult StreamQuery(CUstream stream);

    [LibraryImport(Library, EntryPoint = "cuStreamWaitEvent")]
    public static partial CUresult StreamWaitEvent(CUstream stream, CUevent awaited, uint flags);

    [LibraryImport(Library, EntryPoint = "cuStreamBeginCapture_v2")]
    public static partial CUresult StreamBeginCapture(CUstream stream, uint mode);

    [LibraryImport(Library, EntryPoint = "cuStreamEndCapture")]
    public static partial CUresult StreamEndCapture(CUstream stream, out CUgraph graph);

    [LibraryImport(Library, EntryPoint = "cuEventCreate")]
    public static partial CUresult EventCreate(out CUevent created, uint flags);

    [LibraryImport(Library, EntryPoint = "cuEventDestroy_v2")]
    public static partial CUresult EventDestroy(CUevent destroyed);

    [LibraryImport(Library, EntryPoint = "cuEventRecord")]
    public static partial CUresult EventRecord(CUevent recorded, CUstream stream);

    [LibraryImport(Library, EntryPoint = "cuEventSynchronize")]
    public static partial CUresult EventSynchronize(CUevent awaited);

    [LibraryImport(Library, EntryPoint = "cuEventQuery")]
    public static partial CUresult EventQuery(CUevent asked);

    [LibraryImport(Library, EntryPoint = "cuEventElapsedTime")]
    public static partial CUresult EventElapsedTime(out float milliseconds, CUevent start, CUevent end);

    [LibraryImport(Library, EntryPoint = "cuModuleLoadDataEx")]
    public static partial CUresult ModuleLoadData(out CUmodule module, byte* image, uint optionCount, int* options, nint* values);

    [LibraryImport(Library, EntryPoint = "cuModuleUnload")]
    public static partial CUresult ModuleUnload(CUmodule module);

    [LibraryImport(Library, EntryPoint = "cuModuleGetFunction", StringMarshalling = StringMarshalling.Utf8)]
    public static partial CUresult ModuleGetFunction(out CUfunction function, CUmodule module, string name);

    [LibraryImport(Library, EntryPoint = "cuFuncGetAttribute")]
    public static partial CUresult FunctionGetAttribute(out int value, FunctionAttribute attribute, CUfunction function);

    [LibraryImport(Library, EntryPoint = "cuFuncSetAttribute")]
    public static partial CUresult FunctionSetAttribute(CUfunction function, FunctionAttribute attribute, int value);

    [LibraryImport(Library, EntryPoint = "cuOccupancyMaxActiveBlocksPerMultiprocessor")]
    public static partial CUresult OccupancyMaxActiveBlocks(out int blocks, CUfunction function, int threads, nuint dynamicSharedBytes);

    [LibraryImport(Library, EntryPoint = "cuLaunchKernel")]
    public static partial CUresult LaunchKernel(
        CUfunction function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, CUstream stream,
        void** arguments, void** extra);

    [LibraryImport(Library, EntryPoint = "cuLaunchCooperativeKernel")]
    public static partial CUresult LaunchCooperativeKernel(
        CUfunction function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, CUstream stream, void** arguments);

    [LibraryImport(Library, EntryPoint = "cuGraphInstantiateWithFlags")]
    public static partial CUresult GraphInstantiate(out CUgraphExec executable, CUgraph graph, ulong flags);

    [LibraryImport(Library, EntryPoint = "cuGraphExecUpdate_v2")]
    public static partial CUresult GraphUpdate(CUgraphExec executable, CUgraph graph, GraphUpdateResult* result);

    [LibraryImport(Library, EntryPoint = "cuGraphLaunch")]
    public static partial CUresult GraphLaunch(CUgraphExec executable, CUstream stream);

    [LibraryImport(Library, EntryPoint = "cuGraphExecDestroy")]
    public static partial CUresult GraphExecutableDestroy(CUgraphExec executable);

    [LibraryImport(Library, EntryPoint = "cuGraphDestroy")]
    public static partial CUresult GraphDestroy(CUgraph graph);

    [LibraryImport(Library, EntryPoint = "cuGetErrorName")]
    public static partial CUresult GetErrorName(CUresult result, out byte* name);

    [LibraryImport(Library, EntryPoint = "cuGetErrorString")]
    public static partial CUresult GetErrorText(CUresult result, out byte* text);

    /// <summary>The emulated library only: its kernels' signatures in PTX's syntax.</summary>
    [LibraryImport(Library, EntryPoint = "cudatts_emulated_image")]
    public static partial byte* EmulatedImage();

    /// <summary>The emulated library only: what the last launch that failed did wrong.</summary>
    [LibraryImport(Library, EntryPoint = "cudatts_emulated_report")]
    public static partial byte* EmulatedReport();
}

/// <summary>CUgraphExecUpdateResultInfo of cuda.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GraphUpdateResult
{
    public int Result;
    public nint ErrorNode;
    public nint ErrorFromNode;
}
