using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda.Stepwise;

/// <summary>
/// Everything that decoding changes on a GPU, for a number of rows B and of tokens: one arena, whose addresses stay, so that graphs can be replayed.
/// Widths are rounded up to whole 128-bit loads; what lies beyond them is zero.
/// </summary>
internal sealed class CudaDecoderState : IDisposable
{
    /// <summary>Rows that are decoded at a time, at most: <c>hand_on</c> of kernels/decoder_slots.cuh has a thread for each.</summary>
    public const int MostSlots = 128;

    /// <summary>Integers of <see cref="Queue"/>.</summary>
    public const int QueueLength = 2;

    private readonly CudaArena _arena;

    // What is zero before a row's first step: where it lies, and bytes of a row.
    private readonly List<(CUdeviceptr Address, long Bytes)> _zeroedOfRow = [];
    private long _zeroedBytes;

    /// <summary>
    /// Allocates the state of at most <paramref name="rows"/> rows of <paramref name="tokens"/> tokens, <paramref name="mostSlots"/> of them at a
    /// time, and <paramref name="chunkSteps"/> steps of which are queued at once.
    /// </summary>
    public CudaDecoderState(Tacotron2Config config, CudaContext context, int rows, int tokens, int chunkSteps, int mostSlots = MostSlots)
    {
        (Rows, Tokens, ChunkSteps) = (rows, tokens, chunkSteps);
        SlotCount = SlotsFor(Math.Min(rows, mostSlots));
        FrameStride = WeightRows.Padded(config.StepWidth);
        PrenetStride = WeightRows.Padded(config.Prenet);
        EncoderStride = WeightRows.Padded(config.EncoderEmbedding);
        AttentionStride = WeightRows.Padded(config.AttentionRnn);
        DecoderStride = WeightRows.Padded(config.DecoderRnn);
        RecordWidth = config.StepWidth + 1 + tokens;

        // The first round adds the sizes up, the second hands the blocks out.
        long declared = 0;
        Lay(config, bytes =>
        {
            declared += CudaArena.SizeOf(bytes);
            return default;
        });
        _arena = new CudaArena(context, "the decoder's state", declared);
        Lay(config, _arena.Take);
    }

    /// <summary>Slots that there is memory for; further rows wait until one ends.</summary>
    public int SlotCount { get; }

    /// <summary>Steps that are queued at once; then the host reads back what they have made.</summary>
    public int ChunkSteps { get; }

    /// <summary>The number of rows, B.</summary>
    public int Rows { get; }

    /// <summary>Tokens of a row at most.</summary>
    public int Tokens { get; }

    /// <summary>The step width, padded.</summary>
    public int FrameStride { get; }

    /// <summary>The prenet's width, padded.</summary>
    public int PrenetStride { get; }

    /// <summary>The encoder's width E, padded.</summary>
    public int EncoderStride { get; }

    /// <summary>The attention LSTM's width, padded.</summary>
    public int AttentionStride { get; }

    /// <summary>The decoder LSTM's width, padded.</summary>
    public int DecoderStride { get; }

    /// <summary>Numbers that a step puts out for a row: frames, gate logit, alignment.</summary>
    public int RecordWidth { get; }

    /// <summary>[B, step width]: the last step's frames.</summary>
    public CUdeviceptr Frame { get; private set; }

    /// <summary>The prenet's output, [B, prenet].</summary>
    public CUdeviceptr Prenet { get; private set; }

    /// <summary>Two of [B, attention LSTM]: read and written by turns.</summary>
    public CUdeviceptr[] AttentionHidden { get; } = new CUdeviceptr[2];

    /// <summary>[B, attention LSTM].</summary>
    public CUdeviceptr AttentionCell { get; private set; }

    /// <summary>The attention's context, [B, E].</summary>
    public CUdeviceptr Context { get; private set; }

    /// <summary>Two of [B, decoder LSTM]: read and written by turns.</summary>
    public CUdeviceptr[] DecoderHidden { get; } = new CUdeviceptr[2];

    /// <summary>[B, decoder LSTM].</summary>
    public CUdeviceptr DecoderCell { get; private set; }

