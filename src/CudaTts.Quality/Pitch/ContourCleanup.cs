namespace CudaTts.Quality.Pitch;

/// <summary>
/// The last step of DIO: of the best candidates stays what is smooth for some frames, and from there the contour is followed to both sides through
/// the candidates of all channels.
/// </summary>
internal static class ContourCleanup
{
    private const double AllowedRange = 0.1;
    private const double Tiny = 1e-12;

    // A section must last as long as the lowest pitch needs to be seen.
    private static readonly int s_leastFrames =
        (2 * (int)(0.5 + (1 / PitchTrack.FrameSeconds / PitchTrack.Floor))) + 1;

    /// <summary>The contour [T] of the best candidates [T].</summary>
    /// <param name="best">Per frame the candidate that is most likely; 0 for none.</param>
    /// <param name="candidates">All candidates [channels][T].</param>
    public static double[] Apply(double[] best, double[][] candidates)
    {
        if (best.Length <= s_leastFrames)
        {
            return new double[best.Length];
        }

        var contour = WithoutShortSections(WithoutJumps(best));
        var (ends, starts) = Sections(contour);
        for (var k = 0; k < ends.Count; k++)
        {
            var limit = k + 1 < ends.Count ? ends[k + 1] : contour.Length - 1;
            for (var frame = ends[k]; frame < limit; frame++)
            {
                contour[frame + 1] = Pick(contour[frame], contour[frame - 1], frame + 1, candidates);
                if (contour[frame + 1] == 0)
                {
                    break;
                }
            }
        }

        for (var k = starts.Count - 1; k >= 0; k--)
        {
            var limit = k > 0 ? starts[k - 1] : 1;
            for (var frame = starts[k]; frame > limit; frame--)
            {
                contour[frame - 1] = Pick(contour[frame], contour[frame + 1], frame - 1, candidates);
                if (contour[frame - 1] == 0)
                {
                    break;
                }
            }
        }

        return contour;
    }

    private static double[] WithoutJumps(double[] best)
    {
        var trusted = best[..];
        trusted.AsSpan(0, s_leastFrames).Clear();
        trusted.AsSpan(trusted.Length - s_leastFrames).Clear();
        var smooth = new double[trusted.Length];
        for (var frame = s_leastFrames; frame < smooth.Length; frame++)
        {
            var change = Math.Abs((trusted[frame] - trusted[frame - 1]) / (Tiny + trusted[frame]));
            smooth[frame] = change < AllowedRange ? trusted[frame] : 0;
        }

        return smooth;
    }

    private static double[] WithoutShortSections(double[] smooth)
    {
        var half = s_leastFrames / 2;
        var kept = smooth[..];
        for (var frame = half; frame < smooth.Length - half; frame++)
        {
            if (smooth.AsSpan(frame - half, s_leastFrames).Contains(0))
            {
                kept[frame] = 0;
            }
        }

        return kept;
    }

    private static (List<int> Ends, List<int> Starts) Sections(double[] contour)
    {
        var (ends, starts) = (new List<int>(), new List<int>());
        for (var frame = 1; frame < contour.Length; frame++)
        {
            if (contour[frame] == 0 && contour[frame - 1] != 0)
            {
                ends.Add(frame - 1);
            }
            else if (contour[frame] != 0 && contour[frame - 1] == 0)
            {
                starts.Add(frame);
            }
        }

        return (ends, starts);
    }

    /// <summary>The candidate nearest to where the contour leads; 0 where none is near.</summary>
    private static double Pick(double current, double past, int frame, double[][] candidates)
    {
        var expected = ((3 * current) - past) / 2;
        var nearest = candidates[0][frame];
        foreach (var channel in candidates)
        {
            nearest = Math.Abs(expected - channel[frame]) < Math.Abs(expected - nearest) ? channel[frame] : nearest;
        }

        return Math.Abs(1 - (nearest / expected)) > AllowedRange ? 0 : nearest;
    }
}
