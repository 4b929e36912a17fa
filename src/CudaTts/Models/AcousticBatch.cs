namespace CudaTts.Models;

/// <summary>
/// Utterances that an acoustic model makes side by side, each of which may come and go while the others are under way. What a row becomes does not
/// depend on the rows beside it: bit for bit on the CPU, and in float16 on a GPU to rounding. One thread at a time may use it.
/// </summary>
internal abstract class AcousticBatch : IDisposable
{
    /// <summary>Rows that may be under way at once.</summary>
    public abstract int MostRows { get; }

    /// <summary>Bytes that the batch takes at most, its full number of rows under way; the weights aside.</summary>
    public abstract long MostBytes { get; }

    /// <summary>Whether utterances with so many tokens each can join the rows that are under way.</summary>
    public abstract bool HasRoomFor(IReadOnlyList<int> tokens);

    /// <summary>Begins utterances: token ids [T] of each, and its options. They may have got further by then, or be done.</summary>
    /// <exception cref="TextException">There are no ids, one is not a symbol of the model, or there are too many.</exception>
    public abstract IReadOnlyList<AcousticRow> Join(IReadOnlyList<int[]> utterances, IReadOnlyList<AcousticOptions> options);

    /// <summary>Goes on with rows until one of them is done, or until told to look up.</summary>
    /// <param name="rows">Those of the rows under way that get further, none of them done; the others wait.</param>
    /// <param name="isInterrupted">Asked after every step, or every few on a GPU, on any thread of the device.</param>
    public abstract void Advance(IReadOnlyList<AcousticRow> rows, Func<bool> isInterrupted);

    /// <summary>Takes rows out and returns what they have become, which one that is not done has become so far.</summary>
    /// <exception cref="CudaTtsException">The model put out a value that is not finite.</exception>
    public abstract IReadOnlyList<AcousticResult> Finish(IReadOnlyList<AcousticRow> rows);

    /// <summary>Takes a row out of which nothing is wanted any more.</summary>
    public abstract void Leave(AcousticRow row);

    /// <summary>Frees what the rows have on the device.</summary>
    public abstract void Dispose();
}

/// <summary>One utterance of an <see cref="AcousticBatch"/>.</summary>
internal abstract class AcousticRow
{
    /// <summary>Whether no more frames will come.</summary>
    public bool IsDone { get; set; }

    /// <summary>What has made an end of it, such as a value that is not finite.</summary>
    public Exception? Failure { get; protected set; }
}