    /// <summary>[B, tokens]: the last step's alignment.</summary>
    public CUdeviceptr Previous { get; private set; }

    /// <summary>[B, tokens]: the sum of all steps' alignments.</summary>
    public CUdeviceptr Cumulative { get; private set; }

    /// <summary>Numbers for each token, [B, tokens].</summary>
    public CUdeviceptr Energies { get; private set; }

    /// <summary>The query, [B, attention].</summary>
    public CUdeviceptr Query { get; private set; }

    /// <summary>[B, tokens, E]: the encoder's output.</summary>
    public CUdeviceptr Memory { get; private set; }

    /// <summary>[B, tokens, attention]: the memory as the energies see it.</summary>
    public CUdeviceptr Keys { get; private set; }

    /// <summary>What the attention LSTM's launches share.</summary>
    public Cell AttentionLstm { get; private set; }

    /// <summary>What the decoder LSTM's launches share.</summary>
    public Cell DecoderLstm { get; private set; }

    /// <summary>uint: blocks that are done with the projection; zero between launches.</summary>
    public CUdeviceptr Done { get; private set; }

    /// <summary>[slots, chunk steps, record width]: what the steps of a chunk put out.</summary>
    public CUdeviceptr Records { get; private set; }

    /// <summary>Bytes of <see cref="Records"/>.</summary>
    public long RecordBytes => sizeof(float) * (long)SlotCount * ChunkSteps * RecordWidth;

    /// <summary>int, the number of a chunk's first step.</summary>
    public CUdeviceptr ChunkStart { get; private set; }

    /// <summary>
    /// What the host reads back after a chunk, one after the other: <see cref="Queue"/>, <see cref="Slots"/>, <see cref="ChunkRows"/>.
    /// </summary>
    public CUdeviceptr Report => Queue;

    /// <summary>Integers of <see cref="Report"/>.</summary>
    public int ReportLength => ChunkRowsAt + (SlotCount * ChunkSteps);

    /// <summary>int [2]: the next row that waits for a slot, and the number of rows.</summary>
    public CUdeviceptr Queue { get; private set; }

    /// <summary>int [slots]: the row in each slot, -1 for none. A row that ends gives its slot to the next one, or leaves it empty.</summary>
    public CUdeviceptr Slots => Queue + (sizeof(int) * QueueLength);

    /// <summary>int [chunk steps, slots in use]: the row that each slot had in each step of a chunk.</summary>
    public CUdeviceptr ChunkRows => Report + (sizeof(int) * ChunkRowsAt);

    /// <summary>Where <see cref="ChunkRows"/> begins in <see cref="Report"/>.</summary>
    public int ChunkRowsAt => QueueLength + WholeSlots;

    /// <summary>int [B]: the step of the run that was a row's first.</summary>
    public CUdeviceptr RowStarts { get; private set; }

    /// <summary>What a run is asked for, one after the other: from <see cref="RowTokens"/> to <see cref="Utterances"/>.</summary>
    public CUdeviceptr Asked => RowTokens;

    /// <summary>Bytes of <see cref="Asked"/>.</summary>
    public int AskedBytes => (int)(Utterances.Value - RowTokens.Value) + (sizeof(uint) * Rows);

    /// <summary>int [B]: tokens of each row.</summary>
    public CUdeviceptr RowTokens { get; private set; }

    /// <summary>int [B, 2]: tokens behind and ahead of the last peak that each row may attend to, -1 and -1 for all of them.</summary>
    public CUdeviceptr Windows { get; private set; }

    /// <summary>int [B]: steps of each row that count; kernels lower it from the row's limit when the gate opens.</summary>
    public CUdeviceptr End { get; private set; }

    /// <summary>float [B]: the gate logit that ends a row when exceeded.</summary>
    public CUdeviceptr GateLogits { get; private set; }

    /// <summary>uint64 [B]: where the caller's dropout masks lie.</summary>
    public CUdeviceptr KeepMasks { get; private set; }

    /// <summary>int [B]: steps for which there are masks.</summary>
    public CUdeviceptr KeepSteps { get; private set; }

