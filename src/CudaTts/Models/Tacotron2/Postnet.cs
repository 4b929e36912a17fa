using CudaTts.Compute;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.Tacotron2;

/// <summary>
/// The postnet (arXiv:1712.05884, section 2.2): convolutions with batch normalisation, tanh after all but the last, whose sum with the
/// decoder's mel is the final mel.
/// </summary>
internal sealed class Postnet
{
    private readonly ComputeDevice _device;
    private readonly Conv1dWeights[] _convolutions;
    private readonly Workspace.Kept _workspace;
    private readonly int _widest;

    public Postnet(Tacotron2Config config, ModelWeights weights, ModelMemory memory)
    {
        _device = memory.Device;
        _convolutions = new Conv1dWeights[config.PostnetConvolutions];
        for (var i = 0; i < _convolutions.Length; i++)
        {
            var inputs = i == 0 ? config.MelBands : config.PostnetEmbedding;
            var outputs = i == _convolutions.Length - 1 ? config.MelBands : config.PostnetEmbedding;
            _convolutions[i] = FoldedConvolution.Take(
                memory, weights, $"postnet.convolutions.{i}", outputs, inputs, config.PostnetKernel, isFirst: i == 0);
        }

        _widest = Math.Max(2 * config.MelBands, config.PostnetEmbedding);
        _workspace = memory.KeepWorkspace(buffers: 3);
    }

    /// <summary>Frames on each side that can influence a refined frame.</summary>
    public int ContextFrames => _convolutions.Sum(convolution => convolution.Kernel / 2);

    /// <summary>Refines mels, each [1, 80, F] with an F of its own, to the same shapes.</summary>
    public Tensor[] Refine(IReadOnlyList<Tensor> mels)
    {
        using var stage = _device.BeginStage(Stage.Postnet);
        using var rows = _device.Rows([.. mels.Select(mel => mel[2])]);
        using var workspace = _workspace.Take((long)rows.Count * rows.Longest * _widest);
        var x = workspace.Float32Sequence(buffer: 0, rows, mels[0][1]);
        _device.Upload(SequenceBatch.Join(mels, rows), x);
        for (var i = 0; i < _convolutions.Length; i++)
        {
            var last = i == _convolutions.Length - 1;
            var y = workspace.Sequence(buffer: 1 + (i % 2), rows, _convolutions[i].OutputChannels);
            _device.Conv1d(x, _convolutions[i], y, last ? ConvFusion.None : new ConvFusion { Activation = Activation.Tanh });
            x = y;
        }

        var refined = SequenceBatch.Split(_device.Download(x), rows);
        for (var row = 0; row < refined.Length; row++)
        {
            Add(mels[row], refined[row]);
        }

        return refined;
    }

    // Here and not on the device: in half precision a log-mel's last bits, which a vocoder makes audible, would be lost.
    private static void Add(Tensor mel, Tensor correction)
    {
        var values = mel.Span;
        var sums = correction.Span;
        for (var i = 0; i < sums.Length; i++)
        {
            sums[i] += values[i];
        }
    }
}
