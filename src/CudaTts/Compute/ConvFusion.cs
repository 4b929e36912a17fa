using CudaTts.Tensors;

namespace CudaTts.Compute;

/// <summary>The function applied to a convolution's sum.</summary>
internal enum Activation
{
    /// <summary>The output as it is.</summary>
    None,

    /// <summary>The rectifier, max(0, x).</summary>
    Relu,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,
}

/// <summary>
/// What a convolution does besides convolving, in this order: leaky ReLU on the input; activation of the sum; plus the residual;
/// times the scale; stored or added to the output.
/// </summary>
internal sealed record ConvFusion
{
    /// <summary>Nothing but the convolution and its bias.</summary>
    public static ConvFusion None { get; } = new();

    /// <summary>Slope of the leaky ReLU that the input passes first, 0 to 1; 1 leaves the input as it is.</summary>
    public float InputSlope { get; init; } = 1;

    /// <summary>The function applied to the sum.</summary>
    public Activation Activation { get; init; }

    /// <summary>A tensor of the output's shape that is added after the activation; may be the output itself.</summary>
    public Tensor? Residual { get; init; }

    /// <summary>Factor on the result.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>Adds the result to what the output holds instead of overwriting it.</summary>
    public bool Accumulate { get; init; }
}
