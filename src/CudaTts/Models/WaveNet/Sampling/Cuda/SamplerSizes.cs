using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Models.WaveNet.Sampling.Cuda;

/// <summary>A network's widths as kernels/wavenet_sampler.cu has them: filled up to whole tiles.</summary>
/// <param name="config">The network's own.</param>
internal sealed class SamplerSizes(WaveNetConfig config)
{
    /// <summary>Rows of a tile, and columns of a chunk of it.</summary>
    [KernelConstant("wavenet_sampler_tile")]
    public const int Tile = 8;

    /// <summary>Layers; behind them comes one more group of blocks, the head.</summary>
    public int Layers { get; } = config.Layers;

    /// <summary>Channels of x.</summary>
    public int Residual { get; } = Padded(config.ResidualChannels);

    /// <summary>Units of the gate.</summary>
    public int HalfGate { get; } = Padded(config.GateChannels / 2);

    /// <summary>Channels of the skip connections.</summary>
    public int Skip { get; } = Padded(config.SkipChannels);

    /// <summary>Channels before the last product.</summary>
    public int Hidden { get; } = Padded(config.HiddenChannels);

    /// <summary>Rows of the output.</summary>
    public int Outputs { get; } = Padded(config.OutputChannels);

    /// <summary>Bands of the conditions.</summary>
    public int Bands { get; } = Padded(config.Mel.MelBands);

    /// <summary>Columns of what is known before a sample: taps before the last, and conditions.</summary>
    public int Known => ((config.Kernel - 1) * Residual) + Bands;

    /// <summary>Weights of a tile of the gate: of units under the tanh and the sigma, of known and current columns.</summary>
    public int GateRecord => 2 * Tile * (Known + Residual);

    /// <summary>Weights of a tile of residual or skip rows.</summary>
    public int OutRecord => Tile * HalfGate;

    /// <summary>Tiles of the gate.</summary>
    public int GateTiles => HalfGate / Tile;

    /// <summary>Weights of a layer.</summary>
    public int LayerElements => (GateTiles * GateRecord) + ((Residual + Skip) / Tile * OutRecord);

    /// <summary>Weights of the head.</summary>
    public int HeadElements => (Hidden * Skip) + (Outputs * Hidden);

    /// <summary>Floats of a block's shared memory for an utterance's vectors.</summary>
    public int VectorFloats => Residual + HalfGate + Known + Skip + Hidden + Outputs;

    /// <summary>Where each layer's ring begins, and behind them where the last ends.</summary>
    public int[] RingStarts { get; } = RingStartsOf(config);

    /// <summary>Words of a sample's mailboxes for so many utterances.</summary>
    public long MailWords(int batch) => (long)batch * ((Layers * (Residual + HalfGate + Skip)) + Hidden + Outputs + 1);

    /// <summary>A width filled up to whole tiles.</summary>
    public static int Padded(int width) => Ceiling.Multiple(width, Tile);

    private static int[] RingStartsOf(WaveNetConfig config)
    {
        var starts = new int[config.Layers + 1];
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var slots = ((config.Kernel - 1) * config.Dilation(layer)) + 1;
            starts[layer + 1] = starts[layer] + (slots * Padded(config.ResidualChannels));
        }

        return starts;
    }
}
