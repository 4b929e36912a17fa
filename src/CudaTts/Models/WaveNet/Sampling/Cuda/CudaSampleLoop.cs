using CudaTts.Compute.Cuda;
using CudaTts.Cuda;

namespace CudaTts.Models.WaveNet.Sampling.Cuda;

/// <summary>
/// Draws samples on a GPU, some hundred a launch, with the weights on the chip (kernels/wavenet_sampler.cu). Conditions and noise are made on the
/// host for each launch, so that memory does not grow with the utterance.
/// </summary>
internal sealed class CudaSampleLoop : SampleLoop
{
    /// <summary>Utterances of a launch at most.</summary>
    [KernelConstant("wavenet_sampler_rows")]
    public const int MostRows = 4;

    [KernelConstant("wavenet_sampler_threads")]
    private const int Threads = 256;

    private readonly CudaCompute _compute;
    private readonly WaveNetConfig _config;
    private readonly SamplerSizes _sizes;
    private readonly SamplerWeights _weights;
    private readonly CudaModelMemory _memory;
    private readonly float _scale;
    private readonly int _mostRows;

    // Plans by the rows of their kernel.
    private readonly Dictionary<int, (SamplerPlan Plan, CUdeviceptr Places)> _plans = [];
    private readonly Lock _planning = new();

    /// <param name="network">The network.</param>
    /// <param name="memory">Where its weights go.</param>
    /// <exception cref="CudaTtsException">The device has no room for a network of these widths.</exception>
    public CudaSampleLoop(WaveNetNetwork network, CudaModelMemory memory)
    {
        (_compute, _config, _memory, _scale) = (memory.Compute, network.Config, memory, network.Layers[0].Scale);
        _sizes = new SamplerSizes(network.Config);
        memory.RequireShared("a WaveNet whose samples depend on as many channels and taps as this one's", SamplerPlan.VectorBytes(_sizes, rows: 1));
        _mostRows = SamplerPlan.VectorBytes(_sizes, MostRows) <= _compute.Context.SharedMemoryPerBlock ? MostRows : 1;
        _weights = new SamplerWeights(network, _sizes, memory);
    }

    /// <summary>Samples of a launch at most: after them the cancellation is looked at.</summary>
    public int ChunkSamples { get; init; } = 512;

    /// <summary>Blocks that share a layer, where that is not left to the plan.</summary>
    public int? Members { get; init; }

    /// <summary>Blocks of a launch at most, where that is not left to the device.</summary>
    public int? MostBlocks { get; init; }

    /// <inheritdoc/>
    public override SampleState Begin()
    {
        var starts = _sizes.RingStarts;
        return new SampleState(
            [.. Enumerable.Range(0, _sizes.Layers).Select(layer => new float[starts[layer + 1] - starts[layer]])],
            _config.DrawsClasses ? _config.FirstClass : 0);
    }

    /// <inheritdoc/>
    public override void Run(IReadOnlyList<SampleRun> rows, CancellationToken cancellation)
    {
        // The longest first, so that those that still go on are the first ones.
        foreach (var group in rows.OrderByDescending(row => row.Drawn.Length).Chunk(_mostRows))
        {
            RunGroup(group, cancellation);
        }
    }

    private void RunGroup(SampleRun[] rows, CancellationToken cancellation)
    {
        var (plan, _) = PlanFor(rows.Length);
        using var batch = new SampleBatch(_compute, _config, _sizes, rows, plan.Members, ChunkSamples);
        batch.UploadStates();
        for (var first = 0; first < rows[0].Drawn.Length;)
        {
            cancellation.ThrowIfCancellationRequested();
            var active = rows.Count(row => row.Drawn.Length > first);
            var samples = Math.Min(ChunkSamples, rows[active - 1].Drawn.Length - first);
            var parameters = batch.Prepare(first, samples, active);
            Launch(rows.Length, parameters);
            batch.Take(first, samples, active);
            first += samples;
        }

        batch.DownloadStates();
    }

    private void Launch(int rows, SamplerParameters parameters)
    {
        var stream = _compute.Enter();
        (parameters.Weights, parameters.Table, parameters.RingStarts) = (_weights.Matrices, _weights.Table, _weights.RingStarts);
        (parameters.ResidualBias, parameters.SkipBias) = (_weights.ResidualBias, _weights.SkipBias);
        (parameters.HiddenBias, parameters.OutputBias, parameters.Scale) = (_weights.HiddenBias, _weights.OutputBias, _scale);
        (parameters.Abandoned, parameters.MostPolls) = (_compute.Context.AbandonedWait.WordFor(stream), AbandonedWait.MostPolls);
        while (true)
        {
            var (plan, places) = PlanFor(rows);
            (parameters.Places, parameters.Members) = (places, plan.Members);
            try
            {
                KernelOf(rows).LaunchCooperativeStructure(stream, clusterBlocks: 1, plan.Blocks, Threads, plan.SharedBytes, in parameters);
                return;
            }
            catch (CudaException error) when (error.Result == CUresult.CooperativeLaunchTooLarge && plan.Slots > 1)
            {
                // Fewer multiprocessors than the device has, under a limit of the multi-process service.
                Shrink(rows, plan);
            }
        }
    }

    private CudaKernel KernelOf(int rows) => _compute.Kernels[$"wavenet_sampler_{(rows > 1 ? "batch_" : "")}{_compute.Suffix}"];

    // Of a group's kernel.
    private static int RowsOf(int rows) => rows > 1 ? MostRows : 1;

    private (SamplerPlan Plan, CUdeviceptr Places) PlanFor(int rows)
    {
        lock (_planning)
        {
            return _plans.TryGetValue(RowsOf(rows), out var known) ? known : Keep(rows, Plan(rows));
        }
    }

    private (SamplerPlan Plan, CUdeviceptr Places) Keep(int rows, SamplerPlan plan)
    {
        lock (_planning)
        {
            return _plans[RowsOf(rows)] = (plan, _memory.StoreStructures(plan.Places));
        }
    }

    /// <summary>Keeps a plan of half as many blocks, unless another thread has kept a smaller one since.</summary>
    private void Shrink(int rows, SamplerPlan refused)
    {
        lock (_planning)
        {
            if (_plans[RowsOf(rows)].Plan.Blocks >= refused.Blocks)
            {
                Keep(rows, SamplerPlan.For(
                    _sizes, _compute.ElementBytes, RowsOf(rows), refused.Blocks / 2, _compute.Context.SharedMemoryPerBlock, refused.Members));
            }
        }
    }

    /// <summary>As many blocks as the device takes at once with the shared memory that a plan for them wants.</summary>
    private SamplerPlan Plan(int rows)
    {
        var context = _compute.Context;
        for (var blocks = MostBlocks ?? context.Multiprocessors; ; blocks--)
        {
            var plan = SamplerPlan.For(_sizes, _compute.ElementBytes, RowsOf(rows), blocks, context.SharedMemoryPerBlock, Members);
            var taken = KernelOf(rows).MostCooperativeBlocks(Threads, plan.SharedBytes);
            if (plan.Blocks <= taken || blocks == 1)
            {
                return plan;
            }

            blocks = Math.Clamp(taken + 1, 2, blocks);
        }
    }
}
