using System.Text.Json.Serialization;

namespace CudaTts.Audio;

/// <summary>How the frames of a log-mel spectrogram lie over the samples.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MelFraming>))]
public enum MelFraming
{
    /// <summary>Reflect padding of (n_fft - hop) / 2 on both sides: N / hop frames (HiFi-GAN's meldataset.py).</summary>
    [JsonStringEnumMemberName("hifigan")]
    HifiGan,

    /// <summary>Reflect padding of n_fft / 2, frames centred on multiples of the hop: N / hop + 1 frames (NVIDIA/tacotron2 stft.py).</summary>
    [JsonStringEnumMemberName("nvidia")]
    Nvidia,
}

/// <summary>The logarithm of a log-mel spectrogram.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MelLog>))]
public enum MelLog
{
    /// <summary>The logarithm to base e.</summary>
    [JsonStringEnumMemberName("natural")]
    Natural,

    /// <summary>Logarithm to base ten.</summary>
    [JsonStringEnumMemberName("log10")]
    Log10,
}

/// <summary>
/// What an acoustic model and a vocoder must agree on for the mel of the one to be the input of the other.
/// Framing is not part of the agreement: the two framings differ by a shift, not in values' meaning.
/// </summary>
public sealed record MelContract
{
    /// <summary>The <see cref="Normalisation"/> of what is no mel at all: a network's own latent frames, which only its other half reads.</summary>
    public const string Latent = "latent";

    /// <summary>Samples a second, Hz.</summary>
    [JsonPropertyName("sample_rate")]
    public int SampleRate { get; init; } = 22050;

    /// <summary>Length of the Fourier transform, samples.</summary>
    [JsonPropertyName("n_fft")]
    public int FftLength { get; init; } = 1024;

    /// <summary>Samples from one frame to the next.</summary>
    [JsonPropertyName("hop_length")]
    public int HopLength { get; init; } = 256;

    /// <summary>Length of the Hann window, samples.</summary>
    [JsonPropertyName("window_length")]
    public int WindowLength { get; init; } = 1024;

    /// <summary>Number of mel bands (Slaney scale, Slaney area normalisation).</summary>
    [JsonPropertyName("mel_bands")]
    public int MelBands { get; init; } = 80;

    /// <summary>Lower edge of the lowest band, Hz.</summary>
    [JsonPropertyName("fmin")]
    public double LowestFrequency { get; init; }

    /// <summary>Upper edge of the highest band, Hz.</summary>
    [JsonPropertyName("fmax")]
    public double HighestFrequency { get; init; } = 8000;

    /// <summary>The logarithm taken.</summary>
    [JsonPropertyName("log")]
    public MelLog Log { get; init; } = MelLog.Natural;

    /// <summary>Smallest magnitude before the logarithm.</summary>
    [JsonPropertyName("floor")]
    public double Floor { get; init; } = 1e-5;

    /// <summary>What is done after the logarithm: <c>none</c>, or <c>mean-variance</c> with the hash of the statistics.</summary>
    [JsonPropertyName("normalisation")]
    public string Normalisation { get; init; } = "none";

    /// <summary>Whether the frames are a network's own, which no other network and no formula can read.</summary>
    [JsonIgnore]
    public bool IsLatent => Normalisation == Latent;

    /// <summary>What two contracts must have in common to be equal; the names are those of config.json.</summary>
    private static readonly (string Name, Func<MelContract, object> Value)[] s_fields =
    [
        ("sample_rate", mel => mel.SampleRate),
        ("n_fft", mel => mel.FftLength),
        ("hop_length", mel => mel.HopLength),
        ("window_length", mel => mel.WindowLength),
        ("mel_bands", mel => mel.MelBands),
        ("fmin", mel => mel.LowestFrequency),
        ("fmax", mel => mel.HighestFrequency),
        ("log", mel => mel.Log == MelLog.Log10 ? "log10" : "natural"),
        ("floor", mel => mel.Floor),
        ("normalisation", mel => mel.Normalisation),
    ];

    /// <summary>What differs from another contract, each with this one's value and the other's; empty when they are equal.</summary>
    public IEnumerable<(string Name, object This, object Other)> DifferencesFrom(MelContract other) => s_fields
        .Select(field => (field.Name, This: field.Value(this), Other: field.Value(other)))
        .Where(field => !field.This.Equals(field.Other));

    /// <inheritdoc/>
    public bool Equals(MelContract? other) => other is not null && !DifferencesFrom(other).Any();

    /// <inheritdoc/>
    public override int GetHashCode() => s_fields.Aggregate(0, (hash, field) => HashCode.Combine(hash, field.Value(this)));
}
