using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Weights;

namespace CudaTts.Acoustic.Tacotron2;

/// <summary>
/// Tacotron 2 (arXiv:1712.05884, with the graph of NVIDIA/tacotron2): token ids to a log-mel spectrogram. Weights are immutable and all
/// that a run changes is its own, so several threads may synthesise with one instance; runs that overlap get one thread each.
/// </summary>
public sealed class Tacotron2
{
    private readonly Tacotron2Config _config;
    private readonly Tacotron2Encoder _encoder;
    private readonly Tacotron2Decoder _decoder;
    private readonly Postnet _postnet;

    /// <summary>Packs the weights for this CPU.</summary>
    /// <param name="config">The model's widths.</param>
    /// <param name="weights">Tensors as <see cref="Tacotron2Tensors.Expected"/> lists them; the decoder keeps halves as halves.</param>
    /// <param name="compute">Where it runs; stays the caller's to dispose.</param>
    /// <exception cref="WeightsException">A tensor is missing or does not fit the config, or the config is not a Tacotron 2.</exception>
    public Tacotron2(Tacotron2Config config, ModelWeights weights, CpuCompute compute)
    {
        Check(config, weights.Source);
        _config = config;
        var kernels = DecoderKernels.For(compute.Level);
        _encoder = new Tacotron2Encoder(config, weights, compute, kernels);
        _decoder = new Tacotron2Decoder(config, new DecoderWeights(config, weights, kernels), kernels, compute.Threads);
        _postnet = new Postnet(config, weights, compute);
    }

    /// <summary>Speaks token ids [T].</summary>
    /// <param name="ids">Rows of the symbol embedding.</param>
    /// <param name="options">Limits, threshold and randomness; the defaults when omitted.</param>
    /// <param name="cancellation">Ends decoding within one step; the result then holds what there is, and says so.</param>
    /// <exception cref="TextException">There are no ids, or one is not a symbol of this model.</exception>
    /// <exception cref="CudaTtsException">Prenet masks of the wrong size, or the model put out a value that is not finite.</exception>
    public Tacotron2Result Synthesize(ReadOnlySpan<int> ids, Tacotron2Options? options = null, CancellationToken cancellation = default)
    {
        options ??= new Tacotron2Options();
        CheckIds(ids);
        var memory = _encoder.Encode(ids);
        var (record, stop) = _decoder.Decode(memory, options, cancellation);
        var melBeforePostnet = record.Mel();
        var mel = _postnet.Refine(melBeforePostnet);
        DecoderRecord.CheckFinite(mel.Span, "the postnet");
        return new Tacotron2Result(memory, melBeforePostnet, mel, record.GateLogits(), record.Alignments(), stop);
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
}
