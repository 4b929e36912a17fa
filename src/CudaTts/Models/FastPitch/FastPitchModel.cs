using CudaTts.Compute;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.FastPitch;

/// <summary>
/// FastPitch (arXiv:2006.06873, with the graph of NVIDIA/DeepLearningExamples): token ids to a log-mel spectrogram by way of each token's duration,
/// pitch and energy, all frames at once.
/// </summary>
public sealed class FastPitchModel : DurationModel
{
    // What a batch's memory is estimated for: longer than a sentence usually is.
    private const int LongSeconds = 20;

    private readonly FastPitchConfig _config;
    private readonly TokenEncoder _encoder;
    private readonly FrameDecoder _decoder;

    /// <summary>Packs the weights for a device.</summary>
    /// <param name="config">The model's widths.</param>
    /// <param name="weights">Tensors as <see cref="FastPitchTensors.Expected"/> lists them.</param>
    /// <param name="device">Where it runs; stays the caller's to dispose.</param>
    /// <exception cref="WeightsException">A tensor is missing or does not fit the config, or the config is not a FastPitch.</exception>
    public FastPitchModel(FastPitchConfig config, ModelWeights weights, ComputeDevice device)
        : base(FastPitchConfig.TypeName, FastPitchFormat.Instance.Title, FastPitchFormat.Instance.Check(config, weights.Source).Mel, device)
    {
        _config = config;
        try
        {
            var exact = device.FullPrecision == device ? Memory : Memory.Own(device.FullPrecision.CreateModelMemory());
            _encoder = new TokenEncoder(config, new LayerReader(weights, exact));
            _decoder = new FrameDecoder(config, new LayerReader(weights, Memory));
        }
        catch
        {
            Memory.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override int Symbols => _config.Symbols;

    /// <inheritdoc/>
    public override bool IsPublicSize => new FastPitchConfig() is var published && published == _config with
    {
        Symbols = published.Symbols,
        PaddingId = published.PaddingId,
        HasSpectrumEnergy = published.HasSpectrumEnergy,
        SpeakerCount = published.SpeakerCount,
        SpeakerWeight = published.SpeakerWeight,
        Mel = published.Mel,
    };

    /// <inheritdoc/>
    public override int Speakers => _config.SpeakerCount > 1 ? _config.SpeakerCount : 0;

    /// <inheritdoc/>
    public override ProsodyControls Controls =>
        ProsodyControls.Pace | ProsodyControls.Pitch | (_config.HasEnergy ? ProsodyControls.Energy : ProsodyControls.None);

    /// <inheritdoc/>
    internal override int RefinementContextFrames => 0;

    /// <summary>Speaks token ids [T].</summary>
    /// <param name="ids">Rows of the symbol embedding.</param>
    /// <param name="options">Speaker, pace and pitch; the defaults when omitted.</param>
    /// <param name="cancellation">Ends the work within a block of the network; the result then has no frames, and says so.</param>
    /// <exception cref="TextException">There are no ids, all are padding, or one is not a symbol of this model.</exception>
    /// <exception cref="CudaTtsException">There is no such speaker, or the model put out a value that is not finite.</exception>
    public FastPitchResult Synthesize(ReadOnlySpan<int> ids, FastPitchOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new FastPitchOptions();
        var utterance = ids.ToArray();
        Require(utterance, new AcousticOptions { Speaker = options.Speaker, Prosody = options.Prosody });
        using var run = Memory.BeginRun();
        var result = Run([utterance], [options], cancellation)[0];
        RequireFinite(result.Mel);
        return result;
    }

    /// <inheritdoc/>
    internal override StageWork? WorkOf(Stage stage, int tokens, int frames) => stage switch
    {
        Stage.Encoder => FastPitchWork.Encoder(_config, tokens),
        Stage.Decoder => FastPitchWork.Decoder(_config, frames, Device.ElementBytes),
        _ => null,
    };

    /// <inheritdoc/>
    private protected override DurationResult[] PredictRows(int[][] utterances, AcousticOptions[] options, CancellationToken cancellation) =>
        Array.ConvertAll(
            Run(utterances, Array.ConvertAll(options, FastPitchOptions.Of), cancellation),
            result => new DurationResult(result.Mel, result.Durations, result.Stop));

    /// <inheritdoc/>
    private protected override long BytesOfRows(int rows)
    {
        var frames = LongSeconds * _config.Mel.SampleRate / _config.Mel.HopLength;
        return _decoder.BytesOf(Math.Min(rows, Device.MostRows), frames) + ((long)rows * frames * _config.MelBands * sizeof(float));
    }

    private FastPitchResult[] Run(int[][] utterances, FastPitchOptions[] options, CancellationToken cancellation)
    {
        for (var row = 0; row < utterances.Length; row++)
        {
            Require(utterances[row], options[row]);
        }

        var tokens = Encode(utterances, options, cancellation);
        if (tokens.Length == 0)
        {
            return Array.ConvertAll(utterances, Cancelled);
        }

        var most = Array.ConvertAll(options, MostFrames);
        var durations = tokens.Select((row, i) => FrameCounts.Of(row.LogDurations, options[i], most[i])).ToArray();
        var mels = Decode(tokens, durations, cancellation);
        return mels.Length == 0 ? Array.ConvertAll(utterances, Cancelled) : [.. tokens.Select((row, i) => new FastPitchResult(
            mels[i], durations[i], mels[i][2] < most[i] ? StopReason.Durations : StopReason.FrameLimit)
        {
            LogDurations = row.LogDurations,
            Pitch = row.Pitch,
            Energy = row.Energy,
            EncoderOutput = options[i].KeepsEncoderOutput ? row.EncoderOutput : null,
        })];
    }

    private EncodedTokens[] Encode(int[][] utterances, FastPitchOptions[] options, CancellationToken cancellation)
    {
        using var stage = Device.BeginStage(Stage.Encoder);
        var tokens = _encoder.Encode(utterances, options, cancellation);
        if (Array.Exists(tokens, row => row.LogDurations.Span.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) >= 0))
        {
            throw new CudaTtsException($"the model {Name} predicted a duration that is not finite; its weights are damaged.");
        }

        return tokens;
    }

    private Tensor[] Decode(EncodedTokens[] tokens, int[][] durations, CancellationToken cancellation)
    {
        using var stage = Device.BeginStage(Stage.Decoder);
        return _decoder.Decode(Array.ConvertAll(tokens, row => row.Tokens), durations, cancellation);
    }

    private int MostFrames(FastPitchOptions options)
    {
        var seconds = Math.Min(options.MaxSeconds ?? Vocoder.MostSeconds, Vocoder.MostSeconds);
        return Math.Max(1, (int)(seconds * _config.Mel.SampleRate / _config.Mel.HopLength));
    }

    private FastPitchResult Cancelled(int[] ids) =>
        new(new Tensor(1, _config.MelBands, 0), new int[ids.Length], StopReason.Cancelled)
        {
            LogDurations = new Tensor(1, ids.Length),
            Pitch = new Tensor(1, ids.Length),
        };

    private void Require(int[] ids, FastPitchOptions options)
    {
        if (Array.TrueForAll(ids, id => id == _config.PaddingId))
        {
            throw new TextException($"There is nothing to speak: all {ids.Length} tokens are padding (id {_config.PaddingId}).");
        }

        if (!(options.Pace > 0))
        {
            throw new CudaTtsException(FormattableString.Invariant($"pace: expected a number above 0, found {options.Pace}."));
        }

        for (var i = 0; i < (options.Prosody?.Count ?? 0); i++)
        {
            var token = options.Prosody![i];
            if (!(token.Pace > 0) || !double.IsFinite(token.Semitones + token.Decibels))
            {
                throw new CudaTtsException(FormattableString.Invariant(
                    $"prosody of token {i}: expected a pace above 0 and finite semitones and decibels, found {token.Pace}, ")
                    + FormattableString.Invariant($"{token.Semitones} and {token.Decibels}."));
            }
        }
    }
}
