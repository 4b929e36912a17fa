namespace CudaTts.Compute.Cuda;

/// <summary>
/// The mailboxes through which the blocks of a launch send each other values, by the numbers of kernels/mailbox.cuh, for messages about a word that never came.
/// </summary>
internal static class Mailboxes
{
    private const string Stepwise = " of the decoder (CUDATTS_DECODER=stepwise decodes without it)";

    /// <summary>Names by number.</summary>
    public static IReadOnlyDictionary<int, string> Names { get; } = new Dictionary<int, string>
    {
        [0] = "the first prenet layer" + Stepwise,
        [1] = "the second prenet layer" + Stepwise,
        [2] = "the attention LSTM's hidden state" + Stepwise,
        [3] = "the query" + Stepwise,
        [4] = "an energy" + Stepwise,
        [5] = "the decoder LSTM's hidden state" + Stepwise,
        [16] = "the encoder's hidden state",
    };
}
