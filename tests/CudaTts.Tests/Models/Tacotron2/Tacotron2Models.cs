using System.Runtime.InteropServices;
using CudaTts.Compute.Cpu;
using CudaTts.Models.Tacotron2;
using CudaTts.Weights;

namespace CudaTts.Tests.Models.Tacotron2;

/// <summary>The networks of the golden files, with procedural weights made once for all tests.</summary>
internal static class Tacotron2Models
{
    private static readonly Lazy<ModelWeights> s_full = new(() => Create(Full!));
    private static readonly Lazy<ModelWeights> s_tiny = new(() => Create(Tiny!));

    private static readonly Tacotron2Config s_odd = new()
    {
        Symbols = 7,
        SymbolsEmbedding = 6,
        EncoderEmbedding = 6,
        AttentionRnn = 17,
        DecoderRnn = 9,
        Prenet = 5,
        Attention = 3,
        LocationFilters = 2,
        LocationKernel = 3,
        PostnetEmbedding = 4,
        MelBands = 3,
        Mel = new() { MelBands = 3 },
    };

    private static readonly Tacotron2Config s_wide = s_odd with
    {
        SymbolsEmbedding = 130,
        EncoderEmbedding = 130,
        AttentionRnn = 33,
        DecoderRnn = 48,
        Prenet = 65,
        Attention = 40,
        LocationKernel = 31,
        MelBands = 80,
        Mel = new(),
    };

    /// <summary>The public NVIDIA size.</summary>
    public static Tacotron2Config Full { get; } = new();

    /// <summary>Widths that are no multiples of a vector, three frames a step.</summary>
    public static Tacotron2Config Tiny { get; } = new()
    {
        SymbolsEmbedding = 48,
        EncoderEmbedding = 48,
        AttentionRnn = 72,
        DecoderRnn = 80,
        Prenet = 24,
        Attention = 20,
        LocationFilters = 6,
        PostnetEmbedding = 40,
        FramesPerStep = 3,
    };

    /// <summary>Widths at which padding and sharing go wrong.</summary>
    public static IReadOnlyDictionary<string, Tacotron2Config> EdgeWidths { get; } = new Dictionary<string, Tacotron2Config>()
    {
        ["odd"] = s_odd, ["wide"] = s_wide, ["no halo"] = s_odd with { LocationKernel = 1, Attention = 64 },
    };

    public static ModelWeights WeightsOf(Tacotron2Config config) => ReferenceEquals(config, Full) ? s_full.Value : s_tiny.Value;

    /// <summary>The procedural weights of a config that is not cached.</summary>
    public static ModelWeights Create(Tacotron2Config config) => ProceduralWeights.Create(Tacotron2Tensors.Expected(config));

    /// <summary>The same weights with one tensor's values changed.</summary>
    public static ModelWeights With(ModelWeights weights, string name, Action<Span<float>> change)
    {
        var entries = weights.Names.ToDictionary(key => key, weights.Entry);
        var tensor = weights.Take(name, entries[name].Shape);
        change(tensor.Span);
        entries[name] = new WeightEntry(DataType.F32, entries[name].Shape, MemoryMarshal.AsBytes(tensor.Span).ToArray());
        return new ModelWeights($"{weights.Source} with another {name}", entries);
    }

    /// <summary>All tensors rounded to half precision, stored as halves or as the floats of the same value.</summary>
    public static ModelWeights Rounded(ModelWeights weights, DataType storage)
    {
        var entries = new Dictionary<string, WeightEntry>();
        foreach (var name in weights.Names)
        {
            var shape = weights.Entry(name).Shape;
            var halves = Array.ConvertAll(weights.Take(name, shape).Span.ToArray(), value => (Half)value);
            var bytes = storage == DataType.F16
                ? MemoryMarshal.AsBytes(halves.AsSpan()).ToArray()
                : MemoryMarshal.AsBytes(Array.ConvertAll(halves, half => (float)half).AsSpan()).ToArray();
            entries[name] = new WeightEntry(storage, shape, bytes);
        }

        return new ModelWeights($"{weights.Source} as {storage} of half precision", entries);
    }

    /// <summary>The golden files' dropout masks [steps, 2, prenet].</summary>
    public static byte[] PrenetKeep(string row, int steps, int width)
    {
        var keep = new byte[steps * 2 * width];
        for (var i = 0; i < keep.Length; i++)
        {
            keep[i] = ProceduralWeights.Uniform($"prenet.dropout.{row}", i) < 0.5f ? (byte)1 : (byte)0;
        }

        return keep;
    }

    /// <summary>Ids that visit all symbols.</summary>
    public static int[] Ids(int tokens) => [.. Enumerable.Range(0, tokens).Select(t => (7 * t + 11) % 148)];

    /// <summary>All levels of vector instructions that this machine has.</summary>
    public static IEnumerable<SimdLevel> Levels => Enum.GetValues<SimdLevel>().Where(level => level <= CpuCompute.BestLevel);
}
