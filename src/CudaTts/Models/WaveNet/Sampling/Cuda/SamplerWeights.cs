using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Models.WaveNet.Sampling.Cuda;

/// <summary>A network's weights in the order in which kernels/wavenet_sampler.cu reads them.</summary>
internal sealed class SamplerWeights
{
    private const int Tile = SamplerSizes.Tile;

    /// <param name="network">The network.</param>
    /// <param name="sizes">Its widths.</param>
    /// <param name="memory">Where they go; matrices in the device's precision, the rest as float32.</param>
    public SamplerWeights(WaveNetNetwork network, SamplerSizes sizes, CudaModelMemory memory)
    {
        var packed = new Tensor(checked((sizes.Layers * sizes.LayerElements) + sizes.HeadElements));
        for (var layer = 0; layer < sizes.Layers; layer++)
        {
            Pack(network.Layers[layer], sizes, packed.Span.Slice(layer * sizes.LayerElements, sizes.LayerElements));
        }

        var head = packed.Span[(sizes.Layers * sizes.LayerElements)..];
        Pack(network.Hidden, sizes.Hidden, sizes.Skip, head);
        Pack(network.Last, sizes.Outputs, sizes.Hidden, head[(sizes.Hidden * sizes.Skip)..]);
        Matrices = CudaCompute.AddressOf(memory.StoreMatrix(packed));

        CUdeviceptr Store(Tensor values) => CudaCompute.AddressOf(memory.Store(values));
        Table = Store(Rows(network.Table, sizes.Residual));
        ResidualBias = Store(ResidualBiases(network, sizes));
        SkipBias = Store(Padded(network.SkipBias.Span, sizes.Skip));
        HiddenBias = Store(Padded(network.HiddenBias.Span, sizes.Hidden));
        OutputBias = Store(Padded(network.LastBias.Span, sizes.Outputs));
        RingStarts = memory.StoreStructures(sizes.RingStarts);
    }

    /// <summary>All layers' matrices, then the head's.</summary>
    public CUdeviceptr Matrices { get; }

    /// <summary>What the sample before becomes.</summary>
    public CUdeviceptr Table { get; }

    /// <summary>Biases of the residual products, [layers, residual].</summary>
    public CUdeviceptr ResidualBias { get; }

    /// <summary>Biases of all skip connections together, [skip].</summary>
    public CUdeviceptr SkipBias { get; }

    /// <summary>Biases of the product before the last, [hidden].</summary>
    public CUdeviceptr HiddenBias { get; }

    /// <summary>Biases of the last product, [outputs].</summary>
    public CUdeviceptr OutputBias { get; }

    /// <summary>Where each layer's ring begins.</summary>
    public CUdeviceptr RingStarts { get; }

    /// <summary>The biases before all layers' gates, [layers, 2 half].</summary>
    public static Tensor GateBias(float[][] biases, SamplerSizes sizes)
    {
        var placed = new Tensor(sizes.Layers, 2, sizes.HalfGate);
        for (var layer = 0; layer < biases.Length; layer++)
        {
            var half = biases[layer].Length / 2;
            biases[layer].AsSpan(0, half).CopyTo(placed.Span[(2 * layer * sizes.HalfGate)..]);
            biases[layer].AsSpan(half).CopyTo(placed.Span[(((2 * layer) + 1) * sizes.HalfGate)..]);
        }

        return placed;
    }

    private static void Pack(WaveNetLayer layer, SamplerSizes sizes, Span<float> to)
    {
        var (half, inputs) = (layer.Dilated[0] / 2, layer.Dilated[1]);
        var (current, known) = (new Tensor(2 * half, sizes.Residual), new Tensor(2 * half, sizes.Known));
        for (var row = 0; row < 2 * half; row++)
        {
            for (var tap = 0; tap < layer.Taps; tap++)
            {
                var target = tap == layer.Taps - 1
                    ? current.Span.Slice(row * sizes.Residual, inputs)
                    : known.Span.Slice((row * sizes.Known) + (tap * sizes.Residual), inputs);
                for (var input = 0; input < inputs; input++)
                {
                    target[input] = layer.Dilated.Span[(((row * inputs) + input) * layer.Taps) + tap];
                }
            }

            var bands = layer.Conditioning[1];
            layer.Conditioning.Span.Slice(row * bands, bands).CopyTo(known.Span[((row * sizes.Known) + ((layer.Taps - 1) * sizes.Residual))..]);
        }

        for (var tile = 0; tile < sizes.GateTiles; tile++)
        {
            foreach (var matrix in (Tensor[])[known, current])
            {
                foreach (var first in (int[])[0, half])
                {
                    PackTile(matrix.Slice(first, half), tile, to);
                    to = to[(Tile * matrix[1])..];
                }
            }
        }

        if (layer.Residual is { } residual)
        {
            Pack(residual, sizes.Residual, sizes.HalfGate, to);
        }

        Pack(layer.Skip, sizes.Skip, sizes.HalfGate, to[(sizes.Residual * sizes.HalfGate)..]);
    }

    private static void Pack(Tensor matrix, int rows, int columns, Span<float> to)
    {
        var padded = Rows(matrix, columns);
        for (var tile = 0; tile < rows / Tile; tile++)
        {
            PackTile(padded, tile, to[(tile * Tile * columns)..]);
        }
    }

    /// <summary>Eight rows of a matrix as [columns / 8, 8 rows, 8 columns]; rows that it lacks are zeros.</summary>
    private static void PackTile(Tensor matrix, int tile, Span<float> to)
    {
        var columns = matrix[1];
        for (var row = 0; row < Tile && (tile * Tile) + row < matrix[0]; row++)
        {
            var from = matrix.Span.Slice(((tile * Tile) + row) * columns, columns);
            for (var column = 0; column < columns; column++)
            {
                to[(((column / Tile * Tile) + row) * Tile) + (column % Tile)] = from[column];
            }
        }
    }

    /// <summary>The rows of a matrix filled up with zeros.</summary>
    private static Tensor Rows(Tensor matrix, int columns)
    {
        var padded = new Tensor(matrix[0], columns);
        for (var row = 0; row < matrix[0]; row++)
        {
            matrix.Span.Slice(row * matrix[1], matrix[1]).CopyTo(padded.Span[(row * columns)..]);
        }

        return padded;
    }

    private static Tensor ResidualBiases(WaveNetNetwork network, SamplerSizes sizes)
    {
        var biases = new Tensor(sizes.Layers, sizes.Residual);
        for (var layer = 0; layer < sizes.Layers; layer++)
        {
            network.Layers[layer].ResidualBias?.Span.CopyTo(biases.Slice(layer, 1).Span);
        }

        return biases;
    }

    private static Tensor Padded(ReadOnlySpan<float> values, int width)
    {
        var padded = new Tensor(width);
        values.CopyTo(padded.Span);
        return padded;
    }
}
