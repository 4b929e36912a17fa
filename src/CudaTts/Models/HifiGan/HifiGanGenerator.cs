using CudaTts.Compute;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.HifiGan;

/// <summary>The HiFi-GAN generator (arXiv:2010.05646; jik876/hifi-gan models.py): an <see cref="UpsamplingStack"/> that reads log-mels.</summary>
public sealed class HifiGanGenerator : Vocoder
{
    private readonly HifiGanConfig _config;
    private readonly UpsamplingStack _network;

    /// <summary>Prepares the network.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="weights">The tensors of <see cref="HifiGanTensors.Expected"/>.</param>
    /// <param name="device">Where it runs; stays the caller's to dispose.</param>
    /// <exception cref="WeightsException">The config contradicts itself, or a tensor is missing or of another shape.</exception>
    public HifiGanGenerator(HifiGanConfig config, ModelWeights weights, ComputeDevice device)
        : base(HifiGanConfig.TypeName, HifiGanWork.Title(HifiGanFormat.Instance.Check(config, weights.Source)), config.Mel, device,
            MelStatistics.Named(config.Mel, weights))
    {
        (_config, ChunkFrames) = (config, UpsamplingStack.UsualChunkFrames);
        try
        {
            var shapes = HifiGanTensors.Expected(config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
            _network = new UpsamplingStack(config.Sizes, name => weights.Take(name, shapes[name]), Memory);
        }
        catch
        {
            Memory.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    internal override int ContextFrames => _network.ContextFrames;

    /// <inheritdoc/>
    public override StageWork? WorkOf(long frames) => HifiGanWork.Of(_config, frames, Device.ElementBytes);

    /// <summary>Turns mel spectrograms of one length into waveforms.</summary>
    /// <param name="mel">Log-mels under the config's contract, [B, bands, F].</param>
    /// <param name="cancellation">Looked at between layers.</param>
    /// <returns>Waveforms within -1 and 1, [B, N], N = F * hop.</returns>
    /// <exception cref="ArgumentException">The mel has another shape.</exception>
    public Tensor Generate(Tensor mel, CancellationToken cancellation = default) => Generate(mel, new VocoderOptions(), cancellation);

    /// <inheritdoc/>
    private protected override Tensor[] GenerateRows(
        IReadOnlyList<Tensor> mels, IReadOnlyList<VocoderOptions> noise, CancellationToken cancellation) =>
        _network.Generate(mels, ChunkFrames, vectors: null, cancellation);
}
