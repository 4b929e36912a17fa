using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Stepwise;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;

/// <summary>
/// Queues kernels/persistent_decoder.cu and persistent_decoder_sm90.cu: all steps of one to eight rows in one launch, the weights divided among all
/// multiprocessors.
/// </summary>
internal sealed class PersistentDecoder : IDisposable
{
    /// <summary>Rows of a launch at most.</summary>
    public const int MostRows = 8;

    private const int Parities = 2;
    private const string ProjectedMemoryKernel = "projected_memory_f16";

    [KernelConstant("projected_memory_threads")]
    private const int ProjectionThreads = 256;

    // Of a block.
    [KernelConstant("projected_memory_rows")]
    private const int ProjectionRows = 128;

    private readonly Tacotron2Config _config;
    private readonly CudaDecoderWeights _w;
    private readonly PersistentDecoderWeights _chunks;
    private readonly CudaDecoderState _s;
    private readonly CudaKernel _kernel;
    private readonly CudaKernel _projectMemory;
    private readonly CudaStream _stream;
    private readonly CudaMemory _mail;
    private readonly CudaMemory _projectedMemory;
    private readonly PersistentDecoderPlan _plan;
    private readonly MailboxTags _tags;

    /// <summary>Finds the kernel for a plan.</summary>
    public PersistentDecoder(
        Tacotron2Config config,
        CudaDecoderWeights weights,
        CudaDecoderState state,
        CudaCompute compute,
        CudaStream stream,
        PersistentDecoderPlan plan,
        uint firstTag)
    {
        (_config, _w, _s, _stream, _plan, _tags) = (config, weights, state, stream, plan, new MailboxTags(firstTag));
        _chunks = weights.Persistent!;
        _kernel = compute.Kernels[plan.Kernel.Name];
        _projectMemory = compute.Kernels[ProjectedMemoryKernel];
        _mail = new CudaMemory(compute.Context, (long)Parities * Mailboxes.OfDecoder * plan.Kernel.Rows * plan.MailboxWidth * sizeof(ulong));
        var projectedOfRow = (long)PersistentDecoderPlan.ProjectedRows(config) * PersistentDecoderPlan.ProjectedStride(state.Tokens);
        try
        {
            _projectedMemory = new CudaMemory(compute.Context, sizeof(short) * state.Rows * projectedOfRow);
            stream.Clear(_mail.Address, _mail.Bytes);
        }
        catch
        {
            _projectedMemory?.Dispose();
            _mail.Dispose();
            throw;
        }
    }

    /// <summary>Polls of a word before a kernel gives it up.</summary>
    public uint MostPolls { get; init; } = AbandonedWait.MostPolls;

    /// <summary>Whether a device can hold a model at all.</summary>
    public static bool Fits(Tacotron2Config config, CudaCompute compute) =>
        compute.Type == ElementType.Float16 && PlanOn(config, compute, rows: 1, tokens: 1, mayCluster: true) is not null;

    /// <summary>How a device decodes so many rows; nothing where it goes step by step.</summary>
    /// <remarks>With clusters where the device has them and they are wanted: three of a step's six broadcasts are then shorter.</remarks>
    public static PersistentDecoderPlan? PlanFor(
        Tacotron2Config config, CudaDecoderWeights weights, CudaCompute compute, int rows, int tokens, bool mayCluster = true) =>
        weights.Persistent is null ? null : PlanOn(config, compute, rows, tokens, mayCluster);

    /// <summary>Once an utterance, when the state has the memory: what all weights that read the context make of each token.</summary>
    /// <param name="rows">Rows of the memory.</param>
    public void Prepare(int rows)
    {
        var (outputs, stride) = (PersistentDecoderPlan.ProjectedRows(_config), PersistentDecoderPlan.ProjectedStride(_s.Tokens));
        _projectMemory.Launch(
            _stream, new Dim3(stride / PersistentDecoderPlan.ProjectedTokens, Ceiling.Of(outputs, ProjectionRows), rows), ProjectionThreads, 0,
            _s.Memory, CudaCompute.AddressOf(_chunks.Context), _projectedMemory.Address, _s.Tokens, stride, _s.EncoderStride, outputs);
    }

    /// <summary>Queues steps of the rows in the first slots.</summary>
    /// <param name="start">The first step's number.</param>
    /// <param name="steps">How many at most.</param>
    /// <param name="active">Rows.</param>
    /// <param name="records">Where they put out what they make, and hear that they are to end.</param>
    /// <returns>The first step's tag; the next step's is one more.</returns>
    public uint Run(int start, int steps, int active, StepRecords records)
    {
        var tag = _tags.Take(steps, out var areAnew);
        if (areAnew)
        {
            _stream.Synchronize();
            _stream.Clear(_mail.Address, _mail.Bytes);
            records.Clear();
        }

        var parameters = Parameters(start, steps, active, records, tag);
        _kernel.LaunchCooperativeStructure(_stream, _plan.Kernel.Cluster, _plan.Blocks, _plan.Threads, _plan.SharedBytes, in parameters);
        return tag;
    }

