using CudaTts.Cuda;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// The mailboxes through which the blocks of a launch send each other values, by
/// the numbers of kernels/mailbox.cuh, for messages about a word that never came.
/// </summary>
internal static class Mailboxes
{
    /// <summary>How many mailboxes the decoder has; their numbers are below this.</summary>
    [KernelConstant("decoder_mailboxes")]
    public const int OfDecoder = 6;

    [KernelConstant("prenet1_mailbox")]
    private const int Prenet1 = 0;

    [KernelConstant("prenet2_mailbox")]
    private const int Prenet2 = 1;

    [KernelConstant("hidden1_mailbox")]
    private const int Hidden1 = 2;

    [KernelConstant("query_mailbox")]
    private const int Query = 3;

    [KernelConstant("energies_mailbox")]
    private const int Energies = 4;

    [KernelConstant("hidden2_mailbox")]
    private const int Hidden2 = 5;

    [KernelConstant("encoder_hidden_mailbox")]
    private const int EncoderHidden = 16;

    [KernelConstant("wavenet_mailbox")]
    private const int WaveNet = 17;

    private const string Stepwise = " of the decoder (CUDATTS_DECODER=stepwise decodes without it)";

    /// <summary>Names by number.</summary>
    public static IReadOnlyDictionary<int, string> Names { get; } = new Dictionary<int, string>
    {
        [Prenet1] = "the first prenet layer" + Stepwise,
        [Prenet2] = "the second prenet layer" + Stepwise,
        [Hidden1] = "the attention LSTM's hidden state" + Stepwise,
        [Query] = "the query" + Stepwise,
        [Energies] = "an energy" + Stepwise,
        [Hidden2] = "the decoder LSTM's hidden state" + Stepwise,
        [EncoderHidden] = "the encoder's hidden state",
        [WaveNet] = "a vector of WaveNet's",
    };
}
