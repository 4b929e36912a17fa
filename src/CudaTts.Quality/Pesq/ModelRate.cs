using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Pesq;

/// <summary>What P.862 fixes for one of the two rates that it works at: lengths of frames in samples, tables and filters.</summary>
internal sealed class ModelRate
{
    /// <summary>Activity frames of silence before and after a signal.</summary>
    public const int GuardFrames = 75;

    private ModelRate(int sampleRate, BarkBand[] bands, double powerScale, BiquadCascade emphasis)
    {
        SampleRate = sampleRate;
        Bands = bands;
        PowerScale = powerScale;
        Emphasis = emphasis;
    }

    /// <summary>The rate of telephone speech.</summary>
    public static ModelRate At8000Hertz { get; } = new(8000, BarkBand.At8000Hertz, 2.764344e-5, AlignmentFilter.At8000Hertz);

    /// <summary>The rate of wide-band speech, and of narrow-band speech that is not at 8 kHz.</summary>
    public static ModelRate At16000Hertz { get; } = new(16000, BarkBand.At16000Hertz, 6.910853e-6, AlignmentFilter.At16000Hertz);

    /// <summary>Samples a second, Hz.</summary>
    public int SampleRate { get; }

    /// <summary>The bands of the auditory transform.</summary>
    public BarkBand[] Bands { get; }

    /// <summary>What band powers are multiplied by, so that a tone of 40 dB at 1 kHz has the power that the thresholds are given for.</summary>
    public double PowerScale { get; }

    /// <summary>The filter that signals pass before they are aligned.</summary>
    public BiquadCascade Emphasis { get; }

    /// <summary>Samples of a frame of voice activity, 4 ms.</summary>
    public int ActivityFrame => SampleRate / 250;

    /// <summary>Samples of a window of the fine alignment, 64 ms.</summary>
    public int AlignmentWindow => SampleRate * 64 / 1000;

    /// <summary>Samples of a window of the auditory transform, 32 ms.</summary>
    public int ModelWindow => SampleRate * 32 / 1000;

    /// <summary>Samples from one window of the auditory transform to the next.</summary>
    public int Hop => ModelWindow / 2;

    /// <summary>Samples of silence before and after a signal, 300 ms.</summary>
    public int Guard => GuardFrames * ActivityFrame;

    /// <summary>Samples of silence after the guard, 320 ms, which the tails of filters reach into.</summary>
    public int Padding => SampleRate * 320 / 1000;

    /// <summary>The least samples that can be measured, a quarter of a second.</summary>
    public int LeastSamples => SampleRate / 4;
}
