using CudaTts.Audio;
using CudaTts.Tensors;

namespace CudaTts.Models;

/// <summary>
/// Takes away the hum that a vocoder adds of itself (NVIDIA/waveglow denoiser.py): what it makes of a mel of zeros without noise is its bias, and the
/// bias' magnitude times a strength is subtracted from every frame's spectrum, phases kept.
/// </summary>
internal sealed class Denoiser
{
    // The public code's: enough for the bias to settle.
    private const int BiasFrames = 88;
    private const int Overlap = 4;

    private readonly FourierTransform _transform;
    private readonly float[] _window;
    private readonly float[] _bias;

    /// <param name="biasAudio">What the vocoder makes of <see cref="ZeroMel"/> without noise.</param>
    /// <param name="fftLength">Length of the Fourier transform, samples; a power of two.</param>
    public Denoiser(ReadOnlySpan<float> biasAudio, int fftLength)
    {
        _transform = new FourierTransform(fftLength);
        _window = HannWindow.Create(fftLength, fftLength);
        _bias = new float[RealPairTransform.Stride(fftLength)];
        var padded = Padded(biasAudio);
        var (first, second) = (new float[2 * _bias.Length], new float[2 * _bias.Length]);
        var pair = new RealPairTransform(_transform);
        Windowed(padded, 0, pair.Frame0);
        Windowed(padded, 0, pair.Frame1);
        pair.Forward(Split(first), Split(second));
        for (var bin = 0; bin < _bias.Length; bin++)
        {
            _bias[bin] = MathF.Sqrt((first[bin] * first[bin]) + (first[_bias.Length + bin] * first[_bias.Length + bin]));
        }
    }

    private int Hop => _transform.Length / Overlap;

    /// <summary>The mel that shows a vocoder's bias, [1, bands, 88].</summary>
    public static Tensor ZeroMel(MelContract mel) => new(1, mel.MelBands, BiasFrames);

    /// <summary>The samples with <paramref name="strength"/> times the bias taken away.</summary>
    public float[] Apply(ReadOnlySpan<float> samples, float strength)
    {
        var padded = Padded(samples);
        var (sum, power) = (new float[padded.Length], new float[padded.Length]);
        var (first, second) = (new float[2 * _bias.Length], new float[2 * _bias.Length]);
        var pair = new RealPairTransform(_transform);
        var frames = ((padded.Length - _transform.Length) / Hop) + 1;
        for (var frame = 0; frame < frames; frame += 2)
        {
            var next = Math.Min(frame + 1, frames - 1);
            Windowed(padded, frame * Hop, pair.Frame0);
            Windowed(padded, next * Hop, pair.Frame1);
            pair.Forward(Split(first), Split(second));
            Subtract(first, strength);
            Subtract(second, strength);
            pair.Inverse(Split(first), Split(second));
            Add(pair.Result0, frame * Hop, sum, power);
            if (next > frame)
            {
                Add(pair.Result1, next * Hop, sum, power);
            }
        }

        // The least-squares signal of the changed spectra: windowed once more, divided by the sum of the windows' squares, 1.5 everywhere within.
        var denoised = new float[samples.Length];
        for (var i = 0; i < denoised.Length; i++)
        {
            var at = i + (_transform.Length / 2);
            denoised[i] = sum[at] / power[at] / _transform.Length;
        }

        return denoised;
    }

    private Spectrum Split(float[] parts) => new(parts.AsSpan(0, _bias.Length), parts.AsSpan(_bias.Length));

    private void Windowed(float[] padded, int start, Span<float> frame)
    {
        for (var i = 0; i < _window.Length; i++)
        {
            frame[i] = padded[start + i] * _window[i];
        }
    }

    private void Subtract(float[] spectrum, float strength)
    {
        for (var bin = 0; bin < _bias.Length; bin++)
        {
            var (re, im) = (spectrum[bin], spectrum[_bias.Length + bin]);
            var magnitude = MathF.Sqrt((re * re) + (im * im));
            var factor = magnitude > 0 ? MathF.Max(magnitude - (strength * _bias[bin]), 0) / magnitude : 0;
            (spectrum[bin], spectrum[_bias.Length + bin]) = (re * factor, im * factor);
        }
    }

    private void Add(ReadOnlySpan<float> frame, int start, float[] sum, float[] power)
    {
        for (var i = 0; i < _window.Length; i++)
        {
            sum[start + i] += frame[i] * _window[i];
            power[start + i] += _window[i] * _window[i];
        }
    }

    // Half a window on each side, reflected as far as there are samples, and at the end what fills a hop.
    private float[] Padded(ReadOnlySpan<float> samples)
    {
        var half = _transform.Length / 2;
        var hops = Ceiling.Of(samples.Length, Hop);
        var padded = new float[(hops * Hop) + (2 * half)];
        samples.CopyTo(padded.AsSpan(half));
        for (var i = 1; i <= half && i < samples.Length; i++)
        {
            padded[half - i] = samples[i];
            padded[half + samples.Length - 1 + i] = samples[samples.Length - 1 - i];
        }

        return padded;
    }
}
