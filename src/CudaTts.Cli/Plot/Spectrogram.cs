using CudaTts.Quality.Signals;
using CudaTts.Tensors;

namespace CudaTts.Cli.Plot;

/// <summary>How loud each frequency of a sound is at each time, as a picture of a given size takes it.</summary>
internal static class Spectrogram
{
    // As long as two periods of the lowest voice: harmonics are told apart, and syllables still have edges.
    private const double WindowSeconds = 0.025;
    private const double MostHopSeconds = 0.010;
    private const double LeastPower = 1e-20;

    /// <summary>Levels [1, rows, columns], dB below a full-scale sine; row 0 is the lowest frequency.</summary>
    /// <param name="signal">The sound, of one sample or more.</param>
    /// <param name="rows">Cells from 0 Hz to <paramref name="hertz"/>.</param>
    /// <param name="columns">Cells of the sound's duration; each is the mean power of its frames.</param>
    /// <param name="hertz">Where the picture ends; above half the rate there is nothing.</param>
    public static Tensor Of(Signal signal, int rows, int columns, double hertz)
    {
        var window = Windows.Hann((int)Math.Max(16, WindowSeconds * signal.SampleRate));

        // Two bins a row or more, so that no row falls between bins.
        var transform = new RealFourierTransform(
            RealFourierTransform.LengthFor((int)Math.Max(window.Length, Math.Ceiling(2 * signal.SampleRate * rows / hertz))));
        var fullScale = Math.Pow(window.Sum() / 2, 2);
        var columnSeconds = signal.Seconds / columns;
        var frames = (int)Math.Ceiling(columnSeconds / MostHopSeconds);
        var levels = new Tensor(1, rows, columns);
        var (frame, power, work) = (new double[window.Length], new double[transform.Bins], new double[transform.Bins]);
        var sums = new double[rows];
        for (var column = 0; column < columns; column++)
        {
            Array.Clear(sums);
            for (var i = 0; i < frames; i++)
            {
                CutFrame(signal, (column + ((i + 0.5) / frames)) * columnSeconds, window, frame);
                transform.Power(frame, power, work);
                AddRows(power, signal.SampleRate / (double)transform.Length, hertz, sums);
            }

            for (var row = 0; row < rows; row++)
            {
                levels.Span[(row * columns) + column] = (float)(10 * Math.Log10(Math.Max(sums[row] / frames / fullScale, LeastPower)));
            }
        }

        return levels;
    }

    private static void CutFrame(Signal signal, double seconds, double[] window, double[] frame)
    {
        var start = (int)Math.Round(seconds * signal.SampleRate) - (window.Length / 2);
        for (var i = 0; i < frame.Length; i++)
        {
            var at = start + i;
            frame[i] = at >= 0 && at < signal.Samples.Length ? window[i] * signal.Samples[at] : 0;
        }
    }

    /// <summary>Adds to each row the mean power of the bins within it.</summary>
    private static void AddRows(double[] power, double binHertz, double hertz, double[] sums)
    {
        var rowHertz = hertz / sums.Length;
        for (var row = 0; row < sums.Length; row++)
        {
            var first = (int)Math.Ceiling(row * rowHertz / binHertz);
            var end = Math.Min(power.Length, (int)Math.Ceiling((row + 1) * rowHertz / binHertz));
            double sum = 0;
            for (var bin = first; bin < end; bin++)
            {
                sum += power[bin];
            }

            sums[row] += end > first ? sum / (end - first) : 0;
        }
    }
}
