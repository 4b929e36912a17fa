using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Weights;

namespace CudaTts.Acoustic.Tacotron2;

/// <summary>
/// The encoder (arXiv:1712.05884, section 2.2): symbol embedding, convolutions with batch normalisation and ReLU, and one bidirectional LSTM whose
/// two directions are the halves of the memory.
/// </summary>
internal sealed class Tacotron2Encoder
{
    private readonly CpuCompute _compute;
    private readonly Tensor _embedding;
    private readonly Conv1dWeights[] _convolutions;
    private readonly LstmBidirectional _lstm;

    public Tacotron2Encoder(Tacotron2Config config, ModelWeights weights, CpuCompute compute, DecoderKernels kernels)
    {
        _compute = compute;
        var width = config.EncoderEmbedding;
        _embedding = weights.Take("embedding.weight", config.Symbols, config.SymbolsEmbedding);
        _convolutions = new Conv1dWeights[config.EncoderConvolutions];
        for (var i = 0; i < _convolutions.Length; i++)
        {
            _convolutions[i] = FoldedConvolution.Take(compute, weights, $"encoder.convolutions.{i}", width, width, config.EncoderKernel);
        }

        _lstm = new LstmBidirectional(compute, kernels, weights, "encoder.lstm", width, width / 2);
    }

    /// <summary>Encodes ids [T] to the memory [1, T, E].</summary>
    public Tensor Encode(ReadOnlySpan<int> ids)
    {
        var x = CpuCompute.Embedding(ids, _embedding);
        foreach (var convolution in _convolutions)
        {
            x = _compute.Conv1d(x, convolution, new ConvFusion { Activation = Activation.Relu });
        }

        return _lstm.Run(Transpose(x));
    }

    // [1, C, T] to [T, C]: convolutions run along time, the LSTM steps through it.
    private static Tensor Transpose(Tensor x)
    {
        var (channels, steps) = (x[1], x[2]);
        var transposed = new Tensor(steps, channels);
        var source = x.Span;
        var target = transposed.Span;
        for (var step = 0; step < steps; step++)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                target[(step * channels) + channel] = source[(channel * steps) + step];
            }
        }

        return transposed;
    }
}