    /// <summary>The seeds as uint64, [B].</summary>
    public CUdeviceptr Seeds { get; private set; }

    /// <summary>The utterances as uint32, [B].</summary>
    public CUdeviceptr Utterances { get; private set; }

    /// <summary>
    /// Slots for a number of rows: one, or whole groups of rows that share what is read of the weights, their number a power of two, so that
    /// few graphs do.
    /// </summary>
    public static int SlotsFor(int rows)
    {
        const int Group = DecoderLaunches.BatchRows;
        return rows == 1 ? 1 : Group * (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Ceiling.Of(rows, Group));
    }

    /// <summary>Sets the state before the first step: all zeros, the go frame included.</summary>
    public void Reset(CudaStream stream) => stream.Clear(_arena.Memory.Address, _zeroedBytes);

    /// <summary>Sets one row's state before its first step, whose number is <paramref name="start"/>.</summary>
    public void Reset(CudaStream stream, int row, int start)
    {
        foreach (var (address, bytes) in _zeroedOfRow)
        {
            stream.Clear(address + (row * bytes), bytes);
        }

        StartAt(stream, row, start);
    }

    /// <summary>Says which step of the run is a row's first.</summary>
    public void StartAt(CudaStream stream, int row, int start) => stream.Fill(RowStarts + (sizeof(int) * row), unchecked((uint)start), 1);

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    // Kernels that take slots in groups read whole ones.
    private int WholeSlots => Math.Max(SlotCount, DecoderLaunches.BatchRows);

    private void Lay(Tacotron2Config config, Func<long, CUdeviceptr> take)
    {
        long zeroed = 0;
        _zeroedOfRow.Clear();
        CUdeviceptr Floats(long perRow) => take(sizeof(float) * Rows * perRow);
        CUdeviceptr Zeros(long perRow)
        {
            zeroed += CudaArena.SizeOf(sizeof(float) * Rows * perRow);
            var address = Floats(perRow);
            _zeroedOfRow.Add((address, sizeof(float) * perRow));
            return address;
        }

        Frame = Zeros(FrameStride);
        Prenet = Zeros(PrenetStride);
        (AttentionHidden[0], AttentionHidden[1], AttentionCell) = (Zeros(AttentionStride), Zeros(AttentionStride), Zeros(AttentionStride));
        Context = Zeros(EncoderStride);
        (DecoderHidden[0], DecoderHidden[1], DecoderCell) = (Zeros(DecoderStride), Zeros(DecoderStride), Zeros(DecoderStride));
        (Previous, Cumulative, RowStarts, Done) = (Zeros(Tokens), Zeros(Tokens), Zeros(1), Zeros(1));
        _zeroedBytes = zeroed;

        Energies = Floats(Tokens);
        Query = Floats(config.Attention);
        Memory = Floats((long)Tokens * EncoderStride);
        Keys = Floats((long)Tokens * config.Attention);
        CUdeviceptr Parts(int units) => take(sizeof(float) * LstmLaunches.PartFloats(units, SlotCount));
        AttentionLstm = new Cell(config.AttentionRnn, AttentionStride, AttentionCell, Parts(config.AttentionRnn));
        DecoderLstm = new Cell(config.DecoderRnn, DecoderStride, DecoderCell, Parts(config.DecoderRnn));
        Records = take(RecordBytes);

        ChunkStart = take(sizeof(int));
        Queue = take(sizeof(int) * ReportLength);
        (RowTokens, Windows, End, GateLogits) = (Floats(1), Floats(2), Floats(1), Floats(1));
        (KeepMasks, KeepSteps, Seeds, Utterances) = (Floats(2), Floats(1), Floats(2), Floats(1));
    }

    /// <summary>An LSTM cell.</summary>
    /// <param name="Units">H.</param>
    /// <param name="Stride">H, padded.</param>
    /// <param name="State">[B, stride].</param>
    /// <param name="Parts">[4, slots, 4 H]: sums that one launch leaves to the next.</param>
    public readonly record struct Cell(int Units, int Stride, CUdeviceptr State, CUdeviceptr Parts);
}
