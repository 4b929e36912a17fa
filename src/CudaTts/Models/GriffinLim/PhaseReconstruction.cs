using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CudaTts.Audio;
using CudaTts.Tensors;

namespace CudaTts.Models.GriffinLim;

/// <summary>
/// The state of one Griffin-Lim run: wanted magnitudes, the spectrogram of the last signal, and the signal. A pass over the frames is split into
/// chunks of a fixed size that add up their own part of the signal, so that the order of every sum is the same for any number of threads.
/// </summary>
internal sealed class PhaseReconstruction
{
    private const int Lanes = 8;

    // Even, because frames are transformed in pairs.
    private const int FramesPerChunk = 32;

    // Below it a squared magnitude has no phase worth keeping.
    private const float SmallestPower = 1e-20f;

    private readonly FourierTransform _transform;
    private readonly float[] _window;
    private readonly int _hop;
    private readonly int _frames;
    private readonly int _stride;
    private readonly ParallelOptions _parallel;

    /// <summary>[F, stride]: the wanted magnitudes, and the last signal's spectrogram in real and imaginary parts.</summary>
    private readonly float[] _magnitudes;
    private readonly float[] _lastRe;
    private readonly float[] _lastIm;

    private readonly float[] _signal;
    private readonly float[] _inverseWindowPower;
    private readonly Chunk[] _chunks;

    /// <summary>Allocates a run over <paramref name="frames"/> frames.</summary>
    public PhaseReconstruction(FourierTransform transform, float[] window, int hop, int frames, int threads)
    {
        _transform = transform;
        _window = window;
        _hop = hop;
        _frames = frames;
        _stride = RealPairTransform.Stride(transform.Length);
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        _magnitudes = new float[frames * _stride];
        _lastRe = new float[frames * _stride];
        _lastIm = new float[frames * _stride];
        _signal = new float[((frames - 1) * hop) + transform.Length];
        _inverseWindowPower = InverseWindowPower();
        _chunks = new Chunk[Ceiling.Of(frames, FramesPerChunk)];
        for (var i = 0; i < _chunks.Length; i++)
        {
            var first = i * FramesPerChunk;
            _chunks[i] = new Chunk(first, Math.Min(FramesPerChunk, frames - first), transform, hop);
        }
    }

    /// <summary>The signal [(F - 1) * hop + N] over which the frames lie.</summary>
    public ReadOnlySpan<float> Signal => _signal;

    /// <summary>The wanted magnitudes [bins] of a frame, to be set before <see cref="Start"/>.</summary>
    public Span<float> Magnitudes(int frame) => _magnitudes.AsSpan(frame * _stride, (_transform.Length / 2) + 1);

    /// <summary>Makes the first signal, from random phases.</summary>
    public void Start(ulong seed)
    {
        Array.Clear(_lastRe);
        Array.Clear(_lastIm);
        ForEachChunk(chunk =>
        {
            for (var frame = chunk.First; frame < chunk.End; frame += 2)
            {
                SetRandomPhases(seed, frame, chunk.Spectrum0);
                SetRandomPhases(seed, frame + 1, chunk.Spectrum1);
                Synthesize(chunk, frame);
            }
        });
    }

    /// <summary>One iteration: phases from the signal, a signal from the phases.</summary>
    /// <param name="momentum">How far to run ahead along the last step.</param>
    public void Improve(float momentum)
    {
        // Running ahead is t + momentum (t - last); only its phase is used, so t - share * last will do.
        var share = momentum / (1 + momentum);
        ForEachChunk(chunk =>
        {
            for (var frame = chunk.First; frame < chunk.End; frame += 2)
            {
                Windowed(frame, chunk.Transform.Frame0);
                Windowed(frame + 1, chunk.Transform.Frame1);
                chunk.Transform.Forward(chunk.Spectrum0, chunk.Spectrum1);
                TakePhases(frame, chunk.Spectrum0, share);
                TakePhases(frame + 1, chunk.Spectrum1, share);
                Synthesize(chunk, frame);
            }
        });
    }

    private void ForEachChunk(Action<Chunk> pass)
    {
        Parallel.For(0, _chunks.Length, _parallel, i =>
        {
            Array.Clear(_chunks[i].Signal);
            pass(_chunks[i]);
        });
        Array.Clear(_signal);
        foreach (var chunk in _chunks)
        {
            Add(chunk.Signal, _signal.AsSpan(chunk.First * _hop));
        }

        for (var i = 0; i < _signal.Length; i++)
        {
            _signal[i] *= _inverseWindowPower[i];
        }
    }

    /// <summary>The frame of the signal under the window; silence for the frame that only fills up the last pair.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Windowed(int frame, Span<float> destination)
    {
        if (frame >= _frames)
        {
            destination.Clear();
            return;
        }

        var part = _signal.AsSpan(frame * _hop, _window.Length);
        for (var i = 0; i < part.Length; i += Lanes)
        {
            (Vector256.Create<float>(part[i..]) * Vector256.Create<float>(_window.AsSpan(i))).CopyTo(destination[i..]);
        }
    }

