using System.Collections.Concurrent;
using CudaTts.Audio;

namespace CudaTts.Quality.Signals;

/// <summary>
/// One channel of sound as the measures take it: float64, nominally within -1 and 1. Its samples must not be changed once it is measured: what it is
/// at other rates is kept.
/// </summary>
public sealed class Signal
{
    /// <summary>What a sample of 1 is on the scale of 16-bit integers, which some measures are defined on.</summary>
    internal const double Int16Scale = 32768;

    // Several measures work at one rate.
    private readonly ConcurrentDictionary<int, Signal> _resampled = new();

    /// <summary>Wraps samples without copying them.</summary>
    /// <param name="samples">Samples [N], nominally within -1 and 1: a 16-bit integer divided by 32768.</param>
    /// <param name="sampleRate">Samples a second, Hz.</param>
    /// <exception cref="ArgumentException">A sample is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not positive.</exception>
    public Signal(double[] samples, int sampleRate)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sampleRate);
        if (!Array.TrueForAll(samples, double.IsFinite))
        {
            throw new ArgumentException("Expected finite samples.", nameof(samples));
        }

        Samples = samples;
        SampleRate = sampleRate;
    }

    /// <summary>The samples [N].</summary>
    public double[] Samples { get; }

    /// <summary>Samples a second, Hz.</summary>
    public int SampleRate { get; }

    /// <summary>Seconds that it lasts.</summary>
    public double Seconds => (double)Samples.Length / SampleRate;

    /// <summary>Takes the samples of a recording.</summary>
    /// <param name="waveform">The recording.</param>
    /// <exception cref="AudioException">A sample is not finite.</exception>
    public static Signal Of(Waveform waveform)
    {
        ArgumentNullException.ThrowIfNull(waveform);
        var damaged = Array.FindIndex(waveform.Samples, sample => !float.IsFinite(sample));
        return damaged < 0
            ? new Signal(Array.ConvertAll(waveform.Samples, sample => (double)sample), waveform.SampleRate)
            : throw new AudioException($"sample {damaged} of {waveform.Samples.Length} is no finite number: the sound cannot be measured.");
    }

    /// <summary>The same sound at another rate (<see cref="RationalResampler"/>); itself where the rate is its own.</summary>
    /// <param name="sampleRate">Samples a second, Hz.</param>
    public Signal Resample(int sampleRate) => sampleRate == SampleRate ? this : _resampled.GetOrAdd(
        sampleRate, (rate, signal) => new Signal(RationalResampler.Apply(signal.Samples, signal.SampleRate, rate), rate), this);

    /// <summary>The first samples, at most <paramref name="count"/>.</summary>
    internal Signal Truncate(int count) => count >= Samples.Length ? this : new Signal(Samples[..count], SampleRate);
}
