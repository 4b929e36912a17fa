using CudaTts.Audio;
using CudaTts.Weights;

namespace CudaTts.Models;

/// <summary>What the rules of a config have in common: each refuses a value by its name in config.json, before a size from it is used.</summary>
/// <param name="source">What error messages call the config.</param>
/// <param name="claims">What values were read from, the one that counts most last: a value is refused where it was read.</param>
internal sealed class ConfigRules(string source, params SourceConfig?[] claims)
{
    /// <summary>The most that a width of any network may be.</summary>
    public const int WidthLimit = 1 << 16;

    /// <summary>The most that a number of layers may be.</summary>
    public const int CountLimit = 64;

    /// <summary>Requires the <c>model_type</c>.</summary>
    public void Type(string found, string expected) => Require(found == expected, "model_type", $"\"{expected}\"", found);

    /// <summary>Requires a number within a range, both ends included.</summary>
    public void Range(string name, int value, int least, int most) => Require(value >= least && value <= most, name, $"{least} to {most}", value);

    /// <summary>Requires what holds of the value of a name.</summary>
    /// <exception cref="WeightsException">It does not hold.</exception>
    public void Require<T>(bool holds, string name, string expected, T found)
    {
        if (!holds)
        {
            var place = claims.Select(claim => claim?.PlaceOf(name)).LastOrDefault(place => place is not null) ?? $"{source}: {name}";
            throw new WeightsException(FormattableString.Invariant($"{place}: expected {expected}, found {found}."));
        }
    }

    /// <summary>Requires a mel spectrogram that can be computed.</summary>
    public void Mel(MelContract mel)
    {
        Range("mel.sample_rate", mel.SampleRate, 1000, 1_000_000);
        Range("mel.n_fft", mel.FftLength, 16, WidthLimit);
        Range("mel.hop_length", mel.HopLength, 1, mel.FftLength);
        Range("mel.window_length", mel.WindowLength, 1, mel.FftLength);
        Range("mel.mel_bands", mel.MelBands, 1, mel.FftLength / 2);
        var isOrdered = mel.LowestFrequency >= 0 && mel.LowestFrequency < mel.HighestFrequency;
        Require(isOrdered, "mel.fmin", FormattableString.Invariant($"within 0 and fmax {mel.HighestFrequency}"), mel.LowestFrequency);
        Require(mel.HighestFrequency <= mel.SampleRate / 2.0, "mel.fmax", $"at most half of sample_rate {mel.SampleRate}", mel.HighestFrequency);
        Require(Enum.IsDefined(mel.Log), "mel.log", "\"natural\" or \"log10\"", mel.Log);
        Require(mel.Floor is > 0 and <= 1, "mel.floor", "above 0 and at most 1", mel.Floor);
        Require(
            MelStatistics.IsNormalisation(mel.Normalisation), "mel.normalisation",
            "\"none\", \"mean-variance\", that with a colon and the 16 digits of the statistics' hash, or \"unit-range:20:100\"",
            $"\"{mel.Normalisation}\"");
    }

    /// <summary>Requires a list of as many numbers as a network has of something.</summary>
    public void Count(string name, Array? values, int most) =>
        Require(values?.Length >= 1 && values.Length <= most, name, $"a list of 1 to {most} numbers", values is null ? "none" : $"{values.Length}");
}
