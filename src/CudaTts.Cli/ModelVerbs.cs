using CudaTts.Cli.Mel;
using CudaTts.Models;
using CudaTts.Models.Vits;

namespace CudaTts.Cli;

/// <summary>Which verb runs the network of a model folder alone.</summary>
internal static class ModelVerbs
{
    /// <summary>What a message about the wrong network ends with: the verb for it; nothing where there is none.</summary>
    /// <param name="type">What config.json calls the network.</param>
    public static string Advice(string type) => VerbOf(type) is { } verb ? $": use 'cudatts {verb}'" : "";

    /// <summary>Refuses a folder whose network is run by another verb.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="verb">The verb.</param>
    /// <param name="kind">What the verb runs.</param>
    /// <exception cref="WeightsException">Names the verb that it is for.</exception>
    public static void Require(string folder, string verb, string kind)
    {
        var type = ModelFolder.Open(folder).Type;
        if (VerbOf(type) is { } own && own != verb)
        {
            throw new WeightsException($"{folder}: expected {kind}, found '{type}'{Advice(type)}.");
        }
    }

    private static string? VerbOf(string type) =>
        type == VitsConfig.TypeName ? "synthesize"
        : MelNetwork.CreateAll().Any(network => network.Type == type) ? "mel"
        : Vocoder.Types.Contains(type) ? "vocode"
        : null;
}
