using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models.Vits;

/// <summary>
/// The flow between the prior and the decoder's latent frames, backwards (arXiv:2106.06103, section 2.2.1; models.py, class ResidualCouplingBlock):
/// each coupling takes from half of the channels what a WaveNet makes of the other half.
/// </summary>
internal sealed class CouplingFlow
{
    private readonly ComputeDevice _device;
    private readonly int _width;
    private readonly int _channels;
    private readonly Coupling[] _couplings;
    private readonly Workspace.Kept _workspace;

    /// <param name="config">The widths.</param>
    /// <param name="take">Takes a tensor of <see cref="VitsTensors.Expected"/>.</param>
    /// <param name="speaker">What a layer of this name says of speakers, if any.</param>
    /// <param name="memory">Where its weights go.</param>
    public CouplingFlow(VitsConfig config, Func<string, Tensor> take, Func<string, SpeakerProjection?> speaker, ModelMemory memory)
    {
        (_device, _width, _channels) = (memory.Device, config.HiddenChannels, config.InterChannels);
        _couplings = new Coupling[VitsTensors.Couplings];
        for (var i = 0; i < _couplings.Length; i++)
        {
            // All channels are reversed before every coupling; whether they are, is in the weights.
            var name = $"flow.flows.{2 * (_couplings.Length - 1 - i)}";
            var isReversed = i % 2 == 0;
            _couplings[i] = new Coupling(
                memory.PackConv1d(Reading(take($"{name}.pre.weight"), isReversed), take($"{name}.pre.bias"), dilation: 1, padding: 0),
                [.. Enumerable.Range(0, VitsTensors.CouplingLayers).Select(layer => memory.PackWaveNetLayer(Layer(name, layer, take)))],
                memory.PackConv1d(
                    Taking(take($"{name}.post.weight"), isReversed),
                    Taking(take($"{name}.post.bias"), isReversed), dilation: 1, padding: 0),
                speaker($"{name}.enc.cond_layer"));
        }

        _workspace = memory.KeepWorkspace(buffers: 4);
    }

    /// <summary>Frames on each side that a frame depends on.</summary>
    public static int ContextFrames => VitsTensors.Couplings * VitsTensors.CouplingLayers * (VitsTensors.CouplingKernel / 2);

    /// <summary>Numbers of all buffers for a frame.</summary>
    public int ElementsPerFrame => 4 * Math.Max(_width, _channels);

    /// <summary>Makes of frames of the prior what the decoder reads.</summary>
    /// <param name="frames">Each [1, C, F] with an F of its own.</param>
    /// <param name="voices">Of each the speaker; 0 without speakers.</param>
    /// <param name="cancellation">Looked at between couplings.</param>
    /// <returns>The same shapes; of no use where it was cancelled.</returns>
    public Tensor[] Undo(Tensor[] frames, int[] voices, CancellationToken cancellation)
    {
        using var stage = _device.BeginStage(Stage.Postnet);
        var undone = new Tensor[frames.Length];
        foreach (var group in RowGroups.Of(_device, Array.ConvertAll(frames, row => row[2]), Math.Max(_width, _channels), "frames"))
        {
            UndoTogether(frames[group], voices[group], cancellation).CopyTo(undone, group.Start.Value);
        }

        return undone;
    }

    private Tensor[] UndoTogether(Tensor[] frames, int[] voices, CancellationToken cancellation)
    {
        using var rows = _device.Rows([.. frames.Select(row => row[2])]);
        using var workspace = _workspace.Take((long)rows.Count * rows.Longest * Math.Max(_width, _channels));
        var z = workspace.Sequence(buffer: 0, rows, _channels);
        _device.Upload(SequenceBatch.Join(frames, rows), z);
        var (x, next, skip) = (workspace.Sequence(1, rows, _width), workspace.Sequence(2, rows, _width), workspace.Sequence(3, rows, _width));
        foreach (var coupling in _couplings)
        {
            if (cancellation.IsCancellationRequested)
            {
                return frames;
            }

            var vectors = coupling.Speakers?.Of(voices);
            _device.Conv1d(z, coupling.First, x);
            for (var layer = 0; layer < coupling.Layers.Length; layer++)
            {
                var output = coupling.Layers[layer].HasResidual ? next : null;
                var gateVectors = vectors is null ? null : OfLayer(vectors, layer);
                _device.WaveNetLayer(x, null, coupling.Layers[layer], output, skip, accumulate: layer > 0, gateVectors);
                (x, next) = (next, x);
            }

            _device.Conv1d(skip, coupling.Last, z, new ConvFusion { Residual = z });
        }

        return SequenceBatch.Split(_device.Download(z), rows);
    }

    // A layer's columns of [B, layers x 2 H].
    private Tensor OfLayer(Tensor vectors, int layer)
    {
        var part = new Tensor(vectors[0], 2 * _width);
        for (var row = 0; row < part[0]; row++)
        {
            vectors.Slice(row, 1).Span.Slice(layer * part[1], part[1]).CopyTo(part.Slice(row, 1).Span);
        }

        return part;
    }

    // Zeros for the half that is to be changed: so no device needs a view of half of the channels.
    private static Tensor Reading(Tensor weight, bool isReversed)
    {
        var (outputs, half) = (weight[0], weight[1]);
        var widened = new Tensor(outputs, 2 * half, 1);
        for (var row = 0; row < outputs; row++)
        {
            for (var channel = 0; channel < half; channel++)
            {
                var place = isReversed ? (2 * half) - 1 - channel : channel;
                widened.Span[(row * 2 * half) + place] = weight.Span[(row * half) + channel];
            }
        }

        return widened;
    }

    // What is taken away, so negative; and zeros for the half that stays.
    private static Tensor Taking(Tensor part, bool isReversed)
    {
        var half = part[0];
        var row = part.Length / half;
        var widened = new Tensor([2 * half, .. part.Shape[1..]]);
        for (var channel = 0; channel < half; channel++)
        {
            var place = isReversed ? half - 1 - channel : half + channel;
            for (var i = 0; i < row; i++)
            {
                widened.Span[(place * row) + i] = -part.Span[(channel * row) + i];
            }
        }

        return widened;
    }

    private static WaveNetLayerTensors Layer(string name, int layer, Func<string, Tensor> take)
    {
        var (weight, bias) = (take($"{name}.enc.res_skip_layers.{layer}.weight"), take($"{name}.enc.res_skip_layers.{layer}.bias"));
        var hasResidual = layer < VitsTensors.CouplingLayers - 1;
        var width = weight[1];
        return new WaveNetLayerTensors
        {
            Dilated = take($"{name}.enc.in_layers.{layer}.weight"),
            GateBias = take($"{name}.enc.in_layers.{layer}.bias"),
            Conditioning = null,
            Residual = hasResidual ? weight.Slice(0, width) : null,
            ResidualBias = hasResidual ? bias.Slice(0, width) : null,
            Skip = hasResidual ? weight.Slice(width, width) : weight,
            SkipBias = hasResidual ? bias.Slice(width, width) : bias,
        };
    }

    private sealed record Coupling(Conv1dWeights First, WaveNetLayerWeights[] Layers, Conv1dWeights Last, SpeakerProjection? Speakers);
}
