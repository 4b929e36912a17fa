using System.Diagnostics.CodeAnalysis;
using CudaTts.Cuda.Interop;

namespace CudaTts.Cuda;

/// <summary>A kernel of a loaded module. Launching allocates nothing.</summary>
public sealed unsafe class CudaKernel
{
    // The driver's own limit is 4 kB of parameters.
    private const int MostParameters = 128;

    private readonly CudaModule _module;
    private readonly CUfunction _function;
    private readonly ParameterKind[] _parameters;
    private readonly Lock _allowing = new();
    private volatile int _allowedSharedBytes;

    internal CudaKernel(CudaModule module, CUfunction function, PtxSignature signature)
    {
        if (signature.Parameters.Count > MostParameters)
        {
            throw new CudaException(
                $"the kernel '{signature.Name}' has {signature.Parameters.Count} parameters; {MostParameters} is the most that can be launched.");
        }

        _module = module;
        _function = function;
        _parameters = [.. signature.Parameters];
        Signature = signature;
    }

    /// <summary>The name of the kernel.</summary>
    public string Name => Signature.Name;

    /// <summary>Where it was loaded.</summary>
    public CudaContext Context => _module.Context;

    /// <summary>Its name and parameters.</summary>
    public PtxSignature Signature { get; }

    /// <summary>Registers, local memory and the like.</summary>
    public int Attribute(FunctionAttribute attribute)
    {
        Enter();
        int value;
        var result = DriverApi.cuFuncGetAttribute(&value, attribute, _function);
        return result == CUresult.Success ? value : throw _module.Context.Failed(result, $"asking for {attribute} of the kernel '{Name}'");
    }

