using CudaTts.Compute;
using CudaTts.Models.Tacotron2.Decoder;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.Tacotron2;

/// <summary>
/// Tacotron 2 (arXiv:1712.05884, with the graph of NVIDIA/tacotron2): token ids to a log-mel spectrogram. Runs that overlap get one thread each.
/// </summary>
public sealed class Tacotron2Model : AcousticModel
{
    private readonly Tacotron2Config _config;
    private readonly Tacotron2Encoder _encoder;
    private readonly Tacotron2Decoder _decoder;
    private readonly Postnet _postnet;

    /// <summary>Packs the weights for a device.</summary>
    /// <param name="config">The model's widths.</param>
    /// <param name="weights">Tensors as <see cref="Tacotron2Tensors.Expected"/> lists them; the decoder keeps halves as halves.</param>
    /// <param name="device">Where it runs; stays the caller's to dispose.</param>
    /// <exception cref="WeightsException">A tensor is missing or does not fit the config, or the config is not a Tacotron 2.</exception>
    public Tacotron2Model(Tacotron2Config config, ModelWeights weights, ComputeDevice device)
        : base(Tacotron2Config.TypeName, Tacotron2Format.Instance.Title, Tacotron2Format.Instance.Check(config, weights.Source).Mel, device)
    {
        _config = config;
        try
        {
            _encoder = new Tacotron2Encoder(config, weights, Memory);
            _decoder = Tacotron2Decoder.Create(config, weights, Memory);
            _postnet = new Postnet(config, weights, Memory);
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
    public override bool IsPublicSize =>
        new Tacotron2Config() is var published && _config with { Symbols = published.Symbols, Mel = published.Mel } == published;

    /// <summary>
    /// How sentences are decoded: <c>stepwise</c>, <c>persistent</c> where few of them are, or <c>stepwise_after_refusal</c> where the driver has
    /// refused the persistent kernel.
    /// </summary>
    public override string DecoderWay => _decoder.Way;

    /// <inheritdoc/>
    internal override int RefinementContextFrames => _postnet.ContextFrames;

    /// <summary>Speaks token ids [T].</summary>
    /// <param name="ids">Rows of the symbol embedding.</param>
    /// <param name="options">Limits, threshold and randomness; the defaults when omitted.</param>
    /// <param name="cancellation">Ends decoding within one step; the result then holds what there is, and says so.</param>
    /// <exception cref="TextException">There are no ids, or one is not a symbol of this model.</exception>
    /// <exception cref="CudaTtsException">Prenet masks of the wrong size, or the model put out a value that is not finite.</exception>
    public Tacotron2Result Synthesize(ReadOnlySpan<int> ids, Tacotron2Options? options = null, CancellationToken cancellation = default) =>
        SynthesizeBatch([ids.ToArray()], [options ?? new Tacotron2Options()], cancellation)[0];

    /// <inheritdoc/>
    public override IReadOnlyList<AcousticResult> SynthesizeBatch(
        IReadOnlyList<int[]> utterances, IReadOnlyList<AcousticOptions> options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return SynthesizeBatch(utterances, [.. options.Select(option => Tacotron2Options.Of(option, _config))], cancellation);
    }

    /// <inheritdoc cref="AcousticModel.SynthesizeBatch"/>
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

        using var run = Memory.BeginRun();
        var results = new Tacotron2Result[utterances.Count];
        Device.ForEachGroup(results.Length, group =>
        {
            var (first, count) = group.GetOffsetAndLength(results.Length);
            SynthesizeRows([.. utterances.Skip(first).Take(count)], [.. options.Skip(first).Take(count)], results.AsSpan(group), cancellation);
        });
        return results;
    }

    /// <inheritdoc/>
    internal override StageWork? WorkOf(Stage stage, int tokens, int frames) => stage switch
    {
        Stage.Encoder => Tacotron2Work.Encoder(_config, tokens, Device.ElementBytes),
        Stage.Decoder => Tacotron2Work.Decoder(_config, tokens, rows: 1, frames / _config.FramesPerStep, _decoder.WeightBytes),
        Stage.Postnet => Tacotron2Work.Postnet(_config, frames, Device.ElementBytes),
        _ => null,
    };

    /// <inheritdoc/>
    internal override AcousticBatch CreateBatch() => new Tacotron2Batch(this);

    /// <inheritdoc/>
    internal override Tensor[] Refine(IReadOnlyList<Tensor> mels, IReadOnlyList<AcousticOptions> options)
    {
        using var run = Memory.BeginRun();
        var refined = InGroups(mels.ToArray(), _postnet.Refine);
        Array.ForEach(refined, mel => DecoderRecord.CheckFinite(mel.Span, "the postnet"));
        return refined;
    }

    private TResult[] InGroups<T, TResult>(T[] rows, Func<T[], TResult[]> run) => [.. rows.Chunk(Device.MostRows).SelectMany(run)];

    private void SynthesizeRows(int[][] utterances, Tacotron2Options[] options, Span<Tacotron2Result> results, CancellationToken cancellation)
    {
        // Encoder and postnet take fewer rows at a time than the decoder, which loses by every row that it lacks towards the end.
        var groups = new List<EncodedGroup>();
        try
        {
            foreach (var group in utterances.Chunk(Device.MostRows))
            {
                groups.Add(Encode(group));
            }

            var decoded = Decode([.. groups.Select(group => group.Rows)], options, cancellation);
            var first = 0;
            foreach (var group in groups)
            {
                var count = group.Rows.Tokens.Count;
                WithMemory(Finish([.. decoded.Skip(first).Take(count)]), group.Rows, options[first..(first + count)])
                    .CopyTo(results.Slice(first, count));
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
        var tokens = Device.Rows([.. utterances.Select(ids => ids.Length)]);
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
        using var stage = Device.BeginStage(Stage.Decoder);
        return _decoder.Decode(encoded, options, cancellation);
    }

    /// <summary>Refines what was decoded.</summary>
    /// <exception cref="CudaTtsException">A value is not finite.</exception>
    private Tacotron2Result[] Finish(DecoderOutput[] decoded)
    {
        var beforePostnet = Array.ConvertAll(decoded, row => row.Record.Mel());
        var mels = RefineSpoken(beforePostnet);
        var results = new Tacotron2Result[decoded.Length];
        for (var row = 0; row < results.Length; row++)
        {
            DecoderRecord.CheckFinite(mels[row].Span, "the postnet");
            var (record, stop) = decoded[row];
            results[row] = new Tacotron2Result(mels[row], record.Alignments(), stop)
            {
                GateLogits = record.GateLogits(),
                MelBeforePostnet = beforePostnet[row],
            };
        }

        return results;
    }

    /// <summary>The results with the encoder's memory, where it is asked for.</summary>
    private Tacotron2Result[] WithMemory(Tacotron2Result[] results, EncodedRows encoded, Tacotron2Options[] options)
    {
        if (!Array.Exists(options, row => row.KeepsEncoderMemory))
        {
            return results;
        }

        var memories = Device.Download(encoded.Memory);
        return [.. results.Select((result, row) =>
            options[row].KeepsEncoderMemory ? result with { EncoderMemory = MemoryOf(memories, row, encoded.Tokens.Values[row]) } : result)];
    }

    /// <summary>One row of the encoder's memories [B, T, E], without what lies past its length.</summary>
    private static Tensor MemoryOf(Tensor memories, int row, int tokens)
    {
        var width = memories[2];
        return Tensor.From(memories.Slice(row, 1).Span[..(tokens * width)], 1, tokens, width);
    }

    /// <summary>The postnet, on rows that have frames: those that a cancelled run never came to have none.</summary>
    private Tensor[] RefineSpoken(Tensor[] mels)
    {
        var spoken = Array.FindAll(mels, mel => mel[2] > 0);
        var refined = new Queue<Tensor>(InGroups(spoken, _postnet.Refine));
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

    /// <summary>Utterances between encoder and postnet, over the decoder's own batch.</summary>
    private sealed class Tacotron2Batch(Tacotron2Model model) : AcousticBatch
    {
        private readonly DecoderBatch _decoder = model._decoder.CreateBatch();

        public override int MostRows => _decoder.MostRows;

        public override long MostBytes => _decoder.MostBytes;

        public override bool HasRoomFor(IReadOnlyList<int> tokens) => _decoder.HasRoomFor(tokens);

        public override IReadOnlyList<AcousticRow> Join(IReadOnlyList<int[]> utterances, IReadOnlyList<AcousticOptions> options)
        {
            using var run = model.Memory.BeginRun();
            var rows = utterances.Select((ids, i) =>
            {
                model.CheckIds(ids);
                return Tacotron2Decoder.RowOf(model._config, Tacotron2Options.Of(options[i], model._config), ids.Length);
            }).ToArray();
            try
            {
                foreach (var group in Enumerable.Range(0, rows.Length).Chunk(model.Device.MostRows))
                {
                    using var encoded = model.Encode(Array.ConvertAll(group, row => utterances[row]));
                    using var stage = model.Device.BeginStage(Stage.Decoder);
                    _decoder.Join(encoded.Rows, Array.ConvertAll(group, row => rows[row]));
                }

                return rows;
            }
            catch
            {
                Array.ForEach(rows, _decoder.Leave);
                throw;
            }
        }

        public override void Advance(IReadOnlyList<AcousticRow> rows, Func<bool> isInterrupted)
        {
            using var run = model.Memory.BeginRun();
            using var stage = model.Device.BeginStage(Stage.Decoder);
            _decoder.Advance([.. rows.Cast<DecoderRow>()], isInterrupted);
        }

        public override IReadOnlyList<AcousticResult> Finish(IReadOnlyList<AcousticRow> rows)
        {
            using var run = model.Memory.BeginRun();
            foreach (var row in rows)
            {
                Leave(row);
            }

            return model.Finish([.. rows.Select(row => ((DecoderRow)row).Output)]);
        }

        public override void Leave(AcousticRow row) => _decoder.Leave((DecoderRow)row);

        public override void Dispose() => _decoder.Dispose();
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
