using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Models.HifiGan;
using CudaTts.Models.ParallelWaveGan;
using CudaTts.Models.WaveGlow;
using CudaTts.Tensors;

namespace CudaTts.Models;

/// <summary>The last step of the pipeline: log-mel [B, 80, F] to samples [B, N], whichever network does it. Several threads may generate at once.</summary>
public sealed class Vocoder
{
    /// <summary>What voice.json and <c>--model</c> say for the vocoder that needs no weights.</summary>
    public const string GriffinLimName = "griffin-lim";

    private readonly ComputeDevice _device;
    private readonly Network _network;
    private readonly Lazy<Denoiser> _denoiser;

    private Vocoder(string name, MelContract mel, ComputeDevice device, Network network)
    {
        (Name, Mel, _device, _network) = (name, mel, device, network);
        _denoiser = new Lazy<Denoiser>(MeasureBias);
    }

    /// <summary>The network: <c>hifigan</c>, <c>waveglow</c>, <c>parallel_wavegan</c> or <c>griffin-lim</c>.</summary>
    public string Name { get; }

    /// <summary>The network with its size, as <c>HiFi-GAN V1</c>.</summary>
    public string Title => _network.Title;

    /// <summary>What the vocoder takes its mel to mean.</summary>
    public MelContract Mel { get; }

    /// <summary>Whether the network makes speech of noise, which can be given.</summary>
    public bool ReadsNoise => _network.NoiseShapes is not null;

    /// <summary>Frames on each side that a frame's samples depend on; null when they depend on all of the mel.</summary>
    internal int? ContextFrames => _network.ContextFrames;

    /// <summary>What so many mel frames, of all rows together, take at least; null for Griffin-Lim, whose transforms are not counted.</summary>
    public StageWork? WorkOf(long frames) => _network.Work?.Invoke(frames);

    /// <summary>The fast Griffin-Lim algorithm, for any mel.</summary>
    public static Vocoder GriffinLim(MelContract mel, ComputeDevice device)
    {
        ArgumentNullException.ThrowIfNull(mel);
        ArgumentNullException.ThrowIfNull(device);
        var algorithm = new GriffinLim.GriffinLimAlgorithm(mel, device.Threads);
        return new Vocoder(GriffinLimName, mel, device, new Network(
            "Griffin-Lim", (mels, noise, cancellation) => [.. mels.Zip(noise, (one, its) => algorithm.Generate(one, its.Seed, cancellation))]));
    }

    /// <summary>The network of a model folder; its config.json says which it is.</summary>
    /// <exception cref="WeightsException">The folder is incomplete, damaged, or holds something else than a vocoder.</exception>
    public static Vocoder Load(string folder, ComputeDevice device)
    {
        var model = ModelFolder.Open(folder);
        return model.Type switch
        {
            HifiGanConfig.TypeName => HifiGan(model, device),
            WaveGlowConfig.TypeName => WaveGlow(model, device),
            ParallelWaveGanConfig.TypeName => ParallelWaveGan(model, device),
            _ => throw new WeightsException(
                $"{folder}: expected a vocoder ({HifiGanConfig.TypeName}, {WaveGlowConfig.TypeName} or {ParallelWaveGanConfig.TypeName}), "
                + $"found the model type '{model.Type}'."),
        };
    }

    /// <summary>Makes sound of log-mels, on a device that takes batches side by side.</summary>
    /// <param name="mels">Log-mels that follow <see cref="Mel"/>, each [1, 80, F] with an F of its own.</param>
    /// <param name="noise">One for each mel: the noise or its seed, which also chooses Griffin-Lim's first phases; HiFi-GAN does not look at it.</param>
    /// <param name="cancellation">Looked at between layers or iterations.</param>
    /// <returns>For each, samples [1, F * hop].</returns>
    /// <exception cref="OperationCanceledException">Cancelled; there is no half result.</exception>
    /// <exception cref="CudaTtsException">Given noise is missing or of another shape.</exception>
    public Tensor[] Generate(IReadOnlyList<Tensor> mels, IReadOnlyList<VocoderNoise> noise, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(mels);
        ArgumentNullException.ThrowIfNull(noise);
        ArgumentOutOfRangeException.ThrowIfNotEqual(noise.Count, mels.Count, nameof(noise));
        using var stage = Name == GriffinLimName ? _device.BeginHostStage(Stage.Vocoder) : _device.BeginStage(Stage.Vocoder);
        return _network.Generate(mels, noise, cancellation);
    }

    /// <summary>
    /// Takes away the hum that the network adds of itself, as the public WaveGlow code does: the spectrum that it makes of a mel of zeros without noise,
    /// times the strength, is subtracted.
    /// </summary>
    /// <param name="audio">Samples [1, N].</param>
    /// <param name="strength">How much to subtract; the public WaveGlow code has 0.01 to 0.1. Nothing happens at 0.</param>
    /// <returns>Samples [1, N].</returns>
    /// <exception cref="CudaTtsException">The vocoder has no such hum, or its Fourier transform no length of a power of two.</exception>
    public Tensor Denoise(Tensor audio, float strength)
    {
        ArgumentNullException.ThrowIfNull(audio);
        if (strength == 0)
        {
            return audio;
        }

        RequireStrength(strength);
        return Tensor.From(_denoiser.Value.Apply(audio.Span, strength), audio.Shape);
    }

