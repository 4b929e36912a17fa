using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models.Vits;

/// <summary>
/// The text encoder (models.py, class TextEncoder; attentions.py): a transformer whose attention knows how far apart near tokens are
/// (arXiv:1803.02155), each sublayer's sum with its input normalised behind it.
/// </summary>
internal sealed class TextEncoder
{
    private readonly ComputeDevice _device;
    private readonly Tensor _embedding;
    private readonly Layer[] _layers;
    private readonly int _filter;

    /// <param name="config">The widths.</param>
    /// <param name="take">Takes a tensor of <see cref="VitsTensors.Expected"/>.</param>
    /// <param name="memory">Where its weights go.</param>
    public TextEncoder(VitsConfig config, Func<string, Tensor> take, ModelMemory memory)
    {
        (_device, _filter) = (memory.Device, config.FilterChannels);
        var embedding = take("enc_p.emb.weight");
        foreach (ref var value in embedding.Span)
        {
            value *= MathF.Sqrt(config.HiddenChannels);
        }

        _embedding = memory.Store(embedding);
        _layers = [.. Enumerable.Range(0, config.Layers).Select(layer => PackLayer(config, layer, take, memory))];
    }

    /// <summary>Encodes the ids of every row.</summary>
    /// <param name="ids">[B, T] row by row.</param>
    /// <param name="x">Receives the text encoding, [B, H, T].</param>
    /// <param name="wide">A buffer for sequences of three times as many channels, or of those within the feed-forward layers.</param>
    /// <param name="next">A buffer for a sequence like x.</param>
    /// <param name="cancellation">Looked at between layers.</param>
    public void Run(ReadOnlySpan<int> ids, Tensor x, Tensor wide, Tensor next, CancellationToken cancellation)
    {
        var (rows, width) = (x.Rows!, x[1]);
        var (projected, inner) = (wide.AsSequence(rows, 3 * width), wide.AsSequence(rows, _filter));
        var y = next.AsSequence(rows, width);
        _device.Embed(ids, _embedding, x);
        foreach (var layer in _layers)
        {
            if (cancellation.IsCancellationRequested)
            {
                return;
            }

            _device.Conv1d(x, layer.Projection, projected);
            _device.SelfAttention(projected, layer.Heads, y);
            var sum = wide.AsSequence(rows, width);
            _device.Conv1d(y, layer.Output, sum, new ConvFusion { Residual = x });
            _device.LayerNorm(sum, layer.AttentionNorm, x);
            _device.Conv1d(x, layer.Widening, inner, new ConvFusion { Activation = Activation.Relu });
            _device.Conv1d(inner, layer.Narrowing, y, new ConvFusion { Residual = x });
            _device.LayerNorm(y, layer.FeedForwardNorm, x);
        }
    }

    private static Layer PackLayer(VitsConfig config, int layer, Func<string, Tensor> take, ModelMemory memory)
    {
        var (attention, feedForward) = ($"enc_p.encoder.attn_layers.{layer}", $"enc_p.encoder.ffn_layers.{layer}");
        Tensor Relative(string name)
        {
            var relative = take($"{attention}.{name}");
            return relative.Reshape(relative[1], relative[2]);
        }

        string[] parts = ["q", "k", "v"];
        return new Layer(
            memory.PackConv1d(
                Stacked([.. parts.Select(part => take($"{attention}.conv_{part}.weight"))]),
                Stacked([.. parts.Select(part => take($"{attention}.conv_{part}.bias"))]), dilation: 1, padding: 0),
            memory.PackHeads(config.Heads, config.HiddenChannels / config.Heads, Relative("emb_rel_k"), Relative("emb_rel_v")),
            memory.PackConv1d(take($"{attention}.conv_o.weight"), take($"{attention}.conv_o.bias"), dilation: 1, padding: 0),
            Norm(take, $"enc_p.encoder.norm_layers_1.{layer}", memory),
            FeedForward($"{feedForward}.conv_1", take, memory),
            FeedForward($"{feedForward}.conv_2", take, memory),
            Norm(take, $"enc_p.encoder.norm_layers_2.{layer}", memory));
    }

    /// <summary>Takes a layer normalisation.</summary>
    public static LayerNormWeights Norm(Func<string, Tensor> take, string name, ModelMemory memory) =>
        memory.PackLayerNorm(take($"{name}.gamma"), take($"{name}.beta"));

    // An even number of taps reaches further ahead than back: as an odd number, of which the first is zero.
    private static Conv1dWeights FeedForward(string name, Func<string, Tensor> take, ModelMemory memory)
    {
        var weight = take($"{name}.weight");
        var kernel = weight[2];
        var odd = new Tensor(weight[0], weight[1], kernel | 1);
        for (var row = 0; row < weight[0] * weight[1]; row++)
        {
            weight.Span.Slice(row * kernel, kernel).CopyTo(odd.Span[((row * odd[2]) + odd[2] - kernel)..]);
        }

        return memory.PackCostlyConv1d(odd, take($"{name}.bias"), dilation: 1, padding: odd[2] / 2);
    }

    private static Tensor Stacked(Tensor[] parts) =>
        Tensor.From([.. parts.SelectMany(part => part.Span.ToArray())], [parts.Length * parts[0][0], .. parts[0].Shape[1..]]);

    private sealed record Layer(
        Conv1dWeights Projection, AttentionHeads Heads, Conv1dWeights Output, LayerNormWeights AttentionNorm,
        Conv1dWeights Widening, Conv1dWeights Narrowing, LayerNormWeights FeedForwardNorm);
}
