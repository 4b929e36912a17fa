namespace CudaTts.Audio;

/// <summary>The window of every short-time Fourier transform here.</summary>
internal static class HannWindow
{
    /// <summary>A periodic Hann window in the middle of <paramref name="fftLength"/> samples, as torch.stft places it.</summary>
    public static float[] Create(int windowLength, int fftLength)
    {
        var window = new float[fftLength];
        var offset = (fftLength - windowLength) / 2;
        for (var i = 0; i < windowLength; i++)
        {
            window[offset + i] = (float)(0.5 - (0.5 * Math.Cos(2 * Math.PI * i / windowLength)));
        }

        return window;
    }
}
