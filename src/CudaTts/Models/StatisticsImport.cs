using CudaTts.Audio;
using CudaTts.Weights;

namespace CudaTts.Models;

/// <summary>
/// Joins the statistics of a mel to the vocoder that reads it: those that are given or lie beside the checkpoint, or the checkpoint's own.
/// </summary>
internal static class StatisticsImport
{
    /// <summary>The weights with the statistics among them, and the mel contract that names them.</summary>
    /// <param name="import">What is imported, and what lies beside it.</param>
    /// <param name="weights">The network's weights.</param>
    /// <param name="mel">The mel that the network reads.</param>
    /// <param name="notes">Is told which statistics they are, or that there are none.</param>
    /// <exception cref="WeightsException">The statistics cannot be read, or are of another number of bands.</exception>
    public static (ModelWeights Weights, MelContract Mel) Join(CheckpointImport import, ModelWeights weights, MelContract mel, List<string> notes)
    {
        var path = import.StatisticsPath;
        var statistics = path is not null ? MelStatistics.Read(path) : weights.Contains("mean") ? MelStatistics.Of(weights, mel.MelBands) : null;
        if (statistics is null)
        {
            notes.Add(
                "No statistics of the mel were found (stats.h5 or stats.npy): mels must come normalised. kan-bayashi's recipes have them beside the "
                + "checkpoint; give --statistics.");
            return (weights, mel);
        }

        if (statistics.Mean.Length != mel.MelBands)
        {
            throw new WeightsException($"{path}: expected statistics of {mel.MelBands} bands, found {statistics.Mean.Length}.");
        }

        var entries = weights.Names.ToDictionary(name => name, weights.Entry);
        foreach (var (name, entry) in statistics.Entries())
        {
            entries[name] = entry;
        }

        notes.Add($"The mel's statistics are {path ?? "the checkpoint's own"}.");
        return (new ModelWeights(weights.Source, entries), mel with { Normalisation = statistics.Contract });
    }
}
