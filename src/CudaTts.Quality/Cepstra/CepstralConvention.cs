namespace CudaTts.Quality.Cepstra;

/// <summary>
/// How mel-cepstra of one rate are taken: from 16 kHz on as in the evaluation script of ParallelWaveGAN (Tomoki Hayashi), 8 kHz our own.
/// </summary>
/// <param name="SampleRate">Samples a second, Hz.</param>
/// <param name="Order">The order M: coefficients c0 to cM.</param>
/// <param name="Alpha">The all-pass constant that warps the frequency axis to about the mel scale.</param>
/// <param name="FrameLength">Samples N of a frame.</param>
/// <param name="Hop">Samples from one frame to the next.</param>
public sealed record CepstralConvention(int SampleRate, int Order, double Alpha, int FrameLength, int Hop)
{
    private static readonly CepstralConvention[] s_all =
    [
        new(48000, 39, 0.55, 1024, 256),
        new(44100, 39, 0.53, 1024, 256),
        new(24000, 34, 0.46, 1024, 256),
        new(22050, 34, 0.45, 1024, 256),
        new(16000, 23, 0.42, 1024, 256),
        new(8000, 19, 0.31, 512, 128),
    ];

    /// <summary>The convention of a rate, or of the next lower rate that has one, to which the sound is then resampled; null below 8 kHz.</summary>
    /// <param name="sampleRate">Samples a second, Hz.</param>
    public static CepstralConvention? For(int sampleRate) => Array.Find(s_all, convention => convention.SampleRate <= sampleRate);

    /// <summary>Number of whole frames in a signal of N samples; nothing is padded.</summary>
    public int FramesOf(int samples) => samples < FrameLength ? 0 : ((samples - FrameLength) / Hop) + 1;
}