    /// <summary>Blocks of a plan that the kernel's device has under way at once.</summary>
    internal static int MostBlocks(CudaKernel kernel, PersistentDecoderPlan plan) => plan.Kernel.Cluster > 1
        ? kernel.MostClusters(plan.Threads, plan.SharedBytes, plan.Kernel.Cluster) * plan.Kernel.Cluster
        : kernel.MostCooperativeBlocks(plan.Threads, plan.SharedBytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        _mail.Dispose();
        _projectedMemory.Dispose();
    }

    private PersistentDecoderParameters Parameters(int start, int steps, int active, StepRecords records, uint tag) => new()
    {
        State = new()
        {
            Hidden1 = _s.AttentionHidden[0],
            Cell1 = _s.AttentionCell,
            Hidden2 = _s.DecoderHidden[0],
            Cell2 = _s.DecoderCell,
            Previous = _s.Previous,
            Cumulative = _s.Cumulative,
        },
        Weights = new()
        {
            Lstm1 = CudaCompute.AddressOf(_chunks.AttentionLstm),
            Lstm2 = CudaCompute.AddressOf(_chunks.DecoderLstm),
            Small = CudaCompute.AddressOf(_chunks.Small),
            Prenet2 = CudaCompute.AddressOf(_chunks.PrenetSecond),
            Query = CudaCompute.AddressOf(_chunks.Query),
            Location = CudaCompute.AddressOf(_chunks.Location),
            Bias1 = CudaCompute.AddressOf(_w.AttentionBias),
            Bias2 = CudaCompute.AddressOf(_w.DecoderBias),
            SmallBias = CudaCompute.AddressOf(_chunks.SmallBias),
            V = CudaCompute.AddressOf(_w.V),
        },
        Request = Request(),
        Launch = new()
        {
            Mail = _mail.Address,
            Records = records.WordsFor(_stream),
            Cancel = records.CancelFor(_stream),
            PollLimit = new() { Abandoned = _stream.Context.AbandonedWait.WordFor(_stream), MostPolls = MostPolls },
            Active = active,
            Start = start,
            Steps = steps,
            RecordSteps = records.Steps,
            FirstTag = tag,
        },
        Sizes = Sizes(),
    };

    private PersistentDecoderParameters.RequestOf Request() => new()
    {
        Keys = _s.Keys,
        ProjectedMemory = _projectedMemory.Address,
        Slots = _s.Slots,
        Tokens = _s.RowTokens,
        End = _s.End,
        GateLogits = _s.GateLogits,
        KeepMasks = _s.KeepMasks,
        KeepSteps = _s.KeepSteps,
        Seeds = _s.Seeds,
        Utterances = _s.Utterances,
    };

    private PersistentDecoderParameters.SizesOf Sizes() => new()
    {
        AttentionUnits = _config.AttentionRnn,
        DecoderUnits = _config.DecoderRnn,
        Prenet = _config.Prenet,
        StepWidth = _config.StepWidth,
        Attention = _config.Attention,
        Taps = _config.LocationKernel,
        TokenStride = _s.Tokens,
        ProjectedStride = PersistentDecoderPlan.ProjectedStride(_s.Tokens),
        MailboxWidth = _plan.MailboxWidth,
        SharedChunks = _plan.SharedChunks,
        SharedProjectedRows = _plan.SharedProjectedRows,
    };

    private static PersistentDecoderPlan? PlanOn(Tacotron2Config config, CudaCompute compute, int rows, int tokens, bool mayCluster) =>
        (mayCluster ? PlanIn(config, compute, rows, tokens, isClustered: true) : null) ?? PlanIn(config, compute, rows, tokens, isClustered: false);

    private static PersistentDecoderPlan? PlanIn(Tacotron2Config config, CudaCompute compute, int rows, int tokens, bool isClustered)
    {
        var context = compute.Context;
        return PersistentDecoderPlan.For(config, context.Multiprocessors, context.SharedMemoryPerBlock, rows, tokens, isClustered) is { } plan
            && compute.Kernels.Has(plan.Kernel.Name)
            && MostBlocks(compute.Kernels[plan.Kernel.Name], plan) >= plan.Blocks
            ? plan
            : null;
    }
}
