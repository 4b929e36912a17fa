using CudaTts.Compute;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.Vits;

/// <summary>The second half of a VITS, latent frames to samples: an <see cref="UpsamplingStack"/> that knows the speaker.</summary>
public sealed class VitsDecoder : Vocoder
{
    private readonly VitsConfig _config;
    private readonly UpsamplingStack _network;
    private readonly SpeakerProjection? _speakers;

    /// <summary>Prepares the network.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="weights">The tensors of <see cref="VitsTensors.Expected"/>, of which it takes its own.</param>
    /// <param name="device">Where it runs; stays the caller's to dispose.</param>
    /// <exception cref="WeightsException">The config contradicts itself, or a tensor is missing or of another shape.</exception>
    public VitsDecoder(VitsConfig config, ModelWeights weights, ComputeDevice device)
        : base(VitsConfig.TypeName, "VITS decoder", VitsFormat.Instance.Check(config, weights.Source).Latent, device)
    {
        (_config, ChunkFrames) = (config, UpsamplingStack.UsualChunkFrames);
        try
        {
            var tensors = new VitsWeights(config, weights);
            _network = new UpsamplingStack(config.Decoder, name => tensors.Take($"dec.{name}"), Memory);
            _speakers = tensors.Speakers("dec.cond");
        }
        catch
        {
            Memory.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override int Speakers => _config.Speakers;

    /// <inheritdoc/>
    internal override int ContextFrames => _network.ContextFrames;

    // Frames of zeros are no silence here: nothing that the network makes of them is its hum.
    private protected override bool HasBias => false;

    /// <inheritdoc/>
    public override StageWork? WorkOf(long frames) => UpsamplingWork.Of(_config.Decoder, frames, Device.ElementBytes);

    /// <inheritdoc/>
    private protected override Tensor[] GenerateRows(
        IReadOnlyList<Tensor> mels, IReadOnlyList<VocoderOptions> noise, CancellationToken cancellation) =>
        _network.Generate(mels, ChunkFrames, _speakers?.Of([.. noise.Select(row => row.Speaker ?? 0)]), cancellation);
}
