using CudaTts.Compute;
using CudaTts.Weights;

namespace CudaTts.Acoustic.Tacotron2;

/// <summary>
/// The postnet (arXiv:1712.05884, section 2.2): convolutions with batch normalisation, tanh after all but the last, whose sum with the
/// decoder's mel is the final mel.
/// </summary>
internal sealed class Postnet
{
    private readonly CpuCompute _compute;
    private readonly Conv1dWeights[] _convolutions;

    public Postnet(Tacotron2Config config, ModelWeights weights, CpuCompute compute)
    {
        _compute = compute;
        _convolutions = new Conv1dWeights[config.PostnetConvolutions];
        for (var i = 0; i < _convolutions.Length; i++)
        {
            var inputs = i == 0 ? config.MelBands : config.PostnetEmbedding;
            var outputs = i == _convolutions.Length - 1 ? config.MelBands : config.PostnetEmbedding;
            _convolutions[i] = FoldedConvolution.Take(compute, weights, $"postnet.convolutions.{i}", outputs, inputs, config.PostnetKernel);
        }
    }

    /// <summary>Refines <paramref name="mel"/> [1, 80, F] to [1, 80, F].</summary>
    public Tensor Refine(Tensor mel)
    {
        var x = mel;
        foreach (var convolution in _convolutions[..^1])
        {
            x = _compute.Conv1d(x, convolution, new ConvFusion { Activation = Activation.Tanh });
        }

        return _compute.Conv1d(x, _convolutions[^1], new ConvFusion { Residual = mel });
    }
}
