using CudaTts.Quality.Signals;

namespace CudaTts.Quality.Pitch;

/// <summary>
/// The fundamental frequency of speech every 5 ms, by DIO and StoneMask of WORLD (Morise, Kawahara, Katayose, AES 35th Conference, 2009; Morise,
/// Yokomori, Ozawa, IEICE Trans. E99-D(7), 2016) at 16 kHz, from 71 to 800 Hz. In noise below about 10 dB voicing is lost; speech without its
/// fundamental, as from a telephone, is tracked an octave or more too high.
/// </summary>
/// <param name="Hertz">The frequency of frame t at 0.005 t seconds; 0 where it is unvoiced.</param>
public sealed record PitchTrack(double[] Hertz)
{
    /// <summary>Seconds from one frame to the next.</summary>
    public const double FrameSeconds = 0.005;

    internal const int SampleRate = 16000;
    internal const double Floor = 71;
    internal const double Ceiling = 800;

    /// <summary>Number of voiced frames.</summary>
    public int Voiced => Hertz.Count(hertz => hertz > 0);

    /// <summary>Tracks a sound.</summary>
    /// <param name="signal">Speech at any rate.</param>
    public static PitchTrack Of(Signal signal)
    {
        ArgumentNullException.ThrowIfNull(signal);
        var samples = signal.Resample(SampleRate).Samples;
        return samples.Length == 0 ? new PitchTrack([]) : new PitchTrack(StoneMask.Refine(samples, Dio.Track(samples)));
    }

    /// <summary>Number of frames of N samples at 16 kHz.</summary>
    internal static int FramesOf(int samples) => (int)Math.Floor(1000.0 * samples / SampleRate / (1000 * FrameSeconds)) + 1;

    /// <summary>The frame nearest to a time.</summary>
    internal int FrameAt(double seconds) => Math.Min(Hertz.Length - 1, (int)Math.Floor((seconds / FrameSeconds) + 0.5));
}
