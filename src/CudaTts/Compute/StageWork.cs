namespace CudaTts.Compute;

/// <summary>
/// What a stage has to do at least, by the widths of its model alone: the yardstick for what a device achieves. A layer reads its weights once
/// however many rows and steps it runs on, and its inputs once, and writes its outputs once, as if nothing were fused and no cache held what the
/// layer before wrote. So a share of the memory's peak above 1 is no error but what fusion and caches have saved.
/// </summary>
/// <param name="Products">Multiplications, each with the addition that follows it; activation functions and biases are not counted.</param>
/// <param name="WeightBytes">Weights read; the decoder's once a step.</param>
/// <param name="ActivationBytes">Inputs and outputs of every layer.</param>
public readonly record struct StageWork(double Products, double WeightBytes, double ActivationBytes)
{
    /// <summary>Floating-point operations: a product is two.</summary>
    public double Operations => 2 * Products;

    /// <summary>The bytes that are moved.</summary>
    public double Bytes => WeightBytes + ActivationBytes;

    /// <summary>The work of two stages, one after the other.</summary>
    public static StageWork operator +(StageWork a, StageWork b) =>
        new(a.Products + b.Products, a.WeightBytes + b.WeightBytes, a.ActivationBytes + b.ActivationBytes);

    /// <summary>A convolution, or with one tap a linear layer.</summary>
    /// <param name="inputs">Channels read.</param>
    /// <param name="outputs">Channels written.</param>
    /// <param name="taps">Of the kernel.</param>
    /// <param name="steps">Steps of all rows together.</param>
    /// <param name="elementBytes">Bytes of a number.</param>
    internal static StageWork Convolution(int inputs, int outputs, int taps, double steps, int elementBytes)
    {
        var weights = (double)inputs * outputs * taps;
        return new StageWork(weights * steps, weights * elementBytes, (inputs + outputs) * steps * elementBytes);
    }

    /// <summary>A transposed convolution, which multiplies every step of its input with all its weights.</summary>
    /// <param name="inputs">Channels read.</param>
    /// <param name="outputs">Channels written.</param>
    /// <param name="taps">Of the kernel.</param>
    /// <param name="stride">Output steps for one of the input.</param>
    /// <param name="inputSteps">Steps of all rows together.</param>
    /// <param name="elementBytes">Bytes of a number.</param>
    internal static StageWork Transposed(int inputs, int outputs, int taps, int stride, double inputSteps, int elementBytes)
    {
        var weights = (double)inputs * outputs * taps;
        return new StageWork(weights * inputSteps, weights * elementBytes, (inputs + ((double)outputs * stride)) * inputSteps * elementBytes);
    }

    /// <summary>Activations read or written beside a layer's own: a residual, a sum that is added to.</summary>
    internal static StageWork Activations(double elements, int elementBytes) => new(0, 0, elements * elementBytes);
}
