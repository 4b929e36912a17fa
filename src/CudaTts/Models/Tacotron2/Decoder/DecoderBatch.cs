namespace CudaTts.Models.Tacotron2.Decoder;

/// <summary>Rows that are decoded side by side, each of which may come and go between two steps.</summary>
internal abstract class DecoderBatch : IDisposable
{
    /// <summary>Rows that may be under way at once.</summary>
    public abstract int MostRows { get; }

    /// <summary>Bytes that the rows have at most.</summary>
    public abstract long MostBytes { get; }

    /// <summary>Whether rows with so many tokens each can join those that are under way.</summary>
    public abstract bool HasRoomFor(IReadOnlyList<int> tokens);

    /// <summary>Lets rows begin beside the others.</summary>
    /// <param name="encoded">What the encoder made of them, which is copied.</param>
    /// <param name="rows">As many.</param>
    public abstract void Join(EncodedRows encoded, IReadOnlyList<DecoderRow> rows);

    /// <summary>Decodes some of the rows until one of them is done or the caller is to look up.</summary>
    /// <param name="rows">At least one, none of them done.</param>
    /// <param name="isInterrupted">Asked once a step or once a chunk of steps, on any thread.</param>
    public abstract void Advance(IReadOnlyList<DecoderRow> rows, Func<bool> isInterrupted);

    /// <summary>Takes a row out, done or not.</summary>
    public abstract void Leave(DecoderRow row);

    /// <inheritdoc/>
    public abstract void Dispose();
}
