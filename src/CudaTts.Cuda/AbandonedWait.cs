namespace CudaTts.Cuda;

/// <summary>
/// Where kernels whose blocks wait for each other say what never came: they count their polls, write one word of the host's memory and end the
/// launch, which the driver reports as a failed launch (kernels/mailbox.cuh).
/// </summary>
public sealed class AbandonedWait : IDisposable
{
    /// <summary>Polls before a wait is given up, about two seconds (predicted: a poll is a trip to L2, some 0.5 us).</summary>
    [KernelConstant("most_polls")]
    public const uint MostPolls = 1 << 22;

    private const int MailboxBits = 15;
    private readonly PinnedMemory _word;

    internal AbandonedWait(CudaContext context)
    {
        _word = new PinnedMemory(context, sizeof(ulong), isMapped: true);
        _word.Span<ulong>().Clear();
    }

    /// <summary>Names of mailboxes by their numbers, for messages.</summary>
    public IReadOnlyDictionary<int, string> Names { get; set; } = new Dictionary<int, string>();

    /// <summary>The word, for kernels that are started on a stream.</summary>
    public CUdeviceptr WordFor(CudaStream stream) => _word.MappedFor(stream);

    /// <summary>What was waited for in vain, where a kernel has said so.</summary>
    internal string? Description
    {
        get
        {
            var word = _word.IsClosed ? 0 : Volatile.Read(ref _word.Span<ulong>()[0]);
            if (word >> 63 == 0)
            {
                return null;
            }

            var mailbox = (int)(word >> 48) & ((1 << MailboxBits) - 1);
            var name = Names.GetValueOrDefault(mailbox, $"mailbox {mailbox}");
            return $"block {(ushort)word} waited in vain for {name} of step {(uint)(word >> 16)}";
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _word.Dispose();
}
