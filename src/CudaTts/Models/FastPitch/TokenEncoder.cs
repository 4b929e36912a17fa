using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models.FastPitch;

/// <summary>
/// Symbols to tokens that know how they are to be spoken: the encoder, the predictors, and what adds the pitch and then the energy to what the
/// encoder made. It computes in float32 on every device, because a duration that is rounded the other way is another speech.
/// </summary>
internal sealed class TokenEncoder
{
    // The workspace's buffers, of which the transformer has the first three.
    private const int Tokens = 0;
    private const int First = 1;
    private const int Second = 2;
    private const int Values = 3;
    private const int Mask = 4;

    private readonly FastPitchConfig _config;
    private readonly ComputeDevice _device;
    private readonly Tensor _symbols;
    private readonly Tensor? _speakers;
    private readonly TransformerStack _transformer;
    private readonly TokenPredictor _duration;
    private readonly TokenPredictor _pitch;
    private readonly Conv1dWeights _pitchEmbedding;
    private readonly (TokenPredictor Predictor, Conv1dWeights Embedding)? _energy;
    private readonly PitchStatistics _statistics;
    private readonly EnergyMeasure _measure;
    private readonly Workspace.Kept _workspace;
    private readonly int _widest;

    /// <summary>Packs the weights.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="layers">Where they come from, and where they go: the memory of a device that computes in float32.</param>
    public TokenEncoder(FastPitchConfig config, LayerReader layers)
    {
        var (weights, width) = (layers.Weights, config.Width);
        (_config, _device) = (config, layers.Memory.Device);
        _symbols = layers.Memory.Store(weights.Take("encoder.word_emb.weight", config.Symbols, width));
        _speakers = config.SpeakerCount > 1 ? weights.Take("speaker_emb.weight", config.SpeakerCount, width) : null;
        _transformer = new TransformerStack("encoder", config.Encoder, layers);
        _duration = new TokenPredictor(config.Duration, layers);
        _pitch = new TokenPredictor(config.Pitch, layers);
        _pitchEmbedding = layers.Convolution("pitch_emb", width, 1, config.PitchEmbeddingKernel);
        _statistics = PitchStatistics.Of(weights.Take("pitch_mean", 1).Span[0], weights.Take("pitch_std", 1).Span[0]);
        _measure = new EnergyMeasure(config.HasSpectrumEnergy, config.MelBands);
        if (config.Energy is { } energy)
        {
            _energy = (new TokenPredictor(energy, layers), layers.Convolution("energy_emb", width, 1, config.EnergyEmbeddingKernel));
        }

        var sequences = TransformerStack.Buffers(config.Encoder);
        var predictor = new[] { config.Duration, config.Pitch, config.Energy }.OfType<PredictorSizes>().Max(TokenPredictor.BufferOf);
        sequences = [sequences[Tokens], Math.Max(sequences[First], predictor), Math.Max(sequences[Second], predictor), 1, 1];
        _workspace = layers.Memory.KeepWorkspace(sequences);
        _widest = sequences.Max() * width;
    }

    /// <summary>Encodes utterances, as many at a time as the device takes.</summary>
    /// <returns>None where it was cancelled.</returns>
    public EncodedTokens[] Encode(int[][] utterances, FastPitchOptions[] options, CancellationToken cancellation)
    {
        var encoded = new List<EncodedTokens>();
        foreach (var group in RowGroups.Of(_device, Array.ConvertAll(utterances, ids => ids.Length), _widest, "tokens"))
        {
            encoded.AddRange(EncodeRows(utterances[group], options[group], cancellation));
        }

        return cancellation.IsCancellationRequested ? [] : [.. encoded];
    }

    private EncodedTokens[] EncodeRows(int[][] utterances, FastPitchOptions[] options, CancellationToken cancellation)
    {
        using var rows = _device.Rows(Array.ConvertAll(utterances, ids => ids.Length));
        using var workspace = _workspace.Take((long)rows.Count * rows.Longest * _config.Width);
        var tokens = workspace.Sequence(Tokens, rows, _config.Width);
        var padding = new PaddingMask(utterances, rows, _config.PaddingId);
        Embed(utterances, options, rows, tokens);
        _transformer.Run(workspace, rows, tokens, Upload(workspace, rows, padding), cancellation);
        if (cancellation.IsCancellationRequested)
        {
            return [];
        }

        var encoderOutput = Array.Exists(options, row => row.KeepsEncoderOutput) ? SequenceBatch.Split(_device.Download(tokens), rows) : null;
        var durations = Predict(_duration, workspace, rows, tokens, padding);
        var pitch = Predict(_pitch, workspace, rows, tokens, padding);
        Change(pitch, rows, options, padding);
        Add(pitch, _pitchEmbedding, workspace, rows, tokens);
        var energy = _energy is { } part ? AddEnergy(part, options, workspace, rows, tokens, padding) : null;
        var results = SequenceBatch.Split(_device.Download(tokens), rows);
        return
        [
            .. results.Select((row, i) => new EncodedTokens(
                row, padding.RowOf(durations, i), padding.RowOf(pitch, i), energy is null ? null : padding.RowOf(energy, i),
                encoderOutput is null ? null : Transposed(encoderOutput[i]))),
        ];
    }

