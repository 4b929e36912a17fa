using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Vocoders.HifiGan;
using CudaTts.Weights;

namespace CudaTts.Vocoders;

/// <summary>The last step of the pipeline: log-mel [B, 80, F] to samples [B, N], whichever network does it. Several threads may generate at once.</summary>
public sealed class Vocoder
{
    /// <summary>What voice.json and <c>--model</c> say for the vocoder that needs no weights.</summary>
    public const string GriffinLimName = "griffin-lim";

    private readonly Func<IReadOnlyList<Tensor>, IReadOnlyList<ulong>, CancellationToken, Tensor[]> _generate;

    private Vocoder(string name, MelContract mel, Func<IReadOnlyList<Tensor>, IReadOnlyList<ulong>, CancellationToken, Tensor[]> generate)
    {
        Name = name;
        Mel = mel;
        _generate = generate;
    }

    /// <summary>The network: <c>hifigan</c> or <c>griffin-lim</c>.</summary>
    public string Name { get; }

    /// <summary>What the vocoder takes its mel to mean.</summary>
    public MelContract Mel { get; }

    /// <summary>The fast Griffin-Lim algorithm, for any mel.</summary>
    public static Vocoder GriffinLim(MelContract mel, ComputeDevice device)
    {
        ArgumentNullException.ThrowIfNull(mel);
        ArgumentNullException.ThrowIfNull(device);
        var algorithm = new GriffinLim.GriffinLim(mel, device.Threads);
        return new Vocoder(GriffinLimName, mel, (mels, seeds, cancellation) => [.. mels.Zip(seeds, (one, seed) => algorithm.Generate(one, seed, cancellation))]);
    }

    /// <summary>The network of a model folder; its config.json says which it is.</summary>
    /// <exception cref="WeightsException">The folder is incomplete, damaged, or holds something else than a vocoder.</exception>
    public static Vocoder Load(string folder, ComputeDevice device)
    {
        var model = ModelFolder.Open(folder);
        switch (model.Type)
        {
            case HifiGanConfig.TypeName:
                var config = model.Config<HifiGanConfig>();
                var network = new HifiGanGenerator(config, model.Weights, device);
                return new Vocoder(model.Type, config.Mel, (mels, _, cancellation) => network.Generate(mels, cancellation));
            default:
                throw new WeightsException($"{folder}: expected a vocoder ({HifiGanConfig.TypeName}), found the model type '{model.Type}'.");
        }
    }

    /// <summary>Makes sound of log-mels, on a device that takes batches side by side.</summary>
    /// <param name="mels">Log-mels that follow <see cref="Mel"/>, each [1, 80, F] with an F of its own.</param>
    /// <param name="seeds">One for each mel: chooses Griffin-Lim's first phases; a network without noise does not look at it.</param>
    /// <param name="cancellation">Looked at between layers or iterations.</param>
    /// <returns>For each, samples [1, F * hop].</returns>
    /// <exception cref="OperationCanceledException">Cancelled; there is no half result.</exception>
    public Tensor[] Generate(IReadOnlyList<Tensor> mels, IReadOnlyList<ulong> seeds, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(mels);
        ArgumentNullException.ThrowIfNull(seeds);
        ArgumentOutOfRangeException.ThrowIfNotEqual(seeds.Count, mels.Count, nameof(seeds));
        return _generate(mels, seeds, cancellation);
    }
}
