using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models;

/// <summary>
/// The last network of the pipeline: log-mel [B, bands, F] to samples [B, N], whichever network does it. Several threads may generate at once.
/// </summary>
public abstract class Vocoder : Model
{
    /// <summary>What voice.json and <c>--model</c> say for the vocoder that needs no weights.</summary>
    public const string GriffinLimName = "griffin-lim";

    /// <summary>The longest speech of one call, of all rows together, in seconds; nothing longer is asked of a voice at once.</summary>
    public const int MostSeconds = 3600;

    /// <summary>Most rows of a mel.</summary>
    public const int MostRows = 1024;

    /// <summary>The greatest strength of the denoiser; the least is 0.</summary>
    public const float StrongestDenoising = 10;

    private readonly Lazy<Denoiser> _denoiser;

    /// <summary>What config.json calls the networks that <see cref="Load"/> knows.</summary>
    public static IReadOnlyList<string> Types { get; } =
        [.. ModelFormat.All.Where(format => format.Kinds.Contains(typeof(Vocoder))).Select(format => format.Type)];

    private protected Vocoder(string name, string title, MelContract mel, ComputeDevice device, MelStatistics? statistics = null)
        : base(name, title, mel, device)
    {
        Statistics = statistics;
        _denoiser = new Lazy<Denoiser>(MeasureBias, LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>Whether the network makes speech of noise, which can be given.</summary>
    public bool ReadsNoise => NoiseShapes(rows: 1, frames: 1).Any();

    /// <summary>How many speakers there are to choose from; 0 where the network knows of none.</summary>
    public virtual int Speakers => 0;

    /// <summary>
    /// Frames on each side that a frame's samples depend on; those further before count too where the vocoder remembers them
    /// (<see cref="VocoderStream"/>).
    /// </summary>
    internal abstract int ContextFrames { get; }

    /// <summary>The parts of a mel end at multiples of so many frames, all but the last.</summary>
    internal virtual int ChunkMultiple => 1;

    /// <summary>Frames of one row that go through the network at once, their context aside, where the network cuts a mel into chunks.</summary>
    internal int ChunkFrames { get; set; }

    /// <summary>Whether a mel of zeros shows a bias of its own, the hum that <see cref="Denoise"/> takes away.</summary>
    private protected virtual bool HasBias => true;

    /// <summary>By which the network's mel is normalised, where they are known.</summary>
    private protected MelStatistics? Statistics { get; }

    /// <summary>The fast Griffin-Lim algorithm, for any mel.</summary>
    public static Vocoder GriffinLim(MelContract mel, ComputeDevice device)
    {
        ArgumentNullException.ThrowIfNull(mel);
        ArgumentNullException.ThrowIfNull(device);
        return new GriffinLim.GriffinLimVocoder(mel, device);
    }

    /// <summary>The network of a model folder; its config.json says which it is.</summary>
    /// <exception cref="WeightsException">The folder is incomplete, damaged, or holds something else than a vocoder.</exception>
    public static Vocoder Load(string folder, ComputeDevice device) => ModelFormat.Load<Vocoder>(folder, device);

    /// <summary>What so many mel frames, of all rows together, take at least; null where that is not counted.</summary>
    public virtual StageWork? WorkOf(long frames) => null;

    /// <summary>
    /// The noise that a mel of so many rows and frames is made speech of, in the order of use; none where no noise is read.
    /// </summary>
    public virtual IEnumerable<NoiseShape> NoiseShapes(int rows, int frames) => [];

    /// <summary>Refuses a mel that is larger than one call takes, which can be asked before it is read.</summary>
    /// <param name="rows">B.</param>
    /// <param name="frames">F.</param>
    /// <exception cref="CudaTtsException">Says what would be possible.</exception>
    public void RequireSize(long rows, long frames)
    {
        var most = (long)MostSeconds * Mel.SampleRate / Mel.HopLength;
        if (rows > MostRows || rows * frames > most)
        {
            throw new CudaTtsException(
                $"mel: expected at most {MostRows} rows and {most} frames of all rows together ({MostSeconds} s), found {rows} rows of "
                + $"{frames} frames; divide it.");
        }
    }

    /// <summary>Makes sound of log-mels, on a device that takes batches side by side.</summary>
    /// <param name="mels">Log-mels that follow <see cref="Model.Mel"/>, each [1, bands, F] with an F of its own.</param>
    /// <param name="noise">One for each mel: the noise or its seed, which also chooses Griffin-Lim's first phases; HiFi-GAN does not look at
    /// it.</param>
    /// <param name="cancellation">Looked at between layers or iterations.</param>
    /// <returns>For each, samples [1, F * hop].</returns>
    /// <exception cref="ArgumentException">A mel has another shape.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; there is no half result.</exception>
    /// <exception cref="CudaTtsException">
    /// Given noise is missing, of another shape, or out of its range; or the network put out a value that is not finite.
    /// </exception>
    public Tensor[] Generate(IReadOnlyList<Tensor> mels, IReadOnlyList<VocoderOptions> noise, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(mels);
        ArgumentNullException.ThrowIfNull(noise);
        ArgumentOutOfRangeException.ThrowIfNotEqual(noise.Count, mels.Count, nameof(noise));
        for (var row = 0; row < mels.Count; row++)
        {
            RequireMel(mels[row], rows: 1);
            noise[row].Check(NoiseShapes(rows: 1, mels[row][2]));
            SpeakerChoice.Require(noise[row].Speaker, Speakers, Name);
        }

        using var run = Memory.BeginRun();
        using var stage = BeginStage();
        return GenerateRows(mels, noise, cancellation);
    }

    /// <summary>Makes sound of mels of one length.</summary>
    /// <param name="mel">Log-mels that follow <see cref="Model.Mel"/>, [B, bands, F].</param>
    /// <param name="noise">Noise for all of it, or a seed, whose utterances the rows number.</param>
    /// <param name="cancellation">Looked at between layers or iterations.</param>
    /// <returns>Samples [B, N], N = F * hop.</returns>
    /// <inheritdoc cref="Generate(IReadOnlyList{Tensor}, IReadOnlyList{VocoderOptions}, CancellationToken)" path="/exception"/>
    public Tensor Generate(Tensor mel, VocoderOptions noise, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(mel);
        ArgumentNullException.ThrowIfNull(noise);
        RequireMel(mel, rows: null);
        RequireSize(mel[0], mel[2]);
        Tensor[] rows = [.. Enumerable.Range(0, mel[0]).Select(row => mel.Slice(row, 1))];
        return MelChunk.Stack(Generate(rows, noise.Rows(mel[0], NoiseShapes(mel[0], mel[2])), cancellation), mel[2] * Mel.HopLength);
    }

    /// <summary>
    /// Takes away the hum that the network adds of itself, as the public WaveGlow code does: the spectrum that it makes of a mel of zeros without
    /// noise, times the strength, is subtracted.
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
        if (!(strength is >= 0 and <= StrongestDenoising))
        {
            throw new CudaTtsException(
                FormattableString.Invariant($"denoise: expected a strength from 0 to {StrongestDenoising}, found {strength}."));
        }

        if (strength > 0 && !HasBias)
        {
            throw new CudaTtsException($"denoise: {Name} adds no hum of its own that could be taken away; leave it out.");
        }

        if (strength > 0 && !FourierTransform.IsSupported(Mel.FftLength))
        {
            throw new CudaTtsException($"denoise: expected an n_fft that is a power of two, found {Mel.FftLength}.");
        }
    }

    /// <summary>Whether a mel of another contract can be converted to this vocoder's.</summary>
    internal bool CanRead(MelContract other) => MelConversion.Between(other, Mel, Statistics) is not null;

    /// <summary>
    /// This vocoder, which the new one owns, for mels of another contract, converted as far as that is possible: base of the logarithm, floor,
    /// normalisation. The sound suffers.
    /// </summary>
    /// <exception cref="VoiceException">Bands, hop or sample rate differ, which nothing can convert.</exception>
    internal Vocoder Reading(MelContract other)
    {
        var convert = MelConversion.Between(other, Mel, Statistics) ?? throw new VoiceException(
            $"the vocoder {Name} reads {Mel.MelBands} bands every {Mel.HopLength} samples at {Mel.SampleRate} Hz, the acoustic model makes "
            + $"{other.MelBands} every {other.HopLength} at {other.SampleRate} Hz; no conversion helps: take a vocoder that was made for the mel, "
            + $"or {GriffinLimName}.");
        return new ConvertingVocoder(this, other, convert, Device);
    }

    /// <summary>Makes sound of checked mels, each [1, bands, F], and of their noise.</summary>
    private protected abstract Tensor[] GenerateRows(IReadOnlyList<Tensor> mels, IReadOnlyList<VocoderOptions> noise, CancellationToken cancellation);

    private protected virtual StageScope BeginStage() => Device.BeginStage(Stage.Vocoder);

    private void RequireMel(Tensor mel, int? rows)
    {
        if (mel.Rank != 3 || mel[1] != Mel.MelBands || (rows ?? mel[0]) != mel[0])
        {
            throw new ArgumentException($"A mel [{(rows is null ? "B" : $"{rows}")}, {Mel.MelBands}, F] was expected; found {mel}.");
        }
    }

    private Denoiser MeasureBias()
    {
        using var run = Memory.BeginRun();
        var audio = GenerateRows([Denoiser.ZeroMel(Mel)], [new VocoderOptions { Sigma = 0 }], CancellationToken.None);
        return new Denoiser(audio[0].Span, Mel.FftLength);
    }

    /// <summary>A vocoder behind a conversion of its mel.</summary>
    private sealed class ConvertingVocoder(Vocoder vocoder, MelContract mel, Func<Tensor, Tensor> convert, ComputeDevice device)
        : Vocoder(vocoder.Name, vocoder.Title, mel, device)
    {
        internal override int ContextFrames => vocoder.ContextFrames;

        internal override int ChunkMultiple => vocoder.ChunkMultiple;

        public override int Speakers => vocoder.Speakers;

        private protected override bool HasBias => vocoder.HasBias;

        public override StageWork? WorkOf(long frames) => vocoder.WorkOf(frames);

        public override IEnumerable<NoiseShape> NoiseShapes(int rows, int frames) => vocoder.NoiseShapes(rows, frames);

        private protected override Tensor[] GenerateRows(
            IReadOnlyList<Tensor> mels, IReadOnlyList<VocoderOptions> noise, CancellationToken cancellation) =>
            vocoder.GenerateRows([.. mels.Select(convert)], noise, cancellation);

        private protected override StageScope BeginStage() => vocoder.BeginStage();

        private protected override void ReleaseOthers() => vocoder.Dispose();
    }
}
