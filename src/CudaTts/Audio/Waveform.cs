namespace CudaTts.Audio;

/// <summary>One channel of sound.</summary>
public sealed class Waveform
{
    /// <summary>Wraps samples without copying them.</summary>
    /// <param name="samples">Samples [N], nominally within -1 and 1.</param>
    /// <param name="sampleRate">Samples a second, Hz.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not positive.</exception>
    public Waveform(float[] samples, int sampleRate)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sampleRate);
        Samples = samples;
        SampleRate = sampleRate;
    }

    /// <summary>The samples [N], nominally within -1 and 1.</summary>
    public float[] Samples { get; }

    /// <summary>Samples a second, Hz.</summary>
    public int SampleRate { get; }

    /// <summary>How long the sound lasts.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds((double)Samples.Length / SampleRate);

    /// <summary>The same sound at another rate; what the new rate cannot hold is filtered out.</summary>
    /// <param name="sampleRate">Samples a second, Hz.</param>
    /// <exception cref="AudioException">More samples than one recording may have.</exception>
    public Waveform Resample(int sampleRate)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sampleRate);
        if (sampleRate == SampleRate)
        {
            return this;
        }

        var length = Math.Round((double)Samples.Length * sampleRate / SampleRate);
        return length <= SoundReader.MostSamples
            ? new Waveform(SincResampler.Apply(Samples, (int)length), sampleRate)
            : throw new AudioException(
                $"{Samples.Length} samples at {SampleRate} Hz would become {length:F0} at {sampleRate} Hz, more than {SoundReader.MostSamples}; "
                + "split the recording.");
    }
}
