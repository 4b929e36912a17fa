namespace CudaTts.Models.Tacotron2.Decoder;

/// <summary>Which way a GPU's decoder is to go.</summary>
internal enum DecoderWay
{
    /// <summary>By the persistent kernel where it fits, otherwise step by step.</summary>
    AsItFits,

    /// <summary>
    /// By the persistent kernel, or not at all. What it is not made for (more than eight rows, an attention window) still goes step by step.
    /// </summary>
    Persistent,

    /// <summary>As it fits, but without clusters of blocks: every vector goes to all blocks of the grid through L2.</summary>
    Grid,

    /// <summary>Step by step.</summary>
    Stepwise,
}

/// <summary>What a user has chosen by an environment variable, for when a GPU's driver or a kernel lets them down.</summary>
public static class DecoderChoice
{
    /// <summary>Environment variable: <c>persistent</c>, <c>grid</c> or <c>stepwise</c>; without it, as it fits.</summary>
    public const string Variable = "CUDATTS_DECODER";

    /// <summary>The choice in words, for a user.</summary>
    /// <exception cref="CudaTtsException">The variable has another value.</exception>
    public static string Description => Read() switch
    {
        DecoderWay.Persistent => $"on a GPU persistent, because {Variable} says so",
        DecoderWay.Grid => $"on a GPU persistent without clusters, because {Variable} says so",
        DecoderWay.Stepwise => $"on a GPU stepwise, because {Variable} says so",
        _ => $"on a GPU persistent where model and precision fit, else stepwise; {Variable}=persistent|grid|stepwise chooses",
    };

    /// <exception cref="CudaTtsException">The variable has another value.</exception>
    internal static DecoderWay Read() => Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" => DecoderWay.AsItFits,
        "persistent" => DecoderWay.Persistent,
        "grid" => DecoderWay.Grid,
        "stepwise" => DecoderWay.Stepwise,
        var other => throw new CudaTtsException(
            $"{Variable}: expected persistent, grid (persistent without clusters) or stepwise, or nothing; found '{other}'."),
    };
}
