using CudaTts.Compute;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.ParallelWaveGan;

/// <summary>
/// The Parallel WaveGAN generator (arXiv:1910.11480; kan-bayashi/ParallelWaveGAN models/parallel_wavegan.py): a non-causal WaveNet that turns noise,
/// one number a sample, into speech, conditioned on the mel at the sample rate.
/// </summary>
public sealed class ParallelWaveGanGenerator : IDisposable
{
    // Frames of one row that go through the network at once. This bounds memory (v1: 330 kilobytes a frame); the context that each chunk computes
    // again is a sixteenth of it.
    private const int ChunkFrames = 512;
    private const int Buffers = 4;

    private readonly ParallelWaveGanConfig _config;
    private readonly ComputeDevice _device;
    private readonly ModelMemory _memory;
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
    {
        ParallelWaveGanGeometry.Check(config, weights.Source);
        (_config, _device) = (config, device);
        _memory = device.CreateModelMemory();
        try
        {
            _workspace = _memory.KeepWorkspace(Buffers);
            _audio = _memory.KeepWorkspace(buffers: 1);
            var shapes = ParallelWaveGanTensors.Expected(config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
            Tensor Take(string name) => weights.Take(name, shapes[name]);
            Conv1dWeights Pointwise(Tensor weight, string bias) => _memory.PackConv1d(weight, Take(bias), dilation: 1, padding: 0);
            _upsampling = new UpsamplingNetwork(config, Take, _memory);
            _first = Pointwise(Take("first_conv.weight"), "first_conv.bias");
            _layers = [.. Enumerable.Range(0, config.Layers).Select(layer => _memory.PackWaveNetLayer(Layer(layer, Take)))];

            // The skip connections' sum is scaled by the root of the layers' number; a positive factor passes the ReLU, so it joins the weight behind it.
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
            _memory.Dispose();
            throw;
        }
    }

    /// <summary>Samples that one mel frame becomes: the hop.</summary>
    public int SamplesPerFrame => _config.Mel.HopLength;

    /// <summary>Frames on each side that can influence a frame's samples.</summary>
    public int ContextFrames => ParallelWaveGanGeometry.ContextFrames(_config);

    private int WidestChannels => Math.Max(_config.Mel.MelBands, Math.Max(_config.ResidualChannels, _config.SkipChannels));

    /// <summary>Names and shapes of the noise for a mel of <paramref name="rows"/> rows of <paramref name="frames"/> frames.</summary>
    public IEnumerable<(string Name, int[] Shape)> NoiseShapes(int rows, int frames) => [("z", [rows, 1, frames * SamplesPerFrame])];

    /// <summary>Turns mel spectrograms into waveforms.</summary>
    /// <param name="mel">Log-mel under the config's contract, normalised, [B, bands, F].</param>
    /// <param name="noise">The noise; its sigma is 1 unless given.</param>
    /// <param name="cancellation">Looked at between layers.</param>
    /// <returns>Waveforms, [B, N], N = F * <see cref="SamplesPerFrame"/>.</returns>
    /// <exception cref="ArgumentException">The mel has another shape.</exception>
    /// <exception cref="CudaTtsException">Given noise has another shape.</exception>
    public Tensor Generate(Tensor mel, VocoderNoise noise, CancellationToken cancellation = default) => Generate(mel, noise, ChunkFrames, cancellation);

    /// <summary>
    /// Turns one mel spectrogram into its waveform piece by piece, each as soon as the one before has been taken. The pieces joined are the samples
    /// that <see cref="Generate(Tensor, VocoderNoise, CancellationToken)"/> gives.
    /// </summary>
    /// <param name="mel">Log-mel under the config's contract, normalised, [1, bands, F].</param>
    /// <param name="noise">The noise; its sigma is 1 unless given.</param>
    /// <param name="chunkFrames">Frames that become one piece; each costs twice <see cref="ContextFrames"/> more.</param>
    /// <param name="cancellation">Looked at between layers.</param>
    /// <returns>Waveforms, [1, N].</returns>
    /// <exception cref="ArgumentException">The mel has another shape.</exception>
    public IEnumerable<Tensor> GeneratePieces(Tensor mel, VocoderNoise noise, int chunkFrames, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkFrames, 1);
        CheckMel(mel);
        noise.Check(NoiseShapes(1, mel[2]));
        return MelChunk.Cut([mel], chunkFrames, ContextFrames).Select(chunk =>
        {
            var samples = Run([mel], [chunk], [noise], cancellation).Span;
            return Tensor.From(
                samples.Slice((chunk.Start - chunk.From) * SamplesPerFrame, chunk.Count * SamplesPerFrame), 1, chunk.Count * SamplesPerFrame);
        });
    }