    /// <summary>Refuses a denoiser's strength that cannot be meant.</summary>
    /// <exception cref="CudaTtsException">Not within 0 and 10, or there is no hum to take away.</exception>
    public void RequireStrength(float strength)
    {
        if (!(strength is >= 0 and <= 10))
        {
            throw new CudaTtsException(FormattableString.Invariant($"denoise: expected a strength from 0 to 10, found {strength}."));
        }

        if (strength > 0 && (Name == GriffinLimName || !FourierTransform.IsSupported(Mel.FftLength)))
        {
            throw new CudaTtsException(Name == GriffinLimName
                ? $"denoise: {GriffinLimName} adds no hum of its own that could be taken away; leave it out."
                : $"denoise: expected an n_fft that is a power of two, found {Mel.FftLength}.");
        }
    }

    /// <summary>
    /// This vocoder for mels of another contract, converted as far as that is possible: base of the logarithm, floor, normalisation. The sound suffers.
    /// </summary>
    /// <exception cref="VoiceException">Bands, hop or sample rate differ, which nothing can convert.</exception>
    internal Vocoder Reading(MelContract other)
    {
        var convert = MelConversion.Between(other, Mel, _network.Statistics) ?? throw new VoiceException(
            $"the vocoder {Name} reads {Mel.MelBands} bands every {Mel.HopLength} samples at {Mel.SampleRate} Hz, the acoustic model makes {other.MelBands} "
            + $"every {other.HopLength} at {other.SampleRate} Hz; no conversion helps.");
        return new Vocoder(Name, other, _device, _network with
        {
            Generate = (mels, noise, cancellation) => _network.Generate([.. mels.Select(convert)], noise, cancellation),
        });
    }

    private static Vocoder HifiGan(ModelFolder model, ComputeDevice device)
    {
        var config = model.Config<HifiGanConfig>();
        var network = new HifiGanGenerator(config, model.Weights, device);
        var title = HifiGanWork.Title(config);
        return new Vocoder(model.Type, config.Mel, device, new Network(title, (mels, _, cancellation) => network.Generate(mels, cancellation))
        {
            ContextFrames = network.ContextFrames,
            Work = frames => HifiGanWork.Of(config, frames, device.ElementBytes),
        });
    }

    private static Vocoder WaveGlow(ModelFolder model, ComputeDevice device)
    {
        var config = model.Config<WaveGlowConfig>();
        var network = new WaveGlowGenerator(config, model.Weights, device);
        return new Vocoder(model.Type, config.Mel, device, new Network($"WaveGlow, {config.Channels} channels", network.Generate)
        {
            NoiseShapes = network.NoiseShapes,
            ContextFrames = network.ContextFrames,
            Work = frames => WaveGlowWork.Of(config, frames, device.ElementBytes),
        });
    }

    private static Vocoder ParallelWaveGan(ModelFolder model, ComputeDevice device)
    {
        var config = model.Config<ParallelWaveGanConfig>();
        var network = new ParallelWaveGanGenerator(config, model.Weights, device);
        var hasStatistics = config.Mel.Normalisation.StartsWith(MelStatistics.ContractPrefix, StringComparison.Ordinal);
        return new Vocoder(model.Type, config.Mel, device, new Network($"Parallel WaveGAN, {config.Layers} layers", network.Generate)
        {
            NoiseShapes = network.NoiseShapes,
            ContextFrames = network.ContextFrames,
            Work = frames => ParallelWaveGanWork.Of(config, frames, device.ElementBytes),
            Statistics = hasStatistics ? MelStatistics.Of(model.Weights, config.Mel.MelBands) : null,
        });
    }

    /// <summary>The noise of each row of a mel [B, 80, F], from noise that is given for all of it.</summary>
    /// <exception cref="CudaTtsException">Given noise is missing or of another shape.</exception>
    public IReadOnlyList<VocoderNoise> NoiseOfRows(VocoderNoise noise, int rows, int frames)
    {
        ArgumentNullException.ThrowIfNull(noise);
        return noise.Rows(rows, _network.NoiseShapes?.Invoke(rows, frames) ?? []);
    }

    private Denoiser MeasureBias()
    {
        var audio = _network.Generate([Denoiser.ZeroMel(Mel)], [new VocoderNoise { Sigma = 0 }], CancellationToken.None);
        return new Denoiser(audio[0].Span, Mel.FftLength);
    }

    /// <summary>What a vocoder asks of its network.</summary>
    private sealed record Network(string Title, Func<IReadOnlyList<Tensor>, IReadOnlyList<VocoderNoise>, CancellationToken, Tensor[]> Generate)
    {
        /// <summary>Names and shapes of the noise for so many rows and frames; null when the network reads none.</summary>
        public Func<int, int, IEnumerable<(string Name, int[] Shape)>>? NoiseShapes { get; init; }

        /// <summary>Frames on each side that a frame's samples depend on; null when they depend on all of the mel.</summary>
        public int? ContextFrames { get; init; }

        /// <summary>What so many frames, of all rows together, take at least; null where that is not counted.</summary>
        public Func<long, StageWork>? Work { get; init; }

        /// <summary>By which the network's mel is normalised, where they are known.</summary>
        public MelStatistics? Statistics { get; init; }
    }
}
