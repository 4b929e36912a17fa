using CudaTts.Compute;
using CudaTts.Models.Tacotron2.Decoder;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Stepwise;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.Tacotron2;

/// <summary>
/// Tacotron 2 (arXiv:1712.05884, with the graph of NVIDIA/tacotron2): token ids to a log-mel spectrogram. Weights are immutable and all
/// that a run changes is its own, so several threads may synthesise with one instance; runs that overlap get one thread each.
/// </summary>
public sealed class Tacotron2Model : IDisposable
{
    private readonly Tacotron2Config _config;
    private readonly Tacotron2Encoder _encoder;
    private readonly Tacotron2Decoder _decoder;
    private readonly Postnet _postnet;
    private readonly ComputeDevice _device;
    private readonly ModelMemory _memory;

    /// <summary>Packs the weights for a device.</summary>
    /// <param name="config">The model's widths.</param>
    /// <param name="weights">Tensors as <see cref="Tacotron2Tensors.Expected"/> lists them; the decoder keeps halves as halves.</param>
    /// <param name="device">Where it runs; stays the caller's to dispose.</param>
    /// <exception cref="WeightsException">A tensor is missing or does not fit the config, or the config is not a Tacotron 2.</exception>
    public Tacotron2Model(Tacotron2Config config, ModelWeights weights, ComputeDevice device)
    {
        Check(config, weights.Source);
        _config = config;
        _device = device;
        _memory = device.CreateModelMemory();
        try
        {
            _encoder = new Tacotron2Encoder(config, weights, _memory);
            _decoder = Tacotron2Decoder.Create(config, weights, _memory);
            _postnet = new Postnet(config, weights, _memory);
        }
        catch
        {
            _memory.Dispose();
            throw;
        }
    }

    /// <summary>
    /// How sentences are decoded: <c>stepwise</c>, <c>persistent</c> where few of them are, or <c>stepwise_after_refusal</c> where the driver has refused the
    /// persistent kernel.
    /// </summary>
    public string DecoderWay => _decoder.Way;

    /// <summary>Frames on each side that can influence a frame's refinement by the postnet.</summary>
    internal int PostnetContextFrames => _postnet.ContextFrames;

    /// <summary>Speaks token ids [T].</summary>
    /// <param name="ids">Rows of the symbol embedding.</param>
    /// <param name="options">Limits, threshold and randomness; the defaults when omitted.</param>
    /// <param name="cancellation">Ends decoding within one step; the result then holds what there is, and says so.</param>
    /// <exception cref="TextException">There are no ids, or one is not a symbol of this model.</exception>
    /// <exception cref="CudaTtsException">Prenet masks of the wrong size, or the model put out a value that is not finite.</exception>
    public Tacotron2Result Synthesize(ReadOnlySpan<int> ids, Tacotron2Options? options = null, CancellationToken cancellation = default) =>
        SynthesizeBatch([ids.ToArray()], [options ?? new Tacotron2Options()], cancellation)[0];

    /// <summary>Speaks several utterances, on a device that takes batches side by side. Each result is what it would be alone: bit for
    /// bit where both go the same way through the decoder, and else, in float16 on a GPU, to rounding, which may move a row's end by a step.</summary>
    /// <param name="utterances">The token ids [T] of each.</param>
    /// <param name="options">The options of each.</param>
    /// <param name="cancellation">Ends decoding; results then hold what there is, and say so.</param>
    /// <inheritdoc cref="Synthesize" path="/exception"/>
    public IReadOnlyList<Tacotron2Result> SynthesizeBatch(
        IReadOnlyList<int[]> utterances, IReadOnlyList<Tacotron2Options> options, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(options.Count, utterances.Count, nameof(options));
        foreach (var ids in utterances)
        {
            CheckIds(ids);
        }

        foreach (var option in options)
        {
            option.Window?.Require();
        }

        using var run = _memory.BeginRun();
        var results = new Tacotron2Result[utterances.Count];
        _device.ForEachGroup(results.Length, group =>
        {
            var (first, count) = group.GetOffsetAndLength(results.Length);
            SynthesizeRows([.. utterances.Skip(first).Take(count)], [.. options.Skip(first).Take(count)], results.AsSpan(group), cancellation);
        });
        return results;
    }

    /// <summary>What a stage takes at least for one sentence.</summary>
    /// <param name="stage">Encoder, decoder or postnet.</param>
    /// <param name="tokens">T.</param>
    /// <param name="frames">F.</param>
    /// <returns>Null for other stages.</returns>
    internal StageWork? WorkOf(Stage stage, int tokens, int frames) => stage switch
    {
        Stage.Encoder => Tacotron2Work.Encoder(_config, tokens, _device.ElementBytes),
        Stage.Decoder => Tacotron2Work.Decoder(_config, tokens, rows: 1, frames / _config.FramesPerStep, _decoder.WeightBytes),
        Stage.Postnet => Tacotron2Work.Postnet(_config, frames, _device.ElementBytes),
        _ => null,
    };

    /// <summary>Refines a part of a mel, [1, 80, F] to [1, 80, F]; the frames at its ends lack their context.</summary>
    internal Tensor Refine(Tensor mel)
    {
        using var run = _memory.BeginRun();
        return _postnet.Refine([mel])[0];
    }

    /// <summary>Waits for the runs under way and frees all that the model has on its device.</summary>
    public void Dispose() => _memory.Dispose();