    /// <summary>Turns mel spectrograms of different lengths into waveforms.</summary>
    /// <param name="mels">Log-mels under the config's contract, normalised, each [1, bands, F] with an F of its own.</param>
    /// <param name="noise">The noise of each.</param>
    /// <param name="cancellation">Looked at between layers.</param>
    /// <returns>For each its waveform, [1, N], N = F * <see cref="SamplesPerFrame"/>.</returns>
    /// <inheritdoc cref="Generate(Tensor, VocoderNoise, CancellationToken)" path="/exception"/>
    public Tensor[] Generate(IReadOnlyList<Tensor> mels, IReadOnlyList<VocoderNoise> noise, CancellationToken cancellation = default) =>
        Generate(mels, noise, ChunkFrames, cancellation);

    internal Tensor Generate(Tensor mel, VocoderNoise noise, int chunkFrames, CancellationToken cancellation)
    {
        CheckMel(mel, rows: null);
        Tensor[] rows = [.. Enumerable.Range(0, mel[0]).Select(row => mel.Slice(row, 1))];
        var audio = Generate(rows, noise.Rows(mel[0], NoiseShapes(mel[0], mel[2])), chunkFrames, cancellation);
        return MelChunk.Stack(audio, mel[2] * SamplesPerFrame);
    }

    private Tensor[] Generate(IReadOnlyList<Tensor> mels, IReadOnlyList<VocoderNoise> noise, int chunkFrames, CancellationToken cancellation)
    {
        for (var row = 0; row < mels.Count; row++)
        {
            CheckMel(mels[row]);
            noise[row].Check(NoiseShapes(1, mels[row][2]));
        }

        using var run = _memory.BeginRun();
        return MelChunk.Generate(
            mels, SamplesPerFrame, (chunkFrames, ContextFrames), _device, (long)WidestChannels * SamplesPerFrame, chunks => Run(mels, chunks, noise, cancellation));
    }

    private void CheckMel(Tensor mel, int? rows = 1)
    {
        if (mel.Rank != 3 || mel[1] != _config.Mel.MelBands || (rows ?? mel[0]) != mel[0])
        {
            throw new ArgumentException($"A mel [{(rows is null ? "B" : $"{rows}")}, {_config.Mel.MelBands}, F] was expected; found {mel}.");
        }
    }

    /// <summary>The chunks' audio, [chunks, N].</summary>
    private Tensor Run(IReadOnlyList<Tensor> mels, List<MelChunk> chunks, IReadOnlyList<VocoderNoise> noise, CancellationToken cancellation)
    {
        using var run = _memory.BeginRun();
        var (bands, hop) = (_config.Mel.MelBands, SamplesPerFrame);
        using var rows = _device.Rows([.. chunks.Select(chunk => chunk.Frames)]);
        using var padded = _device.Rows([.. chunks.Select(chunk => chunk.Frames + (2 * _upsampling.Margin))]);
        var elements = Math.Max((long)rows.Longest * hop * WidestChannels, (long)padded.Longest * bands);
        using var workspace = _workspace.Take(rows.Count * elements);
        using var narrow = _audio.Take((long)rows.Count * rows.Longest * hop);
        Tensor Sequence(int buffer, int channels) => workspace.Sequence(buffer, rows, channels, hop);

        var input = workspace.Sequence(2, padded, bands);
        _device.Upload(MelChunk.Gather(mels, chunks, margin: _upsampling.Margin), input);
        var (conditioning, taken) = _upsampling.Run(
            input, workspace.Sequence(1, padded, bands), (buffer, steps) => workspace.Sequence(buffer, rows, bands, steps), _device);

        var z = narrow.Sequence(0, rows, channels: 1, hop);
        VocoderNoise.Fill(noise, "z", 0, sigma: 1, chunks, z, _device);
        var (x, next, skip) = (Sequence(1 - taken, _config.ResidualChannels), Sequence(2, _config.ResidualChannels), Sequence(3, _config.SkipChannels));
        _device.Conv1d(z, _first, x);
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            _device.WaveNetLayer(x, conditioning, _layers[layer], _layers[layer].HasResidual ? next : null, skip, accumulate: layer > 0);
            (x, next) = (next, x);
        }

        var relu = new ConvFusion { InputSlope = 0 };
        var hidden = Sequence(2, _config.SkipChannels);
        _device.Conv1d(skip, _hidden, hidden, relu);
        _device.Conv1d(hidden, _last, z, relu);
        var audio = _device.Download(z);
        return audio.Reshape(chunks.Count, rows.Longest * hop);
    }

    /// <summary>Waits for the runs under way and frees all that the network has on its device.</summary>
    public void Dispose() => _memory.Dispose();

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
