using CudaTts.Compute;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.Tacotron2;

/// <summary>
/// The encoder (arXiv:1712.05884, section 2.2): symbol embedding, convolutions with batch normalisation and ReLU, and one bidirectional LSTM whose
/// two directions are the halves of the memory.
/// </summary>
internal sealed class Tacotron2Encoder
{
    private readonly ComputeDevice _device;
    private readonly Tensor _embedding;
    private readonly Conv1dWeights[] _convolutions;
    private readonly BidirectionalLstm _lstm;
    private readonly Workspace.Kept _workspace;

    public Tacotron2Encoder(Tacotron2Config config, ModelWeights weights, ComputeDevice device)
    {
        _device = device;
        var width = config.EncoderEmbedding;
        _embedding = device.Store(weights.Take("embedding.weight", config.Symbols, config.SymbolsEmbedding));
        _convolutions = new Conv1dWeights[config.EncoderConvolutions];
        for (var i = 0; i < _convolutions.Length; i++)
        {
            _convolutions[i] = FoldedConvolution.Take(device, weights, $"encoder.convolutions.{i}", width, width, config.EncoderKernel);
        }

        _lstm = device.PackLstm(weights, "encoder.lstm", width, width / 2);
        _workspace = new Workspace.Kept(device, rooms: 2);
    }

    /// <summary>Encodes ids, row by row [B, T], to the memory [B, T, E].</summary>
    public Tensor Encode(ReadOnlySpan<int> ids, RowLengths rows)
    {
        using var stage = _device.BeginStage(Stage.Encoder);
        var width = _embedding[1];
        var workspace = _workspace.Take((long)ids.Length * width);
        var x = workspace.Sequence(room: 0, rows, width);
        _device.Embed(ids, _embedding, x);
        for (var i = 0; i < _convolutions.Length; i++)
        {
            var y = workspace.Sequence(room: (i + 1) % 2, rows, width);
            _device.Conv1d(x, _convolutions[i], y, new ConvFusion { Activation = Activation.Relu });
            x = y;
        }

        var memory = _lstm.Run(x);
        _workspace.Return(workspace);
        return memory;
    }
}
