using CudaTts.Audio;

namespace CudaTts.Server.Encoding;

/// <summary>
/// Resamples sound that comes in pieces: what comes out, joined, is what the whole sound would give. A sample comes out when all of the input that
/// it depends on is there, which is about one and a half thousandths of a second later.
/// </summary>
internal sealed class StreamResampler(int from, int to)
{
    private readonly double _cutoff = SincResampler.CutoffOf((double)from / to);
    private readonly List<float> _kept = [];

    // Of the input: samples before the kept ones, and all of them. Of the output: samples that have come out.
    private long _before;
    private long _taken;
    private long _given;

    /// <summary>Takes the next samples and gives those that are settled by them.</summary>
    public float[] Add(ReadOnlySpan<float> samples)
    {
        if (from == to)
        {
            return samples.ToArray();
        }

        _kept.AddRange(samples);
        _taken += samples.Length;
        var settled = (_taken - 1 - SincResampler.ReachOf(_cutoff)) * to / from;
        return Give(Math.Max(_given, (long)Math.Floor(settled)));
    }

    /// <summary>Gives the last samples.</summary>
    public float[] Finish() => from == to ? [] : Give((long)Math.Round((double)_taken * to / from));

    private float[] Give(long end)
    {
        var output = new float[Math.Max(0, end - _given)];
        var input = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_kept);
        for (var i = 0; i < output.Length; i++, _given++)
        {
            // In whole numbers first, so that a long sound's places are as exact as a short one's.
            var (whole, part) = Math.DivRem(_given * from, to);
            output[i] = SincResampler.At(input, whole - _before + ((double)part / to), _cutoff);
        }

        var needed = (_given * from / to) - (long)Math.Ceiling(SincResampler.ReachOf(_cutoff)) - 1;
        var dropped = (int)Math.Clamp(needed - _before, 0, _kept.Count);
        _kept.RemoveRange(0, dropped);
        _before += dropped;
        return output;
    }
}
