using CudaTts.Tensors;

namespace CudaTts.Models.WaveNet;

/// <summary>
/// A layer of a WaveNet, whatever its layout: [a; b] = sum over taps of Dilated[tap] x[t - (K - 1 - tap) dilation] + Conditioning c[t] + gate bias
/// + Speaker g; z = tanh(a) sigmoid(b); skip += Skip z; x = Residual z + bias + scale x. Factors of the sums are in the weights.
/// </summary>
internal sealed record WaveNetLayer
{
    /// <summary>[2 Z, R, K], the rows under the tanh first.</summary>
    public required Tensor Dilated { get; init; }

    /// <summary>[2 Z, bands].</summary>
    public required Tensor Conditioning { get; init; }

    /// <summary>All biases before the gate, [2 Z].</summary>
    public required Tensor GateBias { get; init; }

    /// <summary>[2 Z, G], or none.</summary>
    public Tensor? Speaker { get; init; }

    /// <summary>[R, Z]; none in the last layer, whose output nothing reads.</summary>
    public Tensor? Residual { get; init; }

    /// <summary>[R], where there is a <see cref="Residual"/>.</summary>
    public Tensor? ResidualBias { get; init; }

    /// <summary>Factor on x in the next layer's x.</summary>
    public required float Scale { get; init; }

    /// <summary>The skip connection's product, [S, Z].</summary>
    public required Tensor Skip { get; init; }

    /// <summary>Samples between taps.</summary>
    public required int Dilation { get; init; }

    /// <summary>The number of taps, K.</summary>
    public int Taps => Dilated[2];

    /// <summary>Samples before the current one that the layer looks back.</summary>
    public int Reach => (Taps - 1) * Dilation;

    /// <summary>The bias before the gate for a speaker [G]: what is constant in time.</summary>
    public float[] GateBiasOf(ReadOnlySpan<float> speaker)
    {
        var bias = GateBias.Span.ToArray();
        for (var row = 0; Speaker is not null && row < bias.Length; row++)
        {
            var weights = Speaker.Span.Slice(row * speaker.Length, speaker.Length);
            for (var channel = 0; channel < speaker.Length; channel++)
            {
                bias[row] += weights[channel] * speaker[channel];
            }
        }

        return bias;
    }
}
