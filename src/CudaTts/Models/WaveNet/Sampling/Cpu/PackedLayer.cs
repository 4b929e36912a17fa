using CudaTts.Tensors;

namespace CudaTts.Models.WaveNet.Sampling.Cpu;

/// <summary>
/// A layer's weights for the CPU. All taps but the last read what was known at least a dilation of samples ago, and so do the conditions: their
/// products are made for several samples at once, for which their weights, half of the network, are read once.
/// </summary>
internal sealed class PackedLayer
{
    private const int MostSamplesAhead = 16;

    /// <param name="kernels">What will multiply.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="bands">Bands of the conditions.</param>
    public PackedLayer(SampleKernels kernels, WaveNetLayer layer, int bands)
    {
        var (inputs, half) = (layer.Dilated[1], layer.Dilated[0] / 2);
        (Inputs, Scale, Reach, Dilation, Taps) = (inputs, layer.Scale, layer.Reach, layer.Dilation, layer.Taps);
        GateStride = Ceiling.Multiple(half, SampleKernels.Padding);
        SamplesAhead = Math.Min(layer.Dilation, MostSamplesAhead);
        Known = new PanelMatrix(kernels, 2 * GateStride, (inputs * (layer.Taps - 1)) + bands);
        Current = new PanelMatrix(kernels, 2 * GateStride, inputs);
        var taps = new float[inputs];
        for (var row = 0; row < 2 * half; row++)
        {
            var to = GateRow(row, half);
            for (var tap = 0; tap < layer.Taps; tap++)
            {
                for (var input = 0; input < inputs; input++)
                {
                    taps[input] = layer.Dilated.Span[(((row * inputs) + input) * layer.Taps) + tap];
                }

                (tap < layer.Taps - 1 ? Known : Current).Place(to, tap < layer.Taps - 1 ? tap * inputs : 0, taps);
            }

            Known.Place(to, inputs * (layer.Taps - 1), layer.Conditioning.Span.Slice(row * bands, bands));
        }

        Residual = layer.Residual is null ? null : PanelMatrix.Of(kernels, layer.Residual);
        ResidualBias = layer.ResidualBias is null ? null : Padded(layer.ResidualBias.Span);
        Skip = PanelMatrix.Of(kernels, layer.Skip);
    }

    /// <summary>Channels of x.</summary>
    public int Inputs { get; }

    /// <summary>What x is padded to.</summary>
    public int InputStride => Ceiling.Multiple(Inputs, SampleKernels.Padding);

    /// <summary>Rows under the tanh, padded; as many follow.</summary>
    public int GateStride { get; }

    /// <summary>For how many samples at once <see cref="Known"/> is multiplied, at most.</summary>
    public int SamplesAhead { get; }

    /// <summary>Samples that the layer looks back.</summary>
    public int Reach { get; }

    /// <summary>Samples between taps.</summary>
    public int Dilation { get; }

    /// <summary>Taps, the current sample's included.</summary>
    public int Taps { get; }

    /// <summary>Slots of the ring of its inputs.</summary>
    public int Slots => Reach + 1;

    /// <summary>Factor on x in the next layer's x.</summary>
    public float Scale { get; }

    /// <summary>The taps before the last, and the conditions: [2 gates, R (K - 1) + bands].</summary>
    public PanelMatrix Known { get; }

    /// <summary>The last tap, [2 gates, R].</summary>
    public PanelMatrix Current { get; }

    /// <summary>[R, Z], or none.</summary>
    public PanelMatrix? Residual { get; }

    /// <summary>[R], padded; where there is a <see cref="Residual"/>.</summary>
    public Tensor? ResidualBias { get; }

    /// <summary>The skip connection's product, [S, Z].</summary>
    public PanelMatrix Skip { get; }

    /// <summary>The biases before the gate where the gates' rows lie.</summary>
    public Tensor PlacedGateBias(ReadOnlySpan<float> bias)
    {
        var placed = new Tensor(2 * GateStride);
        for (var row = 0; row < bias.Length; row++)
        {
            placed.Span[GateRow(row, bias.Length / 2)] = bias[row];
        }

        return placed;
    }

    /// <summary>A vector with zeros up to whole panels.</summary>
    public static Tensor Padded(ReadOnlySpan<float> values)
    {
        var padded = new Tensor(Ceiling.Multiple(values.Length, SampleKernels.Padding));
        values.CopyTo(padded.Span);
        return padded;
    }

    private int GateRow(int row, int half) => row < half ? row : GateStride + row - half;
}