    /// <summary>Blocks that a multiprocessor holds at a time.</summary>
    /// <param name="threads">Threads of a block.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block.</param>
    public int BlocksPerMultiprocessor(int threads, int sharedBytes = 0)
    {
        Enter();
        AllowShared(sharedBytes);
        var blocks = 0;
        var result = DriverApi.cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, _function, threads, (nuint)sharedBytes);
        return result == CUresult.Success ? blocks : throw _module.Context.Failed(result, $"asking for the occupancy of the kernel '{Name}'");
    }

    /// <summary>Blocks that the whole device holds at a time: the most that a cooperative launch can have.</summary>
    /// <param name="threads">Threads of a block.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block.</param>
    public int MostCooperativeBlocks(int threads, int sharedBytes = 0) =>
        BlocksPerMultiprocessor(threads, sharedBytes) * _module.Context.Multiprocessors;

    /// <summary>
    /// Clusters that the whole device holds at a time. A cluster lies within a group of multiprocessors (GPC), whose sizes differ, so this can be
    /// fewer than blocks would say. 0: it holds none, or device (before compute capability 9.0) or driver (before CUDA 11.8) have no clusters.
    /// </summary>
    /// <param name="threads">Threads of a block.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block.</param>
    /// <param name="clusterBlocks">Blocks of a cluster.</param>
    public int MostClusters(int threads, int sharedBytes, int clusterBlocks)
    {
        Enter();
        if (_module.Context.AttributeOrZero(DeviceAttribute.ClusterLaunch) == 0)
        {
            return 0;
        }

        AllowShared(sharedBytes);
        var clusters = 0;
        var attribute = CUlaunchAttribute.Clusters(clusterBlocks);
        var config = Config(clusterBlocks, threads, sharedBytes, default, &attribute, 1);
        try
        {
            var result = DriverApi.cuOccupancyMaxActiveClusters(&clusters, _function, &config);
            return result switch
            {
                CUresult.Success => clusters,

                // A part of a device, or one under a limit, may have none.
                CUresult.InvalidClusterSize or CUresult.NotSupported or CUresult.InvalidValue => 0,
                _ => throw _module.Context.Failed(
                    result, $"asking how many clusters of {clusterBlocks} blocks of the kernel '{Name}' the device holds"),
            };
        }
        catch (EntryPointNotFoundException)
        {
            return 0;
        }
    }

    /// <summary>Starts the kernel on a stream.</summary>
    /// <param name="stream">Where it is queued.</param>
    /// <param name="grid">Blocks.</param>
    /// <param name="block">Threads of a block.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block.</param>
    /// <param name="arguments">One for each parameter, of its kind.</param>
    /// <exception cref="ArgumentException">The arguments are not those of the kernel, or the grid or block is empty.</exception>
    /// <exception cref="CudaException">
    /// The launch was refused. What goes wrong while the kernel runs comes to light when the stream is waited for.
    /// </exception>
    public void Launch(CudaStream stream, Dim3 grid, Dim3 block, int sharedBytes, params ReadOnlySpan<KernelArgument> arguments) =>
        Launch(cooperative: false, clusterBlocks: 0, stream, grid, block, sharedBytes, arguments);

    /// <summary>Starts the kernel with all its blocks running at once, so that they may wait for each other.</summary>
    /// <inheritdoc cref="Launch(CudaStream, Dim3, Dim3, int, ReadOnlySpan{KernelArgument})"/>
    public void LaunchCooperative(CudaStream stream, Dim3 grid, Dim3 block, int sharedBytes, params ReadOnlySpan<KernelArgument> arguments) =>
        Launch(cooperative: true, clusterBlocks: 0, stream, grid, block, sharedBytes, arguments);

    /// <summary>
    /// Starts the kernel with all its blocks running at once, <paramref name="clusterBlocks"/> neighbours along x in a cluster each, which may write
    /// into each other's shared memory (kernels/cluster.cuh).
    /// </summary>
    /// <param name="stream">Where it is queued.</param>
    /// <param name="clusterBlocks">Blocks of a cluster: at most 8, and a divisor of the grid along x.</param>
    /// <param name="grid">Blocks.</param>
    /// <param name="block">Threads of a block.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block.</param>
    /// <param name="arguments">One for each parameter, of its kind.</param>
    /// <exception cref="ArgumentException">
    /// The arguments are not those of the kernel, or the grid or block is empty or not of such clusters.
    /// </exception>
    /// <exception cref="CudaException">The launch was refused, or device or driver have no clusters.</exception>
    public void LaunchCooperativeClusters(
        CudaStream stream, int clusterBlocks, Dim3 grid, Dim3 block, int sharedBytes, params ReadOnlySpan<KernelArgument> arguments)
    {
        CheckClusters(clusterBlocks, grid);
        Launch(cooperative: true, clusterBlocks, stream, grid, block, sharedBytes, arguments);
    }

    /// <summary>Starts a kernel whose only parameter is a structure, with all its blocks running at once.</summary>
    /// <typeparam name="T">The structure, laid out as in the kernel's source: fields in order, each at a multiple of its size.</typeparam>
    /// <param name="stream">Where it is queued.</param>
    /// <param name="clusterBlocks">Blocks of a cluster; 1: there are no clusters.</param>
    /// <param name="grid">Blocks.</param>
    /// <param name="block">Threads of a block.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block.</param>
    /// <param name="parameters">What the kernel is given; copied before this returns.</param>
    /// <exception cref="ArgumentException">
    /// The kernel takes no structure of that size, or the grid or block is empty or not of such clusters.
    /// </exception>
    /// <exception cref="CudaException">The launch was refused, or device or driver have no clusters.</exception>
    public void LaunchCooperativeStructure<T>(CudaStream stream, int clusterBlocks, Dim3 grid, Dim3 block, int sharedBytes, ref readonly T parameters)
        where T : unmanaged
    {
        if (Signature.StructureBytes != sizeof(T))
        {
            throw new ArgumentException(
                $"The kernel '{Name}' takes {(Signature.StructureBytes > 0 ? $"a structure of {Signature.StructureBytes} bytes" : "no structure")}; "
                + $"{typeof(T).Name} of {sizeof(T)} bytes was given.", nameof(parameters));
        }

        CheckClusters(clusterBlocks, grid);
        fixed (T* structure = &parameters)
        {
            void* address = structure;
            Launch(cooperative: true, clusterBlocks > 1 ? clusterBlocks : 0, stream, grid, block, sharedBytes, &address);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Signature.ToString();

    private void Launch(
        bool cooperative, int clusterBlocks, CudaStream stream, Dim3 grid, Dim3 block, int sharedBytes, ReadOnlySpan<KernelArgument> arguments)
    {
        CheckArguments(arguments);
        var addresses = stackalloc void*[MostParameters];
        fixed (KernelArgument* values = arguments)
        {
            for (var i = 0; i < arguments.Length; i++)
            {
                addresses[i] = values + i;
            }

            Launch(cooperative, clusterBlocks, stream, grid, block, sharedBytes, addresses);
        }
    }

    private void Launch(bool cooperative, int clusterBlocks, CudaStream stream, Dim3 grid, Dim3 block, int sharedBytes, void** addresses)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (grid.X < 1 || grid.Y < 1 || grid.Z < 1 || block.X < 1 || block.Y < 1 || block.Z < 1 || sharedBytes < 0)
        {
            throw new ArgumentException(
                $"The kernel '{Name}' was to be launched with grid {grid}, block {block} and {sharedBytes} bytes of shared memory.");
        }

        if (!ReferenceEquals(stream.Context, _module.Context))
        {
            throw new ArgumentException($"The kernel '{Name}' was loaded on another context than the stream's.", nameof(stream));
        }

        Enter();
        AllowShared(sharedBytes);
        var recorder = stream.IsCapturing ? null : _module.Context.Launches;
        using var alone = recorder is null ? default : stream.Timing.EnterScope();
        var start = recorder?.Mark(stream);
        var (gx, gy, gz) = ((uint)grid.X, (uint)grid.Y, (uint)grid.Z);
        var (bx, by, bz) = ((uint)block.X, (uint)block.Y, (uint)block.Z);
        var result = clusterBlocks > 0
            ? LaunchClusters(stream.Stream, clusterBlocks, grid, block, sharedBytes, addresses)
            : cooperative
                ? DriverApi.cuLaunchCooperativeKernel(_function, gx, gy, gz, bx, by, bz, (uint)sharedBytes, stream.Stream, addresses)
                : DriverApi.cuLaunchKernel(_function, gx, gy, gz, bx, by, bz, (uint)sharedBytes, stream.Stream, addresses, null);

        GC.KeepAlive(_module);
        GC.KeepAlive(stream);
        stream.LastKernel = Name;
        if (result != CUresult.Success)
        {
            start?.Dispose();
            ThrowRefused(result, cooperative, clusterBlocks, grid, block, sharedBytes);
        }

        recorder?.Add(this, stream, grid, block, sharedBytes, start!);
    }

    private static CUlaunchConfig Config(Dim3 grid, Dim3 block, int sharedBytes, CUstream stream, CUlaunchAttribute* attributes, uint count) => new()
    {
        GridDimX = (uint)grid.X,
        GridDimY = (uint)grid.Y,
        GridDimZ = (uint)grid.Z,
        BlockDimX = (uint)block.X,
        BlockDimY = (uint)block.Y,
        BlockDimZ = (uint)block.Z,
        SharedMemBytes = (uint)sharedBytes,
        HStream = stream,
        Attrs = attributes,
        NumAttrs = count,
    };

    private CUresult LaunchClusters(CUstream stream, int clusterBlocks, Dim3 grid, Dim3 block, int sharedBytes, void** addresses)
    {
        const int count = 2;
        var attributes = stackalloc CUlaunchAttribute[count] { CUlaunchAttribute.Cooperative, CUlaunchAttribute.Clusters(clusterBlocks) };
        var config = Config(grid, block, sharedBytes, stream, attributes, count);
        try
        {
            return DriverApi.cuLaunchKernelEx(&config, _function, addresses, null);
        }
        catch (EntryPointNotFoundException)
        {
            throw new CudaException(
                $"launching the kernel '{Name}' in clusters: the driver supports CUDA {CudaDriver.Used?.Version}, and clusters need 11.8; "
                + "install a newer driver.");
        }
    }

    private void CheckClusters(int clusterBlocks, Dim3 grid)
    {
        if (clusterBlocks < 1 || grid.X % clusterBlocks != 0)
        {
            throw new ArgumentException(
                $"The kernel '{Name}' was to be launched with grid {grid} in clusters of {clusterBlocks} blocks.", nameof(clusterBlocks));
        }
    }

    private void CheckArguments(ReadOnlySpan<KernelArgument> arguments)
    {
        if (arguments.Length != _parameters.Length)
        {
            throw new ArgumentException(
                $"The kernel '{Name}' takes {_parameters.Length} arguments; {arguments.Length} were given.", nameof(arguments));
        }

        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].Kind != _parameters[i])
            {
                throw new ArgumentException(
                    $"Parameter {i} (counted from 0) of the kernel '{Name}' is a {_parameters[i]}; "
                    + $"the argument {arguments[i]} is a {arguments[i].Kind}.",
                    nameof(arguments));
            }
        }
    }

    [DoesNotReturn]
    private void ThrowRefused(CUresult result, bool cooperative, int clusterBlocks, Dim3 grid, Dim3 block, int sharedBytes)
    {
        var advice = result switch
        {
            CUresult.CooperativeLaunchTooLarge or CUresult.InvalidClusterSize when clusterBlocks is > 0 and <= 8 =>
                $"{_module.Context.Name} holds {MostClusters((int)block.Count, sharedBytes, clusterBlocks)} clusters of {clusterBlocks} at a time",
            CUresult.CooperativeLaunchTooLarge =>
                $"{_module.Context.Name} holds {MostCooperativeBlocks((int)block.Count, sharedBytes)} blocks at a time",
            CUresult.InvalidValue or CUresult.LaunchOutOfResources =>
                $"a block may have {Attribute(FunctionAttribute.MaxThreadsPerBlock)} threads "
                + $"and {Attribute(FunctionAttribute.MaxDynamicSharedSizeBytes):N0} bytes of dynamic shared memory",
            _ => "",
        };
        throw _module.Context.Failed(
            result,
            $"launching the kernel '{Name}'{(cooperative ? " cooperatively" : "")}{(clusterBlocks > 0 ? $" in clusters of {clusterBlocks}" : "")} "
            + $"with grid {grid}, block {block} and {sharedBytes:N0} bytes of dynamic shared memory",
            advice);
    }

    // A block gets 48 kB of shared memory unasked, static and dynamic together; for more the kernel has to be set up once.
    private void AllowShared(int bytes)
    {
        if (bytes > _allowedSharedBytes)
        {
            // Two threads with different sizes must not leave the driver with the smaller one.
            lock (_allowing)
            {
                AllowMoreShared(bytes);
            }
        }
    }

    private void AllowMoreShared(int bytes)
    {
        _allowedSharedBytes = Math.Max(_allowedSharedBytes, Attribute(FunctionAttribute.MaxDynamicSharedSizeBytes));
        if (bytes <= _allowedSharedBytes)
        {
            return;
        }

        var result = DriverApi.cuFuncSetAttribute(_function, FunctionAttribute.MaxDynamicSharedSizeBytes, bytes);
        if (result != CUresult.Success)
        {
            throw _module.Context.Failed(
                result,
                $"allowing the kernel '{Name}' {bytes:N0} bytes of dynamic shared memory",
                $"a block has {_module.Context.SharedMemoryPerBlock:N0} bytes on {_module.Context.Name}, "
                + $"of which the kernel declares {Attribute(FunctionAttribute.SharedSizeBytes):N0} itself");
        }

        _allowedSharedBytes = bytes;
    }

    private void Enter()
    {
        ObjectDisposedException.ThrowIf(_module.IsClosed, _module);
        _module.Context.MakeCurrent();
    }
}
