using CudaTts.Compute.Cpu;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// The operations as kernels on a CUDA device or its emulation, queued on one stream. A sequence [B, C, T] lies in memory time-major, [B, T, C], so
/// that tensor cores read channels side by side; its elements are float32 or float16 as <see cref="DeviceOptions.Precision"/> says, sums float32.
/// </summary>
public sealed partial class CudaCompute : ComputeDevice
{
    // What one run takes; networks divide larger batches.
    private const int LargestBatch = 128;

    // The decoder has slots for fewer rows than this: the more rows wait, the smaller
    // a share of its steps are those in which the last ones leave slots empty.
    private const int LargestDecoderBatch = 512;

    // 256 million numbers: half a gigabyte in float16 for one activation.
    private const long LargestActivation = 256L << 20;

    // Of models that have not been disposed of.
    private readonly HashSet<CudaModelMemory> _models = [];
    private readonly Lock _modelsLock = new();
    private readonly OperationKernels _operations;

    // Whose context, kernels, stream and memory this device has; none of its own.
    private readonly CudaCompute? _owner;
    private CudaCompute? _fullPrecision;

    private CudaCompute(string name, CudaContext context, KernelLibrary kernels, Precision precision)
    {
        Name = name;
        Context = context;
        Type = precision == Precision.Half ? ElementType.Float16 : ElementType.Float32;
        Kernels = kernels;
        _operations = new OperationKernels(kernels, Type);
        UsesWarpgroups = WantsWarpgroups(context, Kernels);
        Stream = new CudaStream(context);
        Nvtx.NameStream(Stream, "networks\0"u8);
        Memory = new DeviceMemoryPool(context);
        Team = new ThreadTeam(Environment.ProcessorCount);
        context.AbandonedWait.Names = Mailboxes.Names;
    }

    private CudaCompute(CudaCompute owner)
    {
        (_owner, Name, Context, Kernels, Stream, Memory) = (owner, owner.Name, owner.Context, owner.Kernels, owner.Stream, owner.Memory);
        Team = owner.Team;
        Type = ElementType.Float32;
        _operations = new OperationKernels(Kernels, Type);
    }

    /// <inheritdoc/>
    internal override ComputeDevice FullPrecision
    {
        get
        {
            if (Type == ElementType.Float32)
            {
                return this;
            }

            lock (_modelsLock)
            {
                ObjectDisposedException.ThrowIf(IsDisposed, this);
                return _fullPrecision ??= new CudaCompute(this);
            }
        }
    }

    /// <inheritdoc/>
    internal override StageRecorder? Stages
    {
        get => _owner is null ? field : _owner.Stages;
        set
        {
            if (_owner is null)
            {
                field = value;
            }
            else
            {
                _owner.Stages = value;
            }
        }
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string DisplayName => Context.Name;

    /// <inheritdoc/>
    public override DeviceKind Kind => Context.IsEmulated ? DeviceKind.EmulatedGpu : DeviceKind.Gpu;

    /// <inheritdoc/>
    public override DevicePeak? Peak => Context.IsEmulated ? null : DevicePeak.Of(Context);

    /// <inheritdoc/>
    public override Precision Precision => Type == ElementType.Float16 ? Precision.Half : Precision.Full;

    /// <inheritdoc/>
    internal override ThreadTeam Team { get; }

    /// <inheritdoc/>
    public override int PreferredBatch => LargestDecoderBatch;

    /// <summary>The context of the device.</summary>
    public CudaContext Context { get; }

    /// <inheritdoc/>
    internal override int MostRows => LargestBatch;

    /// <inheritdoc/>
    internal override int MostDecoderRows => LargestDecoderBatch;

    /// <inheritdoc/>
    internal override long MostElements { get; set; } = LargestActivation;

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
    internal string Suffix => NameOf(Type);

    /// <summary>Opens a GPU or the emulated one.</summary>
    /// <exception cref="CudaTtsException">There is none, or it cannot run the kernels; the message says why.</exception>
    internal static CudaCompute Open(DriverKind kind, int ordinal, Precision precision)
    {
        CudaDriver.Use(kind);
        var context = new CudaContext(ordinal);
        KernelLibrary? kernels = null;
        try
        {
            kernels = new KernelLibrary(context);
            return new CudaCompute(kind == DriverKind.Emulated ? "emulated" : $"cuda:{ordinal}", context, kernels, precision);
        }
        catch
        {
            kernels?.Dispose();
            context.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    internal override bool RowsShareTime => false;

    /// <inheritdoc/>
    internal override void ForEachGroup(int rows, Action<Range> run)
    {
        for (var first = 0; first < rows; first += MostDecoderRows)
        {
            run(first..Math.Min(rows, first + MostDecoderRows));
        }
    }

    /// <inheritdoc/>
    internal override ModelMemory CreateModelMemory()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        var model = new CudaModelMemory(this);
        lock (_modelsLock)
        {
            _models.Add(model);
        }

        return model;
    }

    /// <summary>Takes note that a model's memory has been freed.</summary>
    internal void Forget(CudaModelMemory model)
    {
        lock (_modelsLock)
        {
            _models.Remove(model);
        }
    }

    /// <inheritdoc/>
    internal override DeviceBuffer Borrow(int elements) => Borrow(Type, elements);

    /// <summary>Uninitialised device memory, the caller's to give back.</summary>
    internal DeviceBuffer Borrow(ElementType type, params ReadOnlySpan<int> shape)
    {
        var loan = Memory.Borrow(BytesOf(type, shape));
        return new DeviceBuffer(new Tensor(loan.Address.Value, type, shape), loan);
    }

    /// <inheritdoc/>
    internal override DeviceClock? CreateClock() => new(Context);

    /// <inheritdoc/>
    internal override RowLengths Rows(params ReadOnlySpan<int> lengths) => lengths.Length <= MostRows
        ? new CudaRowLengths(this, lengths)
        : throw new ArgumentException($"At most {MostRows} rows go through a network at once; found {lengths.Length}.");

    /// <summary>Bytes of a tensor.</summary>
    internal static long BytesOf(ElementType type, ReadOnlySpan<int> shape)
    {
        long elements = 1;
        foreach (var size in shape)
        {
            elements *= size;
        }

        return elements * (type == ElementType.Float16 ? 2 : 4);
    }

    /// <summary>How a kernel's name says a type: <c>f32</c> or <c>f16</c>.</summary>
    internal static string NameOf(ElementType type) => type == ElementType.Float16 ? "f16" : "f32";

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
        CudaModelMemory[] left;
        lock (_modelsLock)
        {
            IsDisposed = true;
            left = [.. _models];
        }

        _fullPrecision?.Dispose();
        Array.ForEach(left, model => model.Dispose());
        if (_owner is not null)
        {
            return;
        }

        Team.Dispose();
        Stream.Dispose();
        Kernels.Dispose();
        Memory.Dispose();
        Context.Dispose();
    }
}
