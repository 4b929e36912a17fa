namespace CudaTts.Models.Tacotron2.Decoder.Cpu;

/// <summary>
/// Rows that the CPU decodes side by side: each layer's weights are read once a step for all of them. A row's numbers are those that it has alone,
/// bit for bit.
/// </summary>
internal sealed class CpuDecoderBatch(CpuTacotron2Decoder decoder, Tacotron2Config config) : DecoderBatch
{
    // Beyond these the products take longer than the weights' way from memory: a further row gains nothing and delays the others.
    private const int Rows = 16;

    // Most tokens of all rows together, as their state lies in memory: a hundred megabytes at NVIDIA's size.
    private const int MostTokens = 32 * 1024;
    private readonly List<CpuDecoderRow> _rows = [];

    /// <inheritdoc/>
    public override int MostRows => Rows;

    /// <inheritdoc/>
    public override long MostBytes => (long)MostTokens * sizeof(float) * (config.EncoderEmbedding + config.Attention);

    /// <inheritdoc/>
    /// <remarks>A row alone may have as many tokens as it likes.</remarks>
    public override bool HasRoomFor(IReadOnlyList<int> tokens) =>
        _rows.Count + tokens.Count <= Rows
        && (_rows.Count + tokens.Count == 1 || _rows.Sum(row => row.Row.Tokens) + tokens.Sum() <= MostTokens);

    /// <inheritdoc/>
    public override void Join(EncodedRows encoded, IReadOnlyList<DecoderRow> rows) =>
        _rows.Add(new CpuDecoderRow(rows.Single(), decoder.StateOf(encoded.Memory)));

    /// <inheritdoc/>
    public override void Advance(IReadOnlyList<DecoderRow> rows, Func<bool> isInterrupted) =>
        decoder.Advance([.. _rows.Where(row => rows.Contains(row.Row))], isInterrupted);

    /// <inheritdoc/>
    public override void Leave(DecoderRow row) => _rows.RemoveAll(own => own.Row == row);

    /// <summary>Does nothing: what the rows have the collector frees.</summary>
    public override void Dispose()
    {
    }
}
