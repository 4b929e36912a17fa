namespace CudaTts.Quality.Pesq;

/// <summary>
/// In which frames of 4 ms a signal speaks, and how loudly: the power of frames above a threshold that is found from the signal itself. While it is
/// worked out, a frame without speech has a power below zero.
/// </summary>
internal sealed class VoiceActivity
{
    private const double DynamicRange = 1e-4;
    private const int ThresholdSteps = 12;
    private const double Deviations = 2;
    private const double ThresholdMargin = 1.001;
    private const int ShortestRun = 5;
    private const int LongestGap = 50;
    private const double CleanRatio = 1000;
    private const double LeastRunLevel = 3;

    private readonly double[] _power;
    private readonly double _floor;
    private double _threshold;

    private VoiceActivity(double[] power)
    {
        _power = power;
        _threshold = power.Average();
        var floor = DynamicRange * power.Max();
        _floor = floor == 0 ? 1 : floor;
        for (var c = 0; c < power.Length; c++)
        {
            power[c] = Math.Max(power[c], _floor);
        }
    }

    /// <summary>The power of each frame in speech, 0 elsewhere.</summary>
    public double[] Power => _power;

    /// <summary>The natural logarithm of power over threshold, 0 where that is below the threshold.</summary>
    public double[] Logarithm { get; private set; } = [];

    /// <summary>Finds the speech of a signal that has passed <see cref="AlignmentFilter"/>.</summary>
    public static VoiceActivity Of(PaddedSignal signal)
    {
        var activity = new VoiceActivity(FramePowers(signal));
        activity.FindThreshold();
        activity.Mark();
        activity.BridgeGaps();
        activity.KeepSomething();
        activity.SoftenEdges();
        activity.Finish();
        return activity;
    }

    /// <summary>The longest stretches of frames with a power above zero, as their first frame and the first frame after them.</summary>
    public IEnumerable<(int Start, int End)> Runs()
    {
        for (var c = 0; c < _power.Length; c++)
        {
            if (_power[c] > 0)
            {
                var start = c;
                while (c < _power.Length && _power[c] > 0)
                {
                    c++;
                }

                yield return (start, c);
            }
        }
    }

    private static double[] FramePowers(PaddedSignal signal)
    {
        var frame = signal.Rate.ActivityFrame;
        var powers = new double[signal.ActivityFrames];
        for (var c = 0; c < powers.Length; c++)
        {
            double sum = 0;
            foreach (var sample in signal.Samples.AsSpan(c * frame, frame))
            {
                sum += sample * sample;
            }

            powers[c] = sum / frame;
        }

        return powers;
    }

    /// <summary>The threshold rises or falls to where the noise below it stays below it.</summary>
    private void FindThreshold()
    {
        for (var step = 0; step < ThresholdSteps; step++)
        {
            var mean = Mean(power => power <= _threshold, power => power) ?? 0;
            var variance = Mean(power => power <= _threshold, power => (power - mean) * (power - mean)) ?? 0;
            _threshold = ThresholdMargin * (mean + (Deviations * Math.Sqrt(variance)));
        }
    }

    /// <summary>Marks what is not speech: frames below the threshold, short runs, and in a clean signal also weak ones.</summary>
    private void Mark()
    {
        var noise = Mean(power => power <= _threshold, power => power) ?? 1;
        var speech = Mean(power => power > _threshold, power => power);
        _threshold = speech is null ? -1 : _threshold;
        for (var c = 0; c < _power.Length; c++)
        {
            _power[c] = _power[c] <= _threshold ? -_power[c] : _power[c];
        }

        Close();
        Drop((_, count) => count < ShortestRun);
        if ((speech ?? 0) >= CleanRatio * noise)
        {
            Drop((sum, count) => sum < LeastRunLevel * _threshold * count);
        }
    }

    /// <summary>A pause of at most 200 ms counts as speech.</summary>
    private void BridgeGaps()
    {
        var end = 0;
        foreach (var run in Runs())
        {
            if (end > 0 && run.Start - end <= LongestGap)
            {
                _power.AsSpan(end..run.Start).Fill(_floor);
            }

            end = run.End;
        }
    }

    private void KeepSomething()
    {
        if (!Runs().Any())
        {
            for (var c = 0; c < _power.Length; c++)
            {
                _power[c] = Math.Abs(_power[c]);
            }

            Close();
        }
    }

    /// <summary>Lets speech rise and fall over two frames, in one pass whose steps are those of the original.</summary>
    private void SoftenEdges()
    {
        var v = _power;
        for (var c = 3; c < v.Length - 2; c++)
        {
            if (v[c] > 0 && v[c - 2] <= 0)
            {
                (v[c - 2], v[c - 1]) = (0.1 * v[c], 0.3 * v[c]);
                c++;
            }

            if (v[c] <= 0 && v[c - 1] > 0)
            {
                (v[c], v[c + 1]) = (0.3 * v[c - 1], 0.1 * v[c - 1]);
                c += 3;
            }
        }
    }

    private void Finish()
    {
        _threshold = _threshold <= 0 ? _floor : _threshold;
        Logarithm = new double[_power.Length];
        for (var c = 0; c < _power.Length; c++)
        {
            _power[c] = Math.Max(_power[c], 0);
            Logarithm[c] = _power[c] <= _threshold ? 0 : Math.Log(_power[c] / _threshold);
        }
    }

    // No run reaches an end of the signal.
    private void Close() => _power[0] = _power[^1] = -_floor;

    /// <summary>Marks runs as no speech, chosen by their sum of powers and their number of frames.</summary>
    private void Drop(Func<double, int, bool> isDropped)
    {
        foreach (var (start, end) in Runs())
        {
            double sum = 0;
            for (var c = start; c < end; c++)
            {
                sum += _power[c];
            }

            for (var c = start; c < end && isDropped(sum, end - start); c++)
            {
                _power[c] = -_power[c];
            }
        }
    }

    /// <summary>The mean of a value over some frames; null where there are none.</summary>
    private double? Mean(Func<double, bool> isMeant, Func<double, double> value)
    {
        double sum = 0;
        var count = 0;
        foreach (var power in _power)
        {
            if (isMeant(power))
            {
                sum += value(power);
                count++;
            }
        }

        return count == 0 ? null : sum / count;
    }
}
