namespace CudaTts.Cuda;

/// <summary>A kernel and its signature. Launches check their arguments' number and kinds, and allocate nothing.</summary>
public sealed unsafe class CudaKernel
{
    private const int MostArguments = 40;
    private readonly CUfunction _function;
    private readonly ParameterKind[] _parameters;
    private int _maxDynamicSharedBytes = 48 * 1024;

    internal CudaKernel(CUfunction function, PtxSignature signature)
    {
        (_function, Signature) = (function, signature);
        _parameters = [.. signature.Parameters];
        if (_parameters.Length > MostArguments)
        {
            throw new CudaException($"kernel {signature.Name} has {_parameters.Length} parameters; at most {MostArguments} can be launched.");
        }
    }

    /// <summary>Name and parameters.</summary>
    public PtxSignature Signature { get; }

    /// <summary>The kernel's name.</summary>
    public string Name => Signature.Name;

    /// <summary>Registers, local memory and the like.</summary>
    public int Attribute(FunctionAttribute attribute)
    {
        CudaException.Check(DriverApi.FunctionGetAttribute(out var value, attribute, _function), $"cuFuncGetAttribute({Name}, {attribute})");
        return value;
    }

    /// <summary>Blocks of this kernel that fit on a multiprocessor at a time.</summary>
    public int BlocksPerMultiprocessor(int threads, int sharedBytes)
    {
        AllowShared(sharedBytes);
        CudaException.Check(DriverApi.OccupancyMaxActiveBlocks(out var blocks, _function, threads, (nuint)sharedBytes), $"occupancy of {Name}");
        return blocks;
    }

    /// <summary>Queues the kernel.</summary>
    /// <param name="stream">Where.</param>
    /// <param name="grid">Blocks.</param>
    /// <param name="block">Threads of a block.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block, bytes.</param>
    /// <param name="arguments">In the order of the kernel's parameters.</param>
    public void Launch(CudaStream stream, Dim3 grid, Dim3 block, int sharedBytes, params ReadOnlySpan<KernelArgument> arguments) =>
        Launch(stream, grid, block, sharedBytes, isCooperative: false, arguments);

    /// <summary>Queues the kernel so that all its blocks run at the same time and may wait for each other.</summary>
    /// <inheritdoc cref="Launch(CudaStream, Dim3, Dim3, int, ReadOnlySpan{KernelArgument})"/>
    public void LaunchCooperative(CudaStream stream, Dim3 grid, Dim3 block, int sharedBytes, params ReadOnlySpan<KernelArgument> arguments) =>
        Launch(stream, grid, block, sharedBytes, isCooperative: true, arguments);

    private void Launch(CudaStream stream, Dim3 grid, Dim3 block, int sharedBytes, bool isCooperative, ReadOnlySpan<KernelArgument> arguments)
    {
        ArgumentNullException.ThrowIfNull(stream);
        CheckArguments(arguments);
        AllowShared(sharedBytes);
        fixed (KernelArgument* start = arguments)
        {
            var pointers = stackalloc void*[MostArguments];
            for (var i = 0; i < arguments.Length; i++)
            {
                // Little-endian: a 32-bit value is the first half of its 64 bits.
                pointers[i] = &start[i].Bits;
            }

            var result = isCooperative
                ? DriverApi.LaunchCooperativeKernel(
                    _function, (uint)grid.X, (uint)grid.Y, (uint)grid.Z, (uint)block.X, (uint)block.Y, (uint)block.Z, (uint)sharedBytes, stream.Stream, pointers)
                : DriverApi.LaunchKernel(
                    _function, (uint)grid.X, (uint)grid.Y, (uint)grid.Z, (uint)block.X, (uint)block.Y, (uint)block.Z, (uint)sharedBytes, stream.Stream, pointers, null);
            if (result != CUresult.Success)
            {
                throw CudaException.Of(
                    result, $"launching {Name}", $"grid {grid.X} x {grid.Y} x {grid.Z}, block {block.X} x {block.Y} x {block.Z}, {sharedBytes} bytes of shared memory");
            }
        }
    }

    private void CheckArguments(ReadOnlySpan<KernelArgument> arguments)
    {
        var fits = arguments.Length == _parameters.Length;
        for (var i = 0; fits && i < arguments.Length; i++)
        {
            fits = arguments[i].Kind == _parameters[i];
        }

        if (!fits)
        {
            var kinds = new ParameterKind[arguments.Length];
            for (var i = 0; i < kinds.Length; i++)
            {
                kinds[i] = arguments[i].Kind;
            }

            throw new CudaException($"kernel {Signature} was launched with ({PtxSignature.Describe(kinds)}).");
        }
    }

    // Above 48 kilobytes a kernel must ask for its dynamic shared memory first.
    private void AllowShared(int bytes)
    {
        if (bytes > _maxDynamicSharedBytes)
        {
            CudaException.Check(
                DriverApi.FunctionSetAttribute(_function, FunctionAttribute.MaxDynamicSharedSizeBytes, bytes), $"kernel {Name}: {bytes} bytes of shared memory");
            _maxDynamicSharedBytes = bytes;
        }
    }
}
