namespace CudaTts.Compute.Cuda;

/// <summary>What the blocks of a launch hand over to each other, by the numbers of kernels/hand_over.cuh, for messages about a word that never came.</summary>
internal static class HandOvers
{
    private const string Stepwise = " of the decoder (CUDATTS_DECODER=stepwise decodes without it)";

    /// <summary>Names by number.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "the first prenet layer" + Stepwise, "the second prenet layer" + Stepwise, "the attention LSTM's hidden state" + Stepwise, "the query" + Stepwise,
        "an energy" + Stepwise, "the decoder LSTM's hidden state" + Stepwise,
    ];
}
