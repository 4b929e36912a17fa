using CudaTts.Compute;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.ParallelWaveGan;

/// <summary>
/// The Parallel WaveGAN generator (arXiv:1910.11480; kan-bayashi/ParallelWaveGAN models/parallel_wavegan.py): a non-causal WaveNet that turns noise,
/// one number a sample, into speech, conditioned on the mel at the sample rate.
/// </summary>
public sealed class ParallelWaveGanGenerator : Vocoder
{
    // Frames of one row that go through the network at once. This bounds memory (v1: 330 kilobytes a frame); the context that each chunk computes
    // again is a sixteenth of it.
    private const int UsualChunkFrames = 512;
    private const int Buffers = 4;

    private readonly ParallelWaveGanConfig _config;
    private readonly UpsamplingNetwork _upsampling;
    private readonly Conv1dWeights _first;
    private readonly WaveNetLayerWeights[] _layers;
    private readonly Conv1dWeights _hidden;
    private readonly Conv1dWeights _last;
    private readonly Workspace.Kept _workspace;
    private readonly Workspace.Kept _audio;

    /// <summary>Prepares the network.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="weights">The tensors of <see cref="ParallelWaveGanTensors.Expected"/>.</param>
    /// <param name="device">Where it runs; stays the caller's to dispose.</param>
    /// <exception cref="WeightsException">The config contradicts itself, or a tensor is missing or of another shape.</exception>
    public ParallelWaveGanGenerator(ParallelWaveGanConfig config, ModelWeights weights, ComputeDevice device)
        : base(ParallelWaveGanConfig.TypeName, $"Parallel WaveGAN, {config.Layers} layers",
            ParallelWaveGanFormat.Instance.Check(config, weights.Source).Mel, device, MelStatistics.Named(config.Mel, weights))
    {
        (_config, ChunkFrames) = (config, UsualChunkFrames);
        try
        {
            _workspace = Memory.KeepWorkspace(Buffers);
            _audio = Memory.KeepWorkspace(buffers: 1);
            var shapes = ParallelWaveGanTensors.Expected(config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
            Tensor Take(string name) => weights.Take(name, shapes[name]);
            Conv1dWeights Pointwise(Tensor weight, string bias) => Memory.PackConv1d(weight, Take(bias), dilation: 1, padding: 0);
            _upsampling = new UpsamplingNetwork(config, Take, Memory);
            _first = Pointwise(Take("first_conv.weight"), "first_conv.bias");
            _layers = [.. Enumerable.Range(0, config.Layers).Select(layer => Memory.PackWaveNetLayer(Layer(layer, Take)))];

            // The skip connections' sum is scaled by the root of the layers' number;
            // a positive factor passes the ReLU, so it joins the weight behind it.
            var hidden = Take("last_conv_layers.1.weight");
            foreach (ref var value in hidden.Span)
            {
                value *= MathF.Sqrt(1f / config.Layers);
            }

            _hidden = Pointwise(hidden, "last_conv_layers.1.bias");
            _last = Pointwise(Take("last_conv_layers.3.weight"), "last_conv_layers.3.bias");
        }
        catch
        {
            Memory.Dispose();
            throw;
        }
    }

    /// <summary>Frames on each side that can influence a frame's samples.</summary>
    internal override int ContextFrames => ParallelWaveGanGeometry.ContextFrames(_config);

    private int WidestChannels => Math.Max(_config.Mel.MelBands, Math.Max(_config.ResidualChannels, _config.SkipChannels));

    /// <summary>Names and shapes of the noise for a mel of <paramref name="rows"/> rows of <paramref name="frames"/> frames.</summary>
    public override IEnumerable<NoiseShape> NoiseShapes(int rows, int frames) => [new("z", [rows, 1, frames * Mel.HopLength])];

    /// <inheritdoc/>
    public override StageWork? WorkOf(long frames) => ParallelWaveGanWork.Of(_config, frames, Device.ElementBytes);

    /// <inheritdoc/>
    private protected override Tensor[] GenerateRows(
        IReadOnlyList<Tensor> mels, IReadOnlyList<VocoderOptions> noise, CancellationToken cancellation) =>
        MelChunk.Generate(
            mels, Mel.HopLength, (ChunkFrames, ContextFrames), Device, (long)WidestChannels * Mel.HopLength, chunks =>
                Run(mels, chunks, noise, cancellation));

    /// <summary>The chunks' audio, [chunks, N].</summary>
    private Tensor Run(IReadOnlyList<Tensor> mels, List<MelChunk> chunks, IReadOnlyList<VocoderOptions> noise, CancellationToken cancellation)
    {
        var (bands, hop) = (_config.Mel.MelBands, Mel.HopLength);
        using var rows = Device.Rows([.. chunks.Select(chunk => chunk.Frames)]);
        using var padded = Device.Rows([.. chunks.Select(chunk => chunk.Frames + (2 * _upsampling.Margin))]);
        var elements = Math.Max((long)rows.Longest * hop * WidestChannels, (long)padded.Longest * bands);
        using var workspace = _workspace.Take(rows.Count * elements);
        using var narrow = _audio.Take((long)rows.Count * rows.Longest * hop);
        Tensor Sequence(int buffer, int channels) => workspace.Sequence(buffer, rows, channels, hop);

        var input = workspace.Sequence(2, padded, bands);
        Device.Upload(MelChunk.Gather(mels, chunks, margin: _upsampling.Margin), input);
        var (conditioning, taken) = _upsampling.Run(
            input, workspace.Sequence(1, padded, bands), (buffer, steps) => workspace.Sequence(buffer, rows, bands, steps), Device);

        var z = narrow.Sequence(0, rows, channels: 1, hop);
        VocoderOptions.Fill(noise, "z", 0, sigma: 1, chunks, z, Device);
        var (x, next, skip) =
            (Sequence(1 - taken, _config.ResidualChannels), Sequence(2, _config.ResidualChannels), Sequence(3, _config.SkipChannels));
        Device.Conv1d(z, _first, x);
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            Device.WaveNetLayer(x, conditioning, _layers[layer], _layers[layer].HasResidual ? next : null, skip, accumulate: layer > 0);
            (x, next) = (next, x);
        }

        var relu = new ConvFusion { InputSlope = 0 };
        var hidden = Sequence(2, _config.SkipChannels);
        Device.Conv1d(skip, _hidden, hidden, relu);
        Device.Conv1d(hidden, _last, z, relu);
        var audio = Device.Download(z);
        return audio.Reshape(chunks.Count, rows.Longest * hop);
    }

    private WaveNetLayerTensors Layer(int layer, Func<string, Tensor> take)
    {
        var prefix = $"conv_layers.{layer}.";

        // Nothing reads the last layer's residual.
        var hasResidual = layer < _config.Layers - 1;
        return new WaveNetLayerTensors
        {
            Dilated = take(prefix + "conv.weight"),
            GateBias = take(prefix + "conv.bias"),
            Conditioning = take(prefix + "conv1x1_aux.weight"),
            Residual = hasResidual ? take(prefix + "conv1x1_out.weight") : null,
            ResidualBias = hasResidual ? take(prefix + "conv1x1_out.bias") : null,
            Skip = take(prefix + "conv1x1_skip.weight"),
            SkipBias = take(prefix + "conv1x1_skip.bias"),
            Dilation = ParallelWaveGanGeometry.Dilation(_config, layer),
            ResidualScale = MathF.Sqrt(0.5f),
        };
    }
}
