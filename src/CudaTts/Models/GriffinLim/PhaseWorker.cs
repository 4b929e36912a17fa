using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CudaTts.Audio;

namespace CudaTts.Models.GriffinLim;

/// <summary>Gives frames their phases. Holds its working memory: one object an utterance.</summary>
internal sealed class PhaseWorker(FourierTransform transform, float[] window)
{
    private const int Lanes = 8;

    // Below it a squared magnitude has no phase worth keeping.
    private const float SmallestPower = 1e-20f;

    // How much of the random phases goes into a first guess: it decides only where the signal so far is next to nothing.
    private const float RandomShare = 1e-4f;

    private readonly RealPairTransform _transform = new(transform);
    private readonly int _stride = RealPairTransform.Stride(transform.Length);
    private readonly float[] _spectra = new float[4 * RealPairTransform.Stride(transform.Length)];

    private Spectrum Spectrum0 => new(_spectra.AsSpan(0, _stride), _spectra.AsSpan(_stride, _stride));

    private Spectrum Spectrum1 => new(_spectra.AsSpan(2 * _stride, _stride), _spectra.AsSpan(3 * _stride, _stride));

    /// <summary>A frame's first phases: those of the signal that the frames before it make, random ones where that is nothing.</summary>
    /// <param name="frame">Has no phases yet.</param>
    /// <param name="signal">The signal [N] at the frame's place.</param>
    /// <param name="seed">Chooses the random phases.</param>
    /// <param name="number">Which frame of the utterance it is.</param>
    public void Guess(PhaseFrame frame, ReadOnlySpan<float> signal, ulong seed, int number)
    {
        Windowed(signal, _transform.Frame0);
        _transform.Frame1.Clear();
        _transform.Forward(Spectrum0, Spectrum1);
        AddRandomPhases(frame.Magnitudes, seed, number, Spectrum0);
        TakePhases(frame, Spectrum0, share: 0);
        Array.Clear(frame.LastRe);
        Array.Clear(frame.LastIm);
        Spectrum1.Re.Clear();
        Spectrum1.Im.Clear();
        _transform.Inverse(Spectrum0, Spectrum1);
        Windowed(_transform.Result0, frame.Samples);
        frame.HasPhases = true;
    }

    /// <summary>One iteration for two frames: the phases that the signal has at their places, and some way ahead.</summary>
    /// <param name="first">The one frame.</param>
    /// <param name="second">The other, where there is one.</param>
    /// <param name="signal">The signal from the first frame's beginning to the second one's end.</param>
    /// <param name="hop">Samples from one frame to the next.</param>
    /// <param name="momentum">How far to run ahead along the last step.</param>
    public void Improve(PhaseFrame first, PhaseFrame? second, ReadOnlySpan<float> signal, int hop, float momentum)
    {
        // Running ahead is t + momentum (t - last); only its phase is used, so t - share * last will do.
        var share = momentum / (1 + momentum);
        Windowed(signal, _transform.Frame0);
        if (second is null)
        {
            _transform.Frame1.Clear();
        }
        else
        {
            Windowed(signal[hop..], _transform.Frame1);
        }

        _transform.Forward(Spectrum0, Spectrum1);
        TakePhases(first, Spectrum0, share);
        if (second is not null)
        {
            TakePhases(second, Spectrum1, share);
        }

        _transform.Inverse(Spectrum0, Spectrum1);
        Windowed(_transform.Result0, first.Samples);
        if (second is not null)
        {
            Windowed(_transform.Result1, second.Samples);
        }
    }

    /// <summary>The beginning of a signal under the window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Windowed(ReadOnlySpan<float> signal, Span<float> destination)
    {
        for (var i = 0; i < window.Length; i += Lanes)
        {
            (Vector256.Create(signal[i..]) * Vector256.Create<float>(window.AsSpan(i))).CopyTo(destination[i..]);
        }
    }

    /// <summary>Replaces a spectrum by the wanted magnitudes under the phases ahead of it, and remembers it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TakePhases(PhaseFrame frame, Spectrum spectrum, float share)
    {
        var lastRe = frame.LastRe.AsSpan();
        var lastIm = frame.LastIm.AsSpan();
        for (var k = 0; k < lastRe.Length; k += Lanes)
        {
            var re = Vector256.Create<float>(spectrum.Re[k..]);
            var im = Vector256.Create<float>(spectrum.Im[k..]);
            var aheadRe = re - (Vector256.Create<float>(lastRe[k..]) * share);
            var aheadIm = im - (Vector256.Create<float>(lastIm[k..]) * share);
            re.CopyTo(lastRe[k..]);
            im.CopyTo(lastIm[k..]);
            var power = (aheadRe * aheadRe) + (aheadIm * aheadIm) + Vector256.Create(SmallestPower);
            var scale = Vector256.Create<float>(frame.Magnitudes.AsSpan(k)) / Vector256.Sqrt(power);
            (aheadRe * scale).CopyTo(spectrum.Re[k..]);
            (aheadIm * scale).CopyTo(spectrum.Im[k..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRandomPhases(ReadOnlySpan<float> magnitudes, ulong seed, int number, Spectrum spectrum)
    {
        spectrum.Re[0] += RandomShare * magnitudes[0];
        for (var k = 1; k < transform.Length / 2; k++)
        {
            var (sin, cos) = MathF.SinCos(RandomPhase(seed, ((ulong)number << 32) | (uint)k));
            spectrum.Re[k] += RandomShare * magnitudes[k] * cos;
            spectrum.Im[k] += RandomShare * magnitudes[k] * sin;
        }
    }

    // SplitMix64 (Steele, Lea and Flood 2014) as a function of a counter: any element without those before it.
    private static float RandomPhase(ulong seed, ulong index)
    {
        var z = unchecked(((seed * 0xD1342543DE82EF95UL) ^ index) + 0x9E3779B97F4A7C15UL);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EBUL);
        return ((z ^ (z >> 31)) >> 40) * (2 * MathF.PI / (1 << 24));
    }
}
