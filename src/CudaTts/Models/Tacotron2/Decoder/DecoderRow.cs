using System.Runtime.ExceptionServices;

namespace CudaTts.Models.Tacotron2.Decoder;

/// <summary>One row of what is decoded side by side: what is asked for it, and what has come of it.</summary>
internal sealed class DecoderRow(Tacotron2Config config, Tacotron2Options options, PrenetDropout dropout, int tokens, int limit) : AcousticRow
{
    private readonly DecoderRecord _record = new(config.MelBands, config.FramesPerStep, tokens) { Sink = options.Frames };
    private float _lastGate;

    /// <summary>Threshold and randomness.</summary>
    public Tacotron2Options Options => options;

    /// <summary>The caller's masks, checked.</summary>
    public PrenetDropout Dropout => dropout;

    /// <summary>The number of tokens, T.</summary>
    public int Tokens => tokens;

    /// <summary>The most steps.</summary>
    public int Limit => limit;

    /// <summary>The gate logit that ends the row when it is exceeded.</summary>
    public float GateLogit { get; } = GateThreshold.ToLogit(options.GateThreshold);

    /// <summary>Steps so far.</summary>
    public int Steps => _record.Steps;

    /// <summary>Mel frames so far.</summary>
    public int Frames => _record.Steps * config.FramesPerStep;

    /// <summary>What has come of it, or its failure.</summary>
    /// <exception cref="CudaTtsException">A value was not finite.</exception>
    public DecoderOutput Output
    {
        get
        {
            ThrowIfFailed();
            return new(_record, _lastGate > GateLogit ? StopReason.Gate : _record.Steps == limit ? StopReason.FrameLimit : StopReason.Cancelled);
        }
    }

    /// <summary>Whether a row whose gate has this logit ends with the step that makes it one of so many.</summary>
    public bool EndsWith(float gateLogit, int steps) => gateLogit > GateLogit || steps >= limit;

    /// <summary>
    /// Keeps a step. What is wrong with it, or with who is told of it, is the row's <see cref="AcousticRow.Failure"/> and its end: the rows beside it
    /// go on.
    /// </summary>
    /// <param name="frames">[frames a step x bands].</param>
    /// <param name="gateLogit">Of the step.</param>
    /// <param name="alignment">[T].</param>
    public void Append(ReadOnlySpan<float> frames, float gateLogit, ReadOnlySpan<float> alignment)
    {
        if (Failure is not null)
        {
            return;
        }

        try
        {
            _lastGate = gateLogit;
            _record.Append(frames, gateLogit, alignment);
            options.Progress?.Report(Frames);
        }
        catch (Exception error)
        {
            (Failure, IsDone) = (error, true);
        }
    }

    /// <summary>Throws the failure, where there is one.</summary>
    public void ThrowIfFailed()
    {
        if (Failure is not null)
        {
            ExceptionDispatchInfo.Throw(Failure);
        }
    }

    /// <summary>Keeps a step whose frames, gate logit and alignment lie one after the other.</summary>
    public void Append(ReadOnlySpan<float> step, int stepWidth) =>
        Append(step[..stepWidth], step[stepWidth], step.Slice(stepWidth + 1, tokens));
}