    private void Embed(int[][] utterances, FastPitchOptions[] options, RowLengths rows, Tensor tokens)
    {
        var ids = new int[rows.Count * rows.Longest];
        for (var row = 0; row < utterances.Length; row++)
        {
            utterances[row].CopyTo(ids, row * rows.Longest);
        }

        _device.Embed(ids, _symbols, tokens);
        if (_speakers is null)
        {
            return;
        }

        var vectors = new Tensor(rows.Count, _config.Width);
        for (var row = 0; row < options.Length; row++)
        {
            var speaker = _speakers.Slice(options[row].Speaker ?? 0, 1).Span;
            for (var channel = 0; channel < speaker.Length; channel++)
            {
                vectors.Span[(row * speaker.Length) + channel] = speaker[channel] * (float)_config.SpeakerWeight;
            }
        }

        _device.AddRowVectors(tokens, vectors);
    }

    private Tensor? Upload(Workspace workspace, RowLengths rows, PaddingMask padding)
    {
        if (!padding.HasAny)
        {
            return null;
        }

        var mask = workspace.Sequence(Mask, rows, 1);
        _device.Upload(padding.Values, mask);
        return mask;
    }

    private static Tensor Predict(TokenPredictor predictor, Workspace workspace, RowLengths rows, Tensor tokens, PaddingMask padding)
    {
        var values = predictor.Predict(workspace, rows, tokens, (First, Second, Values));
        padding.Zero(values);
        return values;
    }

    /// <summary>Changes the pitch as it is asked for; padding has none.</summary>
    private void Change(Tensor pitch, RowLengths rows, FastPitchOptions[] options, PaddingMask padding)
    {
        for (var row = 0; row < options.Length; row++)
        {
            var values = pitch.Slice(row, 1).Span[..rows.Values[row]];
            for (var token = 0; token < values.Length; token++)
            {
                values[token] = _statistics.Change(values[token], options[row].PitchTransform, options[row].Prosody?[token].Semitones ?? 0);
            }
        }

        padding.Zero(pitch);
    }

    private Tensor AddEnergy(
        (TokenPredictor Predictor, Conv1dWeights Embedding) part, FastPitchOptions[] options, Workspace workspace, RowLengths rows, Tensor tokens,
        PaddingMask padding)
    {
        // The pitch of its neighbours has been added to padding, which has no frames and would only mislead the predictor.
        if (padding.HasAny)
        {
            var values = _device.Download(tokens);
            padding.Zero(values);
            _device.Upload(values, tokens);
        }

        var energy = Predict(part.Predictor, workspace, rows, tokens, padding);
        Raise(energy, rows, options, padding);
        Add(energy, part.Embedding, workspace, rows, tokens);
        return energy;
    }

    /// <summary>Raises the energy of the tokens for which it is asked; padding has none.</summary>
    private void Raise(Tensor energy, RowLengths rows, FastPitchOptions[] options, PaddingMask padding)
    {
        for (var row = 0; row < options.Length; row++)
        {
            var values = energy.Slice(row, 1).Span[..rows.Values[row]];
            for (var token = 0; options[row].Prosody is { } prosody && token < values.Length; token++)
            {
                values[token] = _measure.Raise(values[token], prosody[token].Decibels);
            }
        }

        padding.Zero(energy);
    }

    private void Add(Tensor values, Conv1dWeights embedding, Workspace workspace, RowLengths rows, Tensor tokens)
    {
        var uploaded = workspace.Sequence(Values, rows, 1);
        _device.Upload(values, uploaded);
        _device.Conv1d(uploaded, embedding, tokens, new ConvFusion { Residual = tokens });
    }

    private static Tensor Transposed(Tensor sequence)
    {
        var (channels, steps) = (sequence[1], sequence[2]);
        var transposed = new Tensor(1, steps, channels);
        for (var channel = 0; channel < channels; channel++)
        {
            for (var step = 0; step < steps; step++)
            {
                transposed.Span[(step * channels) + channel] = sequence.Span[(channel * steps) + step];
            }
        }

        return transposed;
    }
}
