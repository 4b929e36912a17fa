using CudaTts.Compute;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.Vits;

/// <summary>
/// The first half of a VITS (arXiv:2106.06103, with the graph of jaywalnut310/vits): token ids to latent frames. The prior's frames are what a
/// listener could be told early; the flow, which sees a few frames to both sides, refines them.
/// </summary>
public sealed class VitsAcoustic : DurationModel
{
    // What a sentence has, for an estimate of memory.
    private const int UsualTokens = 400;
    private const int UsualFrames = 1000;

    private readonly VitsConfig _config;
    private readonly ComputeDevice _exact;
    private readonly TextEncoder _encoder;
    private readonly Conv1dWeights _prior;
    private readonly DurationPredictor _durations;
    private readonly CouplingFlow _flow;
    private readonly Workspace.Kept _textWorkspace;
    private readonly Workspace.Kept _frameWorkspace;
    private readonly int[] _textSequences;

    /// <summary>Packs the weights for a device.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="weights">The tensors of <see cref="VitsTensors.Expected"/>, of which it takes its own.</param>
    /// <param name="device">Where it runs; stays the caller's to dispose.</param>
    /// <exception cref="WeightsException">The config contradicts itself, or a tensor is missing or of another shape.</exception>
    public VitsAcoustic(VitsConfig config, ModelWeights weights, ComputeDevice device)
        : base(VitsConfig.TypeName, VitsFormat.Instance.Title, VitsFormat.Instance.Check(config, weights.Source).Latent, device)
    {
        (_config, _exact) = (config, device.FullPrecision);
        try
        {
            // What durations and priors follow from is float32 on every device: a duration that is rounded up may not hang on the last bits.
            var memory = _exact == device ? Memory : Memory.Own(_exact.CreateModelMemory());
            var tensors = new VitsWeights(config, weights);
            _encoder = new TextEncoder(config, tensors.Take, memory);
            _prior = memory.PackConv1d(tensors.Take("enc_p.proj.weight"), tensors.Take("enc_p.proj.bias"), dilation: 1, padding: 0);
            _durations = config.HasStochasticDurations
                ? new StochasticDurations(config, tensors.Take, tensors.Speakers("dp.cond"), memory)
                : new PlainDurations(tensors.Take, tensors.Speakers("dp.cond"), memory);
            _flow = new CouplingFlow(config, tensors.Take, tensors.Speakers, Memory);

            // The text, two buffers of its encoder, the prior, and those of the durations, counted in sequences of the hidden channels.
            int Sequences(int channels) => Ceiling.Of(channels, config.HiddenChannels);
            var wide = Math.Max(3 * config.HiddenChannels, config.FilterChannels);
            _textSequences = [1, Sequences(wide), 1, Sequences(2 * config.InterChannels),
                .. Enumerable.Repeat(Sequences(_durations.Width), DurationPredictor.Buffers)];
            _textWorkspace = memory.KeepWorkspace(_textSequences);
            _frameWorkspace = memory.KeepWorkspace(buffers: 1);
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
    public override TaughtText Text => _config.Text.Taught;

    /// <inheritdoc/>
    public override int Speakers => _config.Speakers;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, int> SpeakerNames => _config.Text.SpeakerIdMap;

    /// <inheritdoc/>
    public override bool DrawsFrames => true;

    /// <inheritdoc/>
    public override bool DrawsDurations => _config.HasStochasticDurations;

    /// <inheritdoc/>
    public override ProsodyControls Controls => ProsodyControls.Pace;

    /// <inheritdoc/>
    public override bool IsPublicSize =>
        (_config.InterChannels, _config.HiddenChannels, _config.FilterChannels, _config.Heads, _config.Layers, _config.Kernel)
        is (192, 192, 768, 2, 6, 3) or (96, 96, 384, 2, 6, 3);

    /// <inheritdoc/>
    internal override int RefinementContextFrames => CouplingFlow.ContextFrames;

    /// <summary>Speaks token ids [T], with what lies between the stages.</summary>
    /// <param name="ids">Rows of the symbol embedding.</param>
    /// <param name="options">Factors, randomness, or what takes its place.</param>
    /// <param name="cancellation">Ends the work within a layer of the network; the result then has no frames, and says so.</param>
    /// <exception cref="TextException">There are no ids, or one is not a symbol of this model.</exception>
    /// <exception cref="CudaTtsException">
    /// There is no such speaker, given noise is not finite, it or durations are of another size, or the model put out a value that is not finite.
    /// </exception>
    public VitsResult Synthesize(int[] ids, VitsOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(options);
        Require(ids, new AcousticOptions { Speaker = options.Speaker, Prosody = options.Prosody });
        if (options.DurationNoise is { } noise && !noise.Shape.AsSpan().SequenceEqual([1, 2, ids.Length]))
        {
            throw new CudaTtsException($"duration_noise: expected [1, 2, {ids.Length}] for {ids.Length} ids, found {Tensor.Describe(noise.Shape)}.");
        }

        GivenNoise.Require("duration_noise", options.DurationNoise);
        GivenNoise.Require("prior_noise", options.PriorNoise);
        using var run = Memory.BeginRun();
        var result = Draw([ids], [options], keepsAll: true, cancellation)[0];
        if (result.Stop == StopReason.Cancelled)
        {
            return result;
        }

        RequireFinite(result.PriorFrames);
        var frames = _flow.Undo([result.PriorFrames], [options.Speaker ?? 0], cancellation)[0];
        if (cancellation.IsCancellationRequested)
        {
            return Cancelled(ids);
        }

        RequireFinite(frames);
        return result with { Frames = frames };
    }

    /// <inheritdoc/>
    internal override StageWork? WorkOf(Stage stage, int tokens, int frames) => stage switch
    {
        Stage.Encoder => VitsWork.Text(_config, tokens, frames),
        Stage.Postnet => VitsWork.Flow(_config, frames, Device.ElementBytes),
        _ => null,
    };

    /// <inheritdoc/>
    private protected override DurationResult[] PredictRows(int[][] utterances, AcousticOptions[] options, CancellationToken cancellation) =>
    [
        .. Draw(utterances, Array.ConvertAll(options, row => VitsOptions.Of(row, _config)), keepsAll: false, cancellation)
            .Select(row => new DurationResult(row.PriorFrames, row.Durations, row.Stop)),
    ];

    /// <inheritdoc/>
    private protected override Tensor[] RefineRows(Tensor[] mels, AcousticOptions[] options, CancellationToken cancellation) =>
        _flow.Undo(mels, Array.ConvertAll(options, row => row.Speaker ?? 0), cancellation);

    /// <inheritdoc/>
    private protected override long BytesOfRows(int rows) => (long)rows
        * ((UsualTokens * (long)_textSequences.Sum() * _config.HiddenChannels * sizeof(float))
            + (UsualFrames * (((long)_config.InterChannels * sizeof(float)) + ((long)_flow.ElementsPerFrame * Device.ElementBytes))));

    /// <summary>Tokens to the prior's frames; what lies between them is kept where it is wanted, and empty else.</summary>
    private VitsResult[] Draw(int[][] utterances, VitsOptions[] options, bool keepsAll, CancellationToken cancellation)
    {
        using var stage = Device.BeginStage(Stage.Encoder);
        var widest = (long)_textSequences.Max() * _config.HiddenChannels;
        var results = new List<VitsResult>();
        foreach (var group in RowGroups.Of(_exact, Array.ConvertAll(utterances, ids => ids.Length), widest, "tokens"))
        {
            results.AddRange(DrawRows(utterances[group], options[group], keepsAll, cancellation));
        }

        return [.. results];
    }

    private VitsResult[] DrawRows(int[][] utterances, VitsOptions[] options, bool keepsAll, CancellationToken cancellation)
    {
        using var rows = _exact.Rows(Array.ConvertAll(utterances, ids => ids.Length));
        using var workspace = _textWorkspace.Take((long)rows.Count * rows.Longest * _config.HiddenChannels);
        var text = workspace.Sequence(0, rows, _config.HiddenChannels);
        _encoder.Run(Padded(utterances, rows), text, workspace.Buffer(1), workspace.Buffer(2), cancellation);
        var prior = workspace.Sequence(3, rows, 2 * _config.InterChannels);
        _exact.Conv1d(text, _prior, prior);
        Tensor?[] kept = keepsAll ? [_exact.Download(text), _exact.Download(prior)] : [null, null];

        var voices = Array.ConvertAll(options, row => row.Speaker ?? 0);
        Tensor[] buffers = [.. Enumerable.Range(4, DurationPredictor.Buffers).Select(workspace.Buffer)];
        if (cancellation.IsCancellationRequested)
        {
            return Array.ConvertAll(utterances, Cancelled);
        }

        var logarithms = _durations.Run(text, options, voices, buffers);
        var durations = new FrameDurations[rows.Count];
        for (var row = 0; row < rows.Count; row++)
        {
            durations[row] = FrameDurations.Of(logarithms.Slice(row, 1).Span[..rows.Values[row]], options[row], VitsOptions.MostFramesOf(_config));
        }

        if (cancellation.IsCancellationRequested)
        {
            return Array.ConvertAll(utterances, Cancelled);
        }

        var frames = DrawFrames(prior, durations, options);
        return [.. frames.Select((drawn, row) => Result(
            row, kept, Tensor.From(logarithms.Slice(row, 1).Span[..rows.Values[row]], 1, rows.Values[row]), durations[row], drawn))];
    }

    private VitsResult Result(int row, Tensor?[] kept, Tensor logarithms, FrameDurations durations, Tensor frames)
    {
        var nothing = new Tensor(0);
        var (text, prior) = (kept[0]?.Slice(row, 1), kept[1]?.Slice(row, 1).Reshape(2, _config.InterChannels, kept[1]![2]));
        return new VitsResult(
            text ?? nothing, prior?.Slice(0, 1) ?? nothing, prior?.Slice(1, 1) ?? nothing, logarithms, durations.Frames, frames, nothing,
            durations.Stop);
    }

    private VitsResult Cancelled(int[] ids)
    {
        var (nothing, frames) = (new Tensor(0), new Tensor(1, _config.InterChannels, 0));
        return new VitsResult(nothing, nothing, nothing, new Tensor(1, ids.Length), new int[ids.Length], frames, frames, StopReason.Cancelled);
    }

    /// <summary>Repeats every token's distribution for as many frames as it lasts, and draws the frames, some rows at a time.</summary>
    private Tensor[] DrawFrames(Tensor prior, FrameDurations[] durations, VitsOptions[] options)
    {
        var frames = new List<Tensor>();
        foreach (var group in RowGroups.Of(_exact, Array.ConvertAll(durations, row => row.Total), _config.InterChannels, "frames"))
        {
            var (first, count) = group.GetOffsetAndLength(durations.Length);
            frames.AddRange(DrawFramesOf(prior.Slice(first, count), durations[group], options[group]));
        }

        return [.. frames];
    }

    private Tensor[] DrawFramesOf(Tensor prior, FrameDurations[] durations, VitsOptions[] options)
    {
        using var rows = _exact.Rows(Array.ConvertAll(durations, row => row.Total));
        using var workspace = _frameWorkspace.Take((long)rows.Count * rows.Longest * _config.InterChannels);
        var frames = workspace.Sequence(0, rows, _config.InterChannels);
        var places = new int[rows.Count * rows.Longest];
        for (var row = 0; row < rows.Count; row++)
        {
            durations[row].Places().CopyTo(places, row * rows.Longest);
        }

        if (options[0].PriorNoise is { } given)
        {
            _exact.Upload(ScaledNoise(given, durations[0].Total, options[0].NoiseScale), frames);
        }
        else
        {
            _exact.FillNormal(frames, RandomUse.LatentNoise, step: 0,
                [.. options.Select(row => new NoiseRow(row.Seed, row.Utterance, FirstStep: 0, row.NoiseScale))]);
        }

        _exact.DrawFrames(prior, places, frames);
        return SequenceBatch.Split(_exact.Download(frames), rows);
    }

    private Tensor ScaledNoise(Tensor noise, int frames, float scale)
    {
        if (!noise.Shape.AsSpan().SequenceEqual([1, _config.InterChannels, frames]))
        {
            throw new CudaTtsException(
                $"prior_noise: expected [1, {_config.InterChannels}, {frames}], because the durations sum to {frames} frames, found "
                + $"{Tensor.Describe(noise.Shape)}.");
        }

        var scaled = Tensor.From(noise.Span, noise.Shape);
        foreach (ref var value in scaled.Span)
        {
            value *= scale;
        }

        return scaled;
    }

    private static int[] Padded(int[][] utterances, RowLengths rows)
    {
        var ids = new int[rows.Count * rows.Longest];
        for (var row = 0; row < rows.Count; row++)
        {
            utterances[row].CopyTo(ids, row * rows.Longest);
        }

        return ids;
    }
}