    private void SynthesizeRows(int[][] utterances, Tacotron2Options[] options, Span<Tacotron2Result> results, CancellationToken cancellation)
    {
        // Encoder and postnet take fewer rows at a time than the decoder, which loses by every row that it lacks towards the end.
        var groups = new List<EncodedGroup>();
        try
        {
            foreach (var group in utterances.Chunk(_device.MostRows))
            {
                groups.Add(Encode(group));
            }

            var decoded = Decode([.. groups.Select(group => group.Rows)], options, cancellation);
            var first = 0;
            foreach (var group in groups)
            {
                var count = group.Rows.Tokens.Count;
                Finish(group.Rows, decoded.Skip(first).Take(count).ToArray(), results.Slice(first, count));
                first += count;
                group.Dispose();
            }
        }
        finally
        {
            groups.ForEach(group => group.Dispose());
        }
    }

    private EncodedGroup Encode(int[][] utterances)
    {
        var tokens = _device.Rows([.. utterances.Select(ids => ids.Length)]);
        var padded = new int[tokens.Count * tokens.Longest];
        for (var row = 0; row < utterances.Length; row++)
        {
            utterances[row].CopyTo(padded, row * tokens.Longest);
        }

        try
        {
            return new EncodedGroup(_encoder.Encode(padded, tokens), tokens);
        }
        catch
        {
            tokens.Dispose();
            throw;
        }
    }

    private IReadOnlyList<DecoderOutput> Decode(EncodedRows[] encoded, Tacotron2Options[] options, CancellationToken cancellation)
    {
        using var stage = _device.BeginStage(Stage.Decoder);
        return _decoder.Decode(encoded, options, cancellation);
    }

    private void Finish(EncodedRows encoded, DecoderOutput[] decoded, Span<Tacotron2Result> results)
    {
        var beforePostnet = Array.ConvertAll(decoded, row => row.Record.Mel());
        var mels = RefineSpoken(beforePostnet);
        var memories = _device.Download(encoded.Memory);
        for (var row = 0; row < results.Length; row++)
        {
            DecoderRecord.CheckFinite(mels[row].Span, "the postnet");
            var (count, width) = (encoded.Tokens.Values[row], memories[2]);
            var memory = Tensor.From(memories.Slice(row, 1).Span[..(count * width)], 1, count, width);
            var (record, stop) = decoded[row];
            results[row] = new Tacotron2Result(memory, beforePostnet[row], mels[row], record.GateLogits(), record.Alignments(), stop);
        }
    }

    /// <summary>The postnet, on rows that have frames: those that a cancelled run never came to have none.</summary>
    private Tensor[] RefineSpoken(Tensor[] mels)
    {
        var spoken = Array.FindAll(mels, mel => mel[2] > 0);
        var refined = new Queue<Tensor>(spoken.Length > 0 ? _postnet.Refine(spoken) : []);
        return Array.ConvertAll(mels, mel => mel[2] > 0 ? refined.Dequeue() : mel);
    }

    private void CheckIds(ReadOnlySpan<int> ids)
    {
        if (ids.IsEmpty)
        {
            throw new TextException("There are no tokens to speak: expected at least one id.");
        }

        foreach (var id in ids)
        {
            if (id < 0 || id >= _config.Symbols)
            {
                throw new TextException(
                    $"Token id {id} is no symbol of the model: n_symbols is {_config.Symbols}. Do the ids come from this voice's front end?");
            }
        }
    }

    private static void Check(Tacotron2Config config, string source)
    {
        static bool IsOdd(int taps) => taps > 0 && taps % 2 == 1;
        var problem = config switch
        {
            { ModelType: not Tacotron2Config.TypeName } => $"model_type: expected '{Tacotron2Config.TypeName}', found '{config.ModelType}'",
            _ when config.SymbolsEmbedding != config.EncoderEmbedding =>
                $"symbols_embedding_dim {config.SymbolsEmbedding} and encoder_embedding_dim {config.EncoderEmbedding} differ",
            _ when config.EncoderEmbedding % 2 != 0 => $"encoder_embedding_dim {config.EncoderEmbedding} is odd; each LSTM direction has half of it",
            _ when !IsOdd(config.EncoderKernel) || !IsOdd(config.PostnetKernel) || !IsOdd(config.LocationKernel) =>
                $"kernel sizes {config.EncoderKernel}, {config.PostnetKernel}, {config.LocationKernel}: expected odd numbers, which keep the length",
            { FramesPerStep: < 1 } or { MelBands: < 1 } or { EncoderEmbedding: < 2 } or { AttentionRnn: < 1 } or { DecoderRnn: < 1 }
                or { Prenet: < 1 } or { Attention: < 1 } or { LocationFilters: < 1 } or { Symbols: < 1 }
                or { EncoderConvolutions: < 0 } or { PostnetConvolutions: < 1 } =>
                "a width is less than 1",
            _ => null,
        };
        if (problem is not null)
        {
            throw new WeightsException($"{source}: config.json does not describe a Tacotron 2 that can run: {problem}.");
        }
    }

    /// <summary>What the encoder has made of some rows, until it is given back.</summary>
    private sealed class EncodedGroup(DeviceBuffer memory, RowLengths tokens) : IDisposable
    {
        public EncodedRows Rows { get; } = new(memory.Tensor, tokens);

        public void Dispose()
        {
            memory.Dispose();
            tokens.Dispose();
        }
    }
}