    /// <summary>Replaces a spectrum by the wanted magnitudes under the phases ahead of it, and remembers it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TakePhases(int frame, Spectrum spectrum, float share)
    {
        if (frame >= _frames)
        {
            return;
        }

        var magnitudes = _magnitudes.AsSpan(frame * _stride, _stride);
        var lastRe = _lastRe.AsSpan(frame * _stride, _stride);
        var lastIm = _lastIm.AsSpan(frame * _stride, _stride);
        for (var k = 0; k < _stride; k += Lanes)
        {
            var re = Vector256.Create<float>(spectrum.Re[k..]);
            var im = Vector256.Create<float>(spectrum.Im[k..]);
            var aheadRe = re - (Vector256.Create<float>(lastRe[k..]) * share);
            var aheadIm = im - (Vector256.Create<float>(lastIm[k..]) * share);
            re.CopyTo(lastRe[k..]);
            im.CopyTo(lastIm[k..]);
            var power = (aheadRe * aheadRe) + (aheadIm * aheadIm) + Vector256.Create(SmallestPower);
            var scale = Vector256.Create<float>(magnitudes[k..]) / Vector256.Sqrt(power);
            (aheadRe * scale).CopyTo(spectrum.Re[k..]);
            (aheadIm * scale).CopyTo(spectrum.Im[k..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SetRandomPhases(ulong seed, int frame, Spectrum spectrum)
    {
        spectrum.Re.Clear();
        spectrum.Im.Clear();
        if (frame >= _frames)
        {
            return;
        }

        var magnitudes = Magnitudes(frame);
        spectrum.Re[0] = magnitudes[0];
        for (var k = 1; k < magnitudes.Length - 1; k++)
        {
            var (sin, cos) = MathF.SinCos(RandomPhase(seed, ((ulong)frame << 32) | (uint)k));
            spectrum.Re[k] = magnitudes[k] * cos;
            spectrum.Im[k] = magnitudes[k] * sin;
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

    /// <summary>Adds two frames to the chunk's part of the signal, under the window a second time as least squares asks for.</summary>
    private void Synthesize(Chunk chunk, int frame)
    {
        chunk.Transform.Inverse(chunk.Spectrum0, chunk.Spectrum1);
        AddWindowed(chunk.Transform.Result0, chunk.Signal.AsSpan((frame - chunk.First) * _hop));
        if (frame + 1 < chunk.End)
        {
            AddWindowed(chunk.Transform.Result1, chunk.Signal.AsSpan((frame + 1 - chunk.First) * _hop));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddWindowed(ReadOnlySpan<float> frame, Span<float> sum)
    {
        for (var i = 0; i < frame.Length; i += Lanes)
        {
            var windowed = Vector256.Create(frame[i..]) * Vector256.Create<float>(_window.AsSpan(i));
            (Vector256.Create<float>(sum[i..]) + windowed).CopyTo(sum[i..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(ReadOnlySpan<float> part, Span<float> sum)
    {
        for (var i = 0; i < part.Length; i++)
        {
            sum[i] += part[i];
        }
    }

    /// <summary>One over N times the sum of the squared windows over each sample; N because the inverse transform leaves it out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float[] InverseWindowPower()
    {
        var sums = new float[_signal.Length];
        for (var frame = 0; frame < _frames; frame++)
        {
            for (var i = 0; i < _window.Length; i++)
            {
                sums[(frame * _hop) + i] += _window[i] * _window[i];
            }
        }

        for (var i = 0; i < sums.Length; i++)
        {
            // Only the outermost samples lie under next to no window; they are cut off later and must merely stay finite.
            sums[i] = 1 / (_transform.Length * Math.Max(sums[i], 1e-3f));
        }

        return sums;
    }

    /// <summary>Some neighbouring frames, their part of the signal, and the working memory to transform them.</summary>
    private sealed class Chunk
    {
        private readonly float[] _spectra;
        private readonly int _stride;

        public Chunk(int first, int count, FourierTransform transform, int hop)
        {
            First = first;
            End = first + count;
            Signal = new float[((count - 1) * hop) + transform.Length];
            Transform = new RealPairTransform(transform);
            _stride = RealPairTransform.Stride(transform.Length);
            _spectra = new float[4 * _stride];
        }

        public int First { get; }

        public int End { get; }

        public float[] Signal { get; }

        public RealPairTransform Transform { get; }

        public Spectrum Spectrum0 => new(_spectra.AsSpan(0, _stride), _spectra.AsSpan(_stride, _stride));

        public Spectrum Spectrum1 => new(_spectra.AsSpan(2 * _stride, _stride), _spectra.AsSpan(3 * _stride, _stride));
    }
}
