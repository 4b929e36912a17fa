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
}
