using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Decoder;

/// <summary>What the decoder has put out so far. Grows by doubling, so that steps do not allocate.</summary>
internal sealed class DecoderRecord(int bands, int framesPerStep, int tokens)
{
    private const int FirstCapacity = 256;
    private readonly int _stepWidth = bands * framesPerStep;

    // Empty until the first step: of many rows most may still be waiting.
    private float[] _frames = [];
    private float[] _gateLogits = [];
    private float[] _alignments = [];

    /// <summary>Told every step's frames as they are kept.</summary>
    public FrameSink? Sink { get; init; }

    /// <summary>The number of steps taken.</summary>
    public int Steps { get; private set; }

    /// <summary>Keeps one step: its frames [frames a step x bands], gate logit, and alignment [T].</summary>
    /// <exception cref="CudaTtsException">A value is not finite.</exception>
    public void Append(ReadOnlySpan<float> frames, float gateLogit, ReadOnlySpan<float> alignment)
    {
        CheckFinite(frames, "the decoder");
        CheckFinite([gateLogit], "the gate");
        if (Steps == _gateLogits.Length)
        {
            var capacity = Math.Max(FirstCapacity, 2 * Steps);
            Array.Resize(ref _frames, capacity * _stepWidth);
            Array.Resize(ref _gateLogits, capacity);
            Array.Resize(ref _alignments, capacity * tokens);
        }

        frames.CopyTo(_frames.AsSpan(Steps * _stepWidth));
        _gateLogits[Steps] = gateLogit;
        alignment.CopyTo(_alignments.AsSpan(Steps * tokens));
        Steps++;
        Sink?.Invoke(frames);
    }

    /// <summary>The frames so far, [1, bands, F].</summary>
    public Tensor Mel()
    {
        var frames = Steps * framesPerStep;
        var mel = new Tensor(1, bands, frames);
        for (var frame = 0; frame < frames; frame++)
        {
            for (var band = 0; band < bands; band++)
            {
                mel.Span[(band * frames) + frame] = _frames[(frame * bands) + band];
            }
        }

        return mel;
    }

    /// <summary>The gates so far, [1, steps].</summary>
    public Tensor GateLogits() => Tensor.From(_gateLogits.AsSpan(0, Steps), 1, Steps);

    /// <summary>The alignments so far, [1, steps, T].</summary>
    public Tensor Alignments() => Tensor.From(_alignments.AsSpan(0, Steps * tokens), 1, Steps, tokens);

    /// <summary>Ends a synthesis that has gone wrong with a message instead of noise.</summary>
    /// <exception cref="CudaTtsException">A value is not finite.</exception>
    public static void CheckFinite(ReadOnlySpan<float> values, string layer)
    {
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
            {
                throw new CudaTtsException(FormattableString.Invariant(
                    $"The model produced a value that is not finite ({value}) in {layer}; are these the weights of this config.json?"));
            }
        }
    }
}
