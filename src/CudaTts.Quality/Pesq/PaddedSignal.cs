namespace CudaTts.Quality.Pesq;

/// <summary>A signal between guards of silence, as every stage holds it: guard, signal, guard, padding.</summary>
/// <param name="samples">The whole buffer [N + 2 guards + padding].</param>
/// <param name="rate">What holds at its rate.</param>
internal sealed class PaddedSignal(double[] samples, ModelRate rate)
{
    /// <summary>The whole buffer.</summary>
    public double[] Samples { get; } = samples;

    /// <summary>What holds at its rate.</summary>
    public ModelRate Rate { get; } = rate;

    /// <summary>Samples of the guards and the signal, without the padding; L in the stages' formulas.</summary>
    public int Length => Samples.Length - Rate.Padding;

    /// <summary>Samples of the signal alone.</summary>
    public int SignalLength => Length - (2 * Rate.Guard);

    /// <summary>Whole frames of voice activity in the guards and the signal.</summary>
    public int ActivityFrames => Length / Rate.ActivityFrame;

    /// <summary>Where the samples of the signal alone lie.</summary>
    public Span<double> Signal => Samples.AsSpan(Rate.Guard, SignalLength);

    /// <summary>The buffer's room for a signal and what a filter adds behind it: as long as signal and padding together.</summary>
    public Span<double> SignalAndTail => Samples.AsSpan(Rate.Guard, SignalLength + Rate.Padding);

    /// <summary>A silent buffer for a signal.</summary>
    public static PaddedSignal Silence(int signalLength, ModelRate rate) =>
        new(new double[signalLength + (2 * rate.Guard) + rate.Padding], rate);
}
