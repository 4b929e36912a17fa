using System.Runtime.CompilerServices;
using CudaTts.Cuda;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// The operations as kernels on a CUDA device or its emulation, queued on one stream. A sequence [B, C, T] lies in memory time-major, [B, T, C], so
/// that tensor cores read channels side by side; its elements are float32 or float16 as <see cref="DeviceOptions.Precision"/> says, sums float32.
/// </summary>
public sealed partial class CudaCompute : ComputeDevice
{
    // What one run takes; networks divide larger batches.
    private const int LargestBatch = 128;

    // The decoder has slots for fewer rows than this: the more rows wait, the smaller a share of its steps are those in which the last ones leave slots empty.
    private const int LargestDecoderBatch = 512;

    // 256 million numbers: half a gigabyte in float16 for one activation.
    private const long LargestActivation = 256L << 20;

    // Weakly: weights that nothing refers to are freed by their finaliser, the others when the device is closed.
    private readonly ConditionalWeakTable<CudaMemory, CudaCompute> _weights = [];

    private CudaCompute(string name, CudaContext context, Precision precision)
    {
        Name = name;
        Context = context;
        Type = precision == Precision.Half ? ElementType.Float16 : ElementType.Float32;
        Kernels = new KernelLibrary(context);
        UsesWarpgroups = WantsWarpgroups(context, Kernels);
        Stream = new CudaStream(context);
        Nvtx.NameStream(Stream, "networks\0"u8);
        Memory = new DeviceMemoryPool(context);
        context.AbandonedWait.Names = Mailboxes.Names;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override Precision Precision => Type == ElementType.Float16 ? Precision.Half : Precision.Full;

    /// <summary>Threads of the host, for what runs there.</summary>
    public override int Threads => Environment.ProcessorCount;

    /// <inheritdoc/>
    public override int PreferredBatch => LargestDecoderBatch;

    /// <summary>The device.</summary>
    public CudaContext Context { get; }

    /// <inheritdoc/>
    internal override int MostRows => LargestBatch;

    /// <inheritdoc/>
    internal override int MostDecoderRows => LargestDecoderBatch;

    /// <inheritdoc/>
    internal override long MostElements => LargestActivation;

    /// <summary>Type of activations and of the weights that are multiplied with them.</summary>
    internal ElementType Type { get; }

    /// <inheritdoc/>
    internal override int ElementBytes => Type == ElementType.Float16 ? 2 : sizeof(float);

    internal KernelLibrary Kernels { get; }

    /// <summary>The stream of all operations.</summary>
    internal CudaStream Stream { get; }

    /// <inheritdoc/>
    private protected override CudaStream? StageStream => Stream;

    /// <summary>Memory of activations, and what an operation needs for itself; weights have their own.</summary>
    internal DeviceMemoryPool Memory { get; }

    /// <summary>The ending of a kernel's name for this device's precision: <c>f32</c> or <c>f16</c>.</summary>
    internal string Suffix => Type == ElementType.Float16 ? "f16" : "f32";

    /// <summary>Opens a GPU or the emulated one.</summary>
    /// <exception cref="CudaTtsException">There is none, or it cannot run the kernels; the message says why.</exception>
    internal static CudaCompute Open(DriverKind kind, int ordinal, Precision precision)
    {
        try
        {
            CudaDriver.Use(kind);
            return new CudaCompute(kind == DriverKind.Emulated ? "emulated" : $"cuda:{ordinal}", new CudaContext(ordinal), precision);
        }
        catch (CudaException error)
        {
            throw new CudaTtsException(error.Message, error);
        }
    }

    /// <inheritdoc/>
    internal override void ForEachGroup(int rows, Action<Range> run)
    {
        for (var first = 0; first < rows; first += MostDecoderRows)
        {
            run(first..Math.Min(rows, first + MostDecoderRows));
        }
    }

    /// <inheritdoc/>
    internal override Tensor Allocate(int elements) => Allocate(Type, elements);

    /// <summary>Uninitialised device memory, which comes back to the pool when nothing refers to it any more.</summary>
    internal Tensor Allocate(ElementType type, params ReadOnlySpan<int> shape)
    {
        var memory = Memory.Lend(BytesOf(type, shape));
        return new Tensor(memory, memory.Address.Value, type, shape);
    }

    /// <inheritdoc/>
    internal override Tensor Store(Tensor weights)
    {
        var stored = AllocateWeights(ElementType.Float32, weights.Shape);
        Enter().Upload<float>(weights.Span, AddressOf(stored));
        return stored;
    }

    /// <inheritdoc/>
    internal override void Release(Tensor made) => (made.Owner as DeviceMemoryPool.Loan)?.Dispose();

    /// <inheritdoc/>
    internal override RowLengths Rows(params ReadOnlySpan<int> lengths) => lengths.Length <= MostRows
        ? new CudaRowLengths(this, lengths)
        : throw new ArgumentException($"At most {MostRows} rows go through a network at once; found {lengths.Length}.");

    /// <summary>Uninitialised device memory of exactly this size, for what stays as long as its model.</summary>
    private Tensor AllocateWeights(ElementType type, ReadOnlySpan<int> shape)
    {
        var memory = new CudaMemory(Context, BytesOf(type, shape));
        _weights.Add(memory, this);
        return new Tensor(memory, memory.Address.Value, type, shape);
    }

    private static long BytesOf(ElementType type, ReadOnlySpan<int> shape)
    {
        long elements = 1;
        foreach (var size in shape)
        {
            elements *= size;
        }

        return elements * (type == ElementType.Float16 ? 2 : 4);
    }

    /// <summary>Where a tensor lies, for a kernel's argument.</summary>
    internal static CUdeviceptr AddressOf(Tensor tensor) => new(tensor.Address);

    /// <summary>The lengths of a sequence's rows, or a null pointer when all rows are full.</summary>
    internal static CUdeviceptr LengthsOf(Tensor sequence) => (sequence.Rows as CudaRowLengths)?.Address ?? default;

    /// <summary>The stream, with the context made current for the calling thread.</summary>
    internal CudaStream Enter()
    {
        Context.MakeCurrent();
        return Stream;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        Stream.Dispose();
        Kernels.Dispose();
        Memory.Dispose();
        foreach (var (memory, _) in _weights)
        {
            memory.Dispose();
        }

        Context.Dispose();
    }
}
