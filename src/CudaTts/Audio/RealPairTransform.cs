using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CudaTts.Audio;

/// <summary>
/// Fourier transform of two real frames at the price of one complex transform: z = a + i b gives
/// A[k] = (Z[k] + conj Z[N-k]) / 2 and B[k] = (Z[k] - conj Z[N-k]) / 2i. Holds its working memory: one object a thread.
/// </summary>
internal sealed class RealPairTransform
{
    private const int Lanes = 8;
    private readonly FourierTransform _transform;
    private readonly float[] _spectrumRe;
    private readonly float[] _spectrumIm;
    private readonly float[] _frame0;
    private readonly float[] _frame1;

    /// <summary>Allocates the working memory for one pair of frames.</summary>
    public RealPairTransform(FourierTransform transform)
    {
        _transform = transform;
        _frame0 = new float[transform.Length + Lanes];
        _frame1 = new float[transform.Length + Lanes];
        _spectrumRe = new float[transform.Length + Lanes];
        _spectrumIm = new float[transform.Length + Lanes];
    }

    /// <summary>Floats that one part of a spectrum takes: the N / 2 + 1 bins, filled up to whole vectors.</summary>
    public static int Stride(int length) => (length / 2) + Lanes;

    /// <summary>The first frame [N]: input of <see cref="Forward"/>, which overwrites it.</summary>
    public Span<float> Frame0 => _frame0.AsSpan(0, _transform.Length);

    /// <summary>The second frame [N]: input of <see cref="Forward"/>, which overwrites it.</summary>
    public Span<float> Frame1 => _frame1.AsSpan(0, _transform.Length);

    /// <summary>The first frame [N] that <see cref="Inverse"/> made.</summary>
    public ReadOnlySpan<float> Result0 => _spectrumRe.AsSpan(0, _transform.Length);

    /// <summary>The second frame [N] that <see cref="Inverse"/> made.</summary>
    public ReadOnlySpan<float> Result1 => _spectrumIm.AsSpan(0, _transform.Length);

    /// <summary>Transforms both frames.</summary>
    /// <param name="spectrum0">Receives the first frame's spectrum.</param>
    /// <param name="spectrum1">Receives the second frame's spectrum.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Forward(Spectrum spectrum0, Spectrum spectrum1)
    {
        var length = _transform.Length;
        _transform.Forward(_frame0, _frame1, _spectrumRe, _spectrumIm);
        _spectrumRe[length] = _spectrumRe[0];
        _spectrumIm[length] = _spectrumIm[0];
        var half = Vector256.Create(0.5f);
        for (var k = 0; k <= length / 2; k += Lanes)
        {
            var re = Vector256.Create<float>(_spectrumRe.AsSpan(k));
            var im = Vector256.Create<float>(_spectrumIm.AsSpan(k));
            var mirroredRe = Reverse(Vector256.Create<float>(_spectrumRe.AsSpan(length - k - Lanes + 1)));
            var mirroredIm = Reverse(Vector256.Create<float>(_spectrumIm.AsSpan(length - k - Lanes + 1)));
            ((re + mirroredRe) * half).CopyTo(spectrum0.Re[k..]);
            ((im - mirroredIm) * half).CopyTo(spectrum0.Im[k..]);
            ((im + mirroredIm) * half).CopyTo(spectrum1.Re[k..]);
            ((mirroredRe - re) * half).CopyTo(spectrum1.Im[k..]);
        }
    }

    /// <summary>
    /// Transforms two spectra back into <see cref="Result0"/> and <see cref="Result1"/>, times N. The imaginary parts of the first and
    /// the last bin must be zero, as those of any real frame are.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Inverse(Spectrum spectrum0, Spectrum spectrum1)
    {
        var length = _transform.Length;

        // From the top down: the vector that holds bin N / 2 also holds filling, and the next one overwrites what that put into place.
        for (var k = length / 2; k >= 0; k -= Lanes)
        {
            var re0 = Vector256.Create<float>(spectrum0.Re[k..]);
            var im0 = Vector256.Create<float>(spectrum0.Im[k..]);
            var re1 = Vector256.Create<float>(spectrum1.Re[k..]);
            var im1 = Vector256.Create<float>(spectrum1.Im[k..]);
            (re0 - im1).CopyTo(_frame0.AsSpan(k));
            (im0 + re1).CopyTo(_frame1.AsSpan(k));
            Reverse(re0 + im1).CopyTo(_frame0.AsSpan(length - k - Lanes + 1));
            Reverse(re1 - im0).CopyTo(_frame1.AsSpan(length - k - Lanes + 1));
        }

        _transform.Forward(_frame1, _frame0, _spectrumIm, _spectrumRe);
    }

    private static Vector256<float> Reverse(Vector256<float> vector) => Vector256.Shuffle(vector, Vector256.Create(7, 6, 5, 4, 3, 2, 1, 0));
}

/// <summary>The bins 0 to N / 2 of a real frame's transform.</summary>
/// <param name="re">Real parts, <see cref="RealPairTransform.Stride"/> floats.</param>
/// <param name="im">Imaginary parts, <see cref="RealPairTransform.Stride"/> floats.</param>
internal readonly ref struct Spectrum(Span<float> re, Span<float> im)
{
    /// <summary>The real parts.</summary>
    public Span<float> Re { get; } = re;

    /// <summary>The imaginary parts.</summary>
    public Span<float> Im { get; } = im;
}
