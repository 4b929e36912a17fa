using CudaTts.Compute.Cpu;
using CudaTts.Tensors;

namespace CudaTts.Models.WaveNet.Sampling.Cpu;

/// <summary>
/// Draws samples on the CPU. Rows go side by side, so that a weight is read once for all of them, and are shared among the threads; a lone row has
/// one thread, because a sample is some seventy products of microseconds each, after which threads would have to wait for each other.
/// </summary>
internal sealed class CpuSampleLoop : SampleLoop
{
    private readonly CpuCompute _compute;

    /// <param name="network">The network.</param>
    /// <param name="compute">Its threads, and its vector instructions.</param>
    public CpuSampleLoop(WaveNetNetwork network, CpuCompute compute)
    {
        (_compute, Config, Kernels) = (compute, network.Config, SampleKernels.For(compute.Level));
        Layers = Array.ConvertAll(network.Layers, layer => new PackedLayer(Kernels, layer, network.Config.Mel.MelBands));
        Table = network.Table;
        SkipBias = PackedLayer.Padded(network.SkipBias.Span);
        (Hidden, HiddenBias) = (PanelMatrix.Of(Kernels, network.Hidden), PackedLayer.Padded(network.HiddenBias.Span));
        (Last, LastBias) = (PanelMatrix.Of(Kernels, network.Last), PackedLayer.Padded(network.LastBias.Span));
    }

    /// <summary>The network's widths.</summary>
    public WaveNetConfig Config { get; }

    /// <summary>The inner loops.</summary>
    public SampleKernels Kernels { get; }

    /// <summary>The residual layers.</summary>
    public PackedLayer[] Layers { get; }

    /// <summary>What the sample before becomes; see <see cref="WaveNetNetwork.Table"/>.</summary>
    public Tensor Table { get; }

    /// <summary>Biases of all skip connections together, [S], padded.</summary>
    public Tensor SkipBias { get; }

    /// <summary>The product before the last, [H, S].</summary>
    public PanelMatrix Hidden { get; }

    /// <summary>Biases of the product before the last, [H], padded.</summary>
    public Tensor HiddenBias { get; }

    /// <summary>The last product, [O, H].</summary>
    public PanelMatrix Last { get; }

    /// <summary>Biases of the last product, [O], padded.</summary>
    public Tensor LastBias { get; }

    /// <inheritdoc/>
    public override SampleState Begin() => new(
        Array.ConvertAll(Layers, layer => new float[layer.Slots * layer.InputStride]), Config.DrawsClasses ? Config.FirstClass : 0);

    /// <inheritdoc/>
    public override void Run(IReadOnlyList<SampleRun> rows, CancellationToken cancellation)
    {
        var groups = Math.Min(rows.Count, _compute.Threads);
        _compute.Team.RunTasks(groups, group =>
        {
            // The longest first, so that those that still go on are the first ones; dealt out, so that threads have as much to do.
            SampleRun[] own = [.. rows.OrderByDescending(row => row.Drawn.Length).Where((_, index) => index % groups == group)];
            using var worker = new SampleWorker(this, own);
            worker.Run(cancellation);
        });
    }
}
