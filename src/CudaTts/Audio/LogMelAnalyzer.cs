using CudaTts.Tensors;

namespace CudaTts.Audio;

/// <summary>Log-mel spectrogram of a recording, as the recipes compute it that the models were trained with.</summary>
public sealed class LogMelAnalyzer
{
    // HiFi-GAN's meldataset.py adds this to the squared magnitude; NVIDIA's stft.py adds nothing.
    private const float HifiGanPowerOffset = 1e-9f;

    private readonly MelContract _mel;
    private readonly MelFilterBank _filterBank;
    private readonly FourierTransform _transform;
    private readonly float[] _window;
    private readonly int _padding;
    private readonly float _powerOffset;

    /// <summary>Prepares filters, window and Fourier transform.</summary>
    /// <exception cref="AudioException">The contract's numbers do not describe a mel spectrogram.</exception>
    public LogMelAnalyzer(MelContract mel, MelFraming framing)
    {
        ArgumentNullException.ThrowIfNull(mel);
        if (mel.IsLatent)
        {
            throw new AudioException("expected a network that reads a mel, found one with latent frames of its own, which no recording has.");
        }

        _mel = mel;
        _filterBank = new MelFilterBank(mel);
        _transform = new FourierTransform(mel.FftLength);
        _window = HannWindow.Create(mel.WindowLength, mel.FftLength);
        _padding = framing == MelFraming.HifiGan ? (mel.FftLength - mel.HopLength) / 2 : mel.FftLength / 2;
        _powerOffset = framing == MelFraming.HifiGan ? HifiGanPowerOffset : 0;
    }

    /// <summary>The log-mel [1, bands, F] of a recording at the contract's rate.</summary>
    /// <exception cref="AudioException">Another rate, or too short.</exception>
    public Tensor Analyze(Waveform waveform)
    {
        ArgumentNullException.ThrowIfNull(waveform);
        return waveform.SampleRate == _mel.SampleRate
            ? Analyze(waveform.Samples)
            : throw new AudioException(
                $"expected a recording at {_mel.SampleRate} Hz, found {waveform.SampleRate} Hz; "
                + $"resample it with: ffmpeg -i IN.wav -ar {_mel.SampleRate} OUT.wav");
    }

    /// <summary>The log-mel [1, bands, F] of samples [N].</summary>
    /// <param name="samples">Samples within -1 and 1 at the contract's rate.</param>
    /// <exception cref="AudioException">Too short for reflection at both ends.</exception>
    public Tensor Analyze(ReadOnlySpan<float> samples)
    {
        var padded = ReflectPad(samples);
        var frames = 1 + ((padded.Length - _mel.FftLength) / _mel.HopLength);
        var mel = new Tensor(1, _filterBank.Bands, frames);
        var pair = new RealPairTransform(_transform);
        var stride = RealPairTransform.Stride(_mel.FftLength);
        Span<float> parts = new float[4 * stride];
        var spectrum0 = new Spectrum(parts[..stride], parts[stride..(2 * stride)]);
        var spectrum1 = new Spectrum(parts[(2 * stride)..(3 * stride)], parts[(3 * stride)..]);
        for (var frame = 0; frame < frames; frame += 2)
        {
            var second = Math.Min(frame + 1, frames - 1);
            Windowed(padded, frame, pair.Frame0);
            Windowed(padded, second, pair.Frame1);
            pair.Forward(spectrum0, spectrum1);
            WriteFrame(spectrum0, frame, mel);
            WriteFrame(spectrum1, second, mel);
        }

        return mel;
    }

    private void Windowed(ReadOnlySpan<float> padded, int frame, Span<float> destination)
    {
        var part = padded.Slice(frame * _mel.HopLength, _window.Length);
        for (var i = 0; i < _window.Length; i++)
        {
            destination[i] = part[i] * _window[i];
        }
    }

    private void WriteFrame(Spectrum spectrum, int frame, Tensor mel)
    {
        var bins = _filterBank.Bins;
        Span<float> bands = stackalloc float[_filterBank.Bands];
        for (var k = 0; k < bins; k++)
        {
            spectrum.Re[k] = MathF.Sqrt((spectrum.Re[k] * spectrum.Re[k]) + (spectrum.Im[k] * spectrum.Im[k]) + _powerOffset);
        }

        _filterBank.Apply(spectrum.Re, bands);
        for (var band = 0; band < bands.Length; band++)
        {
            var floored = Math.Max(bands[band], (float)_mel.Floor);
            mel.Span[(band * mel[2]) + frame] = _mel.Log == MelLog.Natural ? MathF.Log(floored) : MathF.Log10(floored);
        }
    }

    private float[] ReflectPad(ReadOnlySpan<float> samples)
    {
        if (samples.Length <= _padding || samples.Length + (2 * _padding) < _mel.FftLength)
        {
            var needed = Math.Max(_padding + 1, _mel.FftLength - (2 * _padding));
            throw new AudioException(
                $"expected at least {needed} samples to reflect at the ends, found {samples.Length}; append silence or give a longer recording.");
        }

        var padded = new float[samples.Length + (2 * _padding)];
        samples.CopyTo(padded.AsSpan(_padding));
        for (var i = 1; i <= _padding; i++)
        {
            padded[_padding - i] = samples[i];
            padded[_padding + samples.Length - 1 + i] = samples[samples.Length - 1 - i];
        }

        return padded;
    }
}
