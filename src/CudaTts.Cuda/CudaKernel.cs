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
            throw new CudaException($"the kernel '{signature.Name}' has {signature.Parameters.Count} parameters; {MostParameters} is the most that can be launched.");
        }

        _module = module;
        _function = function;
        _parameters = [.. signature.Parameters];
        Signature = signature;
    }

    /// <summary>Its name.</summary>
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
        return result == CUresult.Success ? blocks : throw _module.Context.Failed(result, $"asking for the occupancy of the kernel '{Name}'", Name);
    }

    /// <summary>Blocks that the whole device holds at a time: the most that a cooperative launch can have.</summary>
    /// <param name="threads">Threads of a block.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block.</param>
    public int MostCooperativeBlocks(int threads, int sharedBytes = 0) =>
        BlocksPerMultiprocessor(threads, sharedBytes) * _module.Context.Multiprocessors;

    /// <summary>Starts the kernel on a stream.</summary>
    /// <param name="stream">Where it is queued.</param>
    /// <param name="grid">Blocks.</param>
    /// <param name="block">Threads of a block.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block.</param>
    /// <param name="arguments">One for each parameter, of its kind.</param>
    /// <exception cref="ArgumentException">The arguments are not those of the kernel, or the grid or block is empty.</exception>
    /// <exception cref="CudaException">The launch was refused. What goes wrong while the kernel runs comes to light when the stream is waited for.</exception>
    public void Launch(CudaStream stream, Dim3 grid, Dim3 block, int sharedBytes, params ReadOnlySpan<KernelArgument> arguments) =>
        Launch(cooperative: false, stream, grid, block, sharedBytes, arguments);

    /// <summary>Starts the kernel with all its blocks running at once, so that they may wait for each other.</summary>
    /// <inheritdoc cref="Launch(CudaStream, Dim3, Dim3, int, ReadOnlySpan{KernelArgument})"/>
    public void LaunchCooperative(CudaStream stream, Dim3 grid, Dim3 block, int sharedBytes, params ReadOnlySpan<KernelArgument> arguments) =>
        Launch(cooperative: true, stream, grid, block, sharedBytes, arguments);

    /// <inheritdoc/>
    public override string ToString() => Signature.ToString();

    private void Launch(bool cooperative, CudaStream stream, Dim3 grid, Dim3 block, int sharedBytes, ReadOnlySpan<KernelArgument> arguments)
    {
        ArgumentNullException.ThrowIfNull(stream);
        CheckArguments(arguments);
        if (grid.X < 1 || grid.Y < 1 || grid.Z < 1 || block.X < 1 || block.Y < 1 || block.Z < 1 || sharedBytes < 0)
        {
            throw new ArgumentException($"The kernel '{Name}' was to be launched with grid {grid}, block {block} and {sharedBytes} bytes of shared memory.");
        }

        if (!ReferenceEquals(stream.Context, _module.Context))
        {
            throw new ArgumentException($"The kernel '{Name}' was loaded on another context than the stream's.", nameof(stream));
        }

        Enter();
        AllowShared(sharedBytes);
        var recorder = stream.IsCapturing ? null : _module.Context.Launches;
        var start = recorder?.Mark(stream);
        var addresses = stackalloc void*[MostParameters];
        CUresult result;
        fixed (KernelArgument* values = arguments)
        {
            for (var i = 0; i < arguments.Length; i++)
            {
                addresses[i] = values + i;
            }

            var (gx, gy, gz) = ((uint)grid.X, (uint)grid.Y, (uint)grid.Z);
            var (bx, by, bz) = ((uint)block.X, (uint)block.Y, (uint)block.Z);
            result = cooperative
                ? DriverApi.cuLaunchCooperativeKernel(_function, gx, gy, gz, bx, by, bz, (uint)sharedBytes, stream.Stream, addresses)
                : DriverApi.cuLaunchKernel(_function, gx, gy, gz, bx, by, bz, (uint)sharedBytes, stream.Stream, addresses, null);
        }

        GC.KeepAlive(_module);
        GC.KeepAlive(stream);
        stream.LastKernel = Name;
        if (result != CUresult.Success)
        {
            start?.Dispose();
            ThrowRefused(result, cooperative, grid, block, sharedBytes);
        }

        recorder?.Add(this, stream, grid, block, sharedBytes, start!);
    }

    private void CheckArguments(ReadOnlySpan<KernelArgument> arguments)
    {
        if (arguments.Length != _parameters.Length)
        {
            throw new ArgumentException($"The kernel '{Name}' takes {_parameters.Length} arguments; {arguments.Length} were given.", nameof(arguments));
        }

        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].Kind != _parameters[i])
            {
                throw new ArgumentException(
                    $"Parameter {i} (counted from 0) of the kernel '{Name}' is a {_parameters[i]}; the argument {arguments[i]} is a {arguments[i].Kind}.", nameof(arguments));
            }
        }
    }

    [DoesNotReturn]
    private void ThrowRefused(CUresult result, bool cooperative, Dim3 grid, Dim3 block, int sharedBytes)
    {
        var advice = result switch
        {
            CUresult.CooperativeLaunchTooLarge =>
                $"{_module.Context.Name} holds {MostCooperativeBlocks((int)block.Count, sharedBytes)} blocks at a time",
            CUresult.InvalidValue or CUresult.LaunchOutOfResources =>
                $"a block may have {Attribute(FunctionAttribute.MaxThreadsPerBlock)} threads and {Attribute(FunctionAttribute.MaxDynamicSharedSizeBytes):N0} bytes of dynamic shared memory",
            _ => "",
        };
        throw _module.Context.Failed(
            result,
            $"launching the kernel '{Name}'{(cooperative ? " cooperatively" : "")} with grid {grid}, block {block} and {sharedBytes:N0} bytes of dynamic shared memory",
            Name,
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
                Name,
                $"a block has {_module.Context.SharedMemoryPerBlock:N0} bytes on {_module.Context.Name}, of which the kernel declares {Attribute(FunctionAttribute.SharedSizeBytes):N0} itself");
        }

        _allowedSharedBytes = bytes;
    }

    private void Enter()
    {
        ObjectDisposedException.ThrowIf(_module.IsClosed, _module);
        _module.Context.MakeCurrent();
    }
}
