using CudaTts.Tensors;

namespace CudaTts.Compute;

/// <summary>
/// One layer of a non-causal WaveNet (arXiv:1609.03499, section 2.3), as WaveGlow and Parallel WaveGAN have it: a dilated convolution and a
/// product with the conditioning, gated, then 1x1 products for the residual and the skip connection:
/// <code>
/// [a; s]    = Dilated * x + Conditioning * c + bias (+ a vector of the row)
/// g         = tanh(a) * sigmoid(s)
/// output    = (x + Residual * g) * scale
/// skip     (+)= Skip * g
/// </code>
/// The sizes are here; a derived class has the weights in the order in which its device reads them.
/// </summary>
internal abstract class WaveNetLayerWeights
{
    private protected WaveNetLayerWeights(WaveNetLayerTensors tensors)
    {
        tensors.Check();
        InputChannels = tensors.Dilated[1];
        GateChannels = tensors.Dilated[0] / 2;
        ConditioningChannels = tensors.Conditioning?[1] ?? 0;
        SkipChannels = tensors.Skip[0];
        HasResidual = tensors.Residual is not null;
        Kernel = tensors.Dilated[2];
        Dilation = tensors.Dilation;
        ResidualScale = tensors.ResidualScale;
    }

    /// <summary>Channels of x and of the output.</summary>
    public int InputChannels { get; }

    /// <summary>Channels of g; the products before it have twice as many.</summary>
    public int GateChannels { get; }

    /// <summary>Channels of c; 0 where there is no conditioning.</summary>
    public int ConditioningChannels { get; }

    /// <summary>Channels of the skip connection.</summary>
    public int SkipChannels { get; }

    /// <summary>Whether the layer has an output besides the skip connection; a network's last layer may have none.</summary>
    public bool HasResidual { get; }

    /// <summary>Taps of the dilated convolution, an odd number; it is padded so that the length stays.</summary>
    public int Kernel { get; }

    /// <summary>Steps between taps.</summary>
    public int Dilation { get; }

    /// <summary>Factor on the output.</summary>
    public float ResidualScale { get; }
}

/// <summary>A WaveNet layer's tensors as checkpoints have them.</summary>
internal sealed record WaveNetLayerTensors
{
    /// <summary>[2 Cg, Cx, K]: first the rows under the tanh, then those under the sigmoid.</summary>
    public required Tensor Dilated { get; init; }

    /// <summary>[2 Cg, Cc, 1], or none.</summary>
    public Tensor? Conditioning { get; init; }

    /// <summary>[2 Cg]: the sum of both products' biases.</summary>
    public required Tensor GateBias { get; init; }

    /// <summary>[Cx, Cg, 1], or none.</summary>
    public Tensor? Residual { get; init; }

    /// <summary>[Cx], where there is a <see cref="Residual"/>.</summary>
    public Tensor? ResidualBias { get; init; }

    /// <summary>[Cs, Cg, 1].</summary>
    public required Tensor Skip { get; init; }

    /// <summary>The skip connection's bias, [Cs].</summary>
    public required Tensor SkipBias { get; init; }

    /// <summary>Steps between taps.</summary>
    public int Dilation { get; init; } = 1;

    /// <summary>Factor on the output.</summary>
    public float ResidualScale { get; init; } = 1;

    /// <exception cref="ArgumentException">The shapes do not fit together.</exception>
    public void Check()
    {
        var fits = Dilated.Rank == 3 && Dilated[0] % 2 == 0 && Dilated[2] % 2 == 1 && Dilation > 0
            && (Conditioning is null || Is(Conditioning, Dilated[0], -1, 1)) && Is(GateBias, Dilated[0])
            && Is(Skip, -1, Dilated[0] / 2, 1) && Is(SkipBias, Skip[0])
            && (Residual is null || (Is(Residual, Dilated[1], Dilated[0] / 2, 1) && ResidualBias is not null && Is(ResidualBias, Dilated[1])));
        if (!fits)
        {
            throw new ArgumentException($"A WaveNet layer's tensors do not fit together: {this}.");
        }
    }

    private static bool Is(Tensor tensor, params ReadOnlySpan<int> shape)
    {
        var same = tensor.Rank == shape.Length;
        for (var i = 0; same && i < shape.Length; i++)
        {
            same = shape[i] < 0 || tensor[i] == shape[i];
        }

        return same;
    }
}
