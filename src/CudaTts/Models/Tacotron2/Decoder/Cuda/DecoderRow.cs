namespace CudaTts.Models.Tacotron2.Decoder.Cuda;

/// <summary>One row of a batch that a GPU decodes: what is asked for it, and what has come of it.</summary>
internal sealed class DecoderRow(Tacotron2Config config, Tacotron2Options options, PrenetDropout dropout, int tokens, int limit)
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

    /// <summary>Whether the gate has opened or the limit is reached.</summary>
    public bool IsDone { get; set; }

    /// <summary>What has come of it.</summary>
    public DecoderOutput Output =>
        new(_record, _lastGate > GateLogit ? StopReason.Gate : _record.Steps == limit ? StopReason.FrameLimit : StopReason.Cancelled);

    /// <summary>Keeps a step: frames, gate logit and alignment one after the other.</summary>
    /// <exception cref="CudaTtsException">A value is not finite.</exception>
    public void Append(ReadOnlySpan<float> step, int stepWidth)
    {
        _lastGate = step[stepWidth];
        _record.Append(step[..stepWidth], _lastGate, step.Slice(stepWidth + 1, tokens));
        options.Progress?.Report(_record.Steps * config.FramesPerStep);
    }
}
