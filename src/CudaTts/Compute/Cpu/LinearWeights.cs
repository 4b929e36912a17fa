using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// The weights of a linear layer, y = x W^T + b, in the order in which the CPU kernels read them: panels of as many outputs as a
/// register tile is wide, each [input, output], the last filled up with zeros.
/// </summary>
internal sealed class LinearWeights
{
    internal LinearWeights(Tensor weight, Tensor? bias, int panelWidth)
    {
        if (weight.Rank != 2 || (bias is not null && bias.Length != weight[0]))
        {
            throw new ArgumentException($"A weight [out, in] and a bias [out] were expected; found {weight} and {bias}.");
        }

        (Outputs, Inputs, PanelWidth) = (weight[0], weight[1], panelWidth);
        Packed = new Tensor(Panels, Inputs, panelWidth);
        Bias = new Tensor(Panels * panelWidth);
        bias?.Span.CopyTo(Bias.Span);
        var values = weight.Span;
        var packed = Packed.Span;
        for (var output = 0; output < Outputs; output++)
        {
            var panel = packed.Slice(output / panelWidth * Inputs * panelWidth, Inputs * panelWidth);
            for (var input = 0; input < Inputs; input++)
            {
                panel[(input * panelWidth) + (output % panelWidth)] = values[(output * Inputs) + input];
            }
        }
    }

    /// <summary>Features of the output.</summary>
    public int Outputs { get; }

    /// <summary>Features of the input.</summary>
    public int Inputs { get; }

    internal int PanelWidth { get; }

    internal int Panels => Ceiling.Of(Outputs, PanelWidth);

    internal Tensor Packed { get; }

    /// <summary>Filled up with zeros to whole panels.</summary>
    internal Tensor Bias { get; }
}
