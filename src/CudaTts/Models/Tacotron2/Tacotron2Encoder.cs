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

    public Tacotron2Encoder(Tacotron2Config config, ModelWeights weights, ModelMemory memory)
    {
        _device = memory.Device;
        var width = config.EncoderEmbedding;
        _embedding = memory.Store(weights.Take("embedding.weight", config.Symbols, config.SymbolsEmbedding));
        _convolutions = new Conv1dWeights[config.EncoderConvolutions];
        for (var i = 0; i < _convolutions.Length; i++)
        {
            _convolutions[i] = FoldedConvolution.Take(memory, weights, $"encoder.convolutions.{i}", width, width, config.EncoderKernel);
        }

        _lstm = memory.PackLstm(Direction(weights, "l0", width), Direction(weights, "l0_reverse", width));
        _workspace = memory.KeepWorkspace(buffers: 2);
    }

    /// <summary>Encodes ids, row by row [B, T], to the memory [B, T, E], the caller's to give back.</summary>
    public DeviceBuffer Encode(ReadOnlySpan<int> ids, RowLengths rows)
    {
        using var stage = _device.BeginStage(Stage.Encoder);
        var width = _embedding[1];
        using var workspace = _workspace.Take((long)ids.Length * width);
        var x = workspace.Sequence(buffer: 0, rows, width);
        _device.Embed(ids, _embedding, x);
        for (var i = 0; i < _convolutions.Length; i++)
        {
            var y = workspace.Sequence(buffer: (i + 1) % 2, rows, width);
            _device.Conv1d(x, _convolutions[i], y, new ConvFusion { Activation = Activation.Relu });
            x = y;
        }

        return _lstm.Run(x);
    }

    private static LstmTensors Direction(ModelWeights weights, string suffix, int width)
    {
        var gates = 4 * (width / 2);
        return new LstmTensors(
            weights.TakeMatrix($"encoder.lstm.weight_ih_{suffix}", gates, width),
            weights.TakeMatrix($"encoder.lstm.weight_hh_{suffix}", gates, width / 2),
            weights.Take($"encoder.lstm.bias_ih_{suffix}", gates),
            weights.Take($"encoder.lstm.bias_hh_{suffix}", gates));
    }
}
