using CudaTts.Compute;

namespace CudaTts.Vocoders;

/// <summary>
/// The frames [From, To) of one row of a mel, of which [Start, Start + Count) become audio and the others are the context that these depend on.
/// With the whole context on both sides, chunks give the same samples as the mel in one piece.
/// </summary>
internal sealed record MelChunk(int Row, int Start, int Count, int From, int To)
{
    /// <summary>Frames that go through the network.</summary>
    public int Frames => To - From;

    /// <summary>Cuts all rows of a mel [B, bands, F], row by row.</summary>
    public static List<MelChunk> Cut(Tensor mel, int chunkFrames, int contextFrames)
    {
        var chunks = new List<MelChunk>();
        for (var row = 0; row < mel[0]; row++)
        {
            for (var start = 0; start < mel[2]; start += chunkFrames)
            {
                var count = Math.Min(chunkFrames, mel[2] - start);
                var (from, to) = (Math.Max(0, start - contextFrames), Math.Min(mel[2], start + count + contextFrames));
                chunks.Add(new MelChunk(row, start, count, from, to));
            }
        }

        return chunks;
    }

    /// <summary>The chunks in groups that a device takes at once.</summary>
    /// <param name="chunks">All chunks.</param>
    /// <param name="device">Limits rows and memory.</param>
    /// <param name="elementsPerFrame">The widest activation's numbers for one frame.</param>
    public static IEnumerable<List<MelChunk>> Batches(List<MelChunk> chunks, ComputeDevice device, long elementsPerFrame)
    {
        for (int first = 0, rows; first < chunks.Count; first += rows)
        {
            var longest = chunks[first].Frames;
            for (rows = 1; rows < device.MostRows && first + rows < chunks.Count; rows++)
            {
                longest = Math.Max(longest, chunks[first + rows].Frames);
                if ((rows + 1L) * longest * elementsPerFrame > device.MostElements)
                {
                    break;
                }
            }

            yield return chunks.GetRange(first, rows);
        }
    }

    /// <summary>
    /// The frames of chunks of a sequence [B, C, F x steps] as one batch [chunks, C, (frames + 2 margin) x steps], zeros behind shorter ones. A
    /// margin repeats the first and the last frame of each chunk.
    /// </summary>
    public static Tensor Gather(Tensor sequence, List<MelChunk> chunks, int steps = 1, int margin = 0)
    {
        var (channels, length) = (sequence[1], sequence[2]);
        var frames = chunks.Max(chunk => chunk.Frames) + (2 * margin);
        var batch = new Tensor(chunks.Count, channels, frames * steps);
        for (var index = 0; index < chunks.Count; index++)
        {
            var chunk = chunks[index];
            for (var channel = 0; channel < channels; channel++)
            {
                var from = sequence.Span.Slice((((chunk.Row * channels) + channel) * length) + (chunk.From * steps), chunk.Frames * steps);
                var to = batch.Span.Slice(((index * channels) + channel) * batch[2], (chunk.Frames + (2 * margin)) * steps);
                from.CopyTo(to[(margin * steps)..]);
                to[..(margin * steps)].Fill(from[0]);
                to[^(margin * steps)..].Fill(from[^1]);
            }
        }

        return batch;
    }

    /// <summary>Copies what the chunks became, [chunks, N], to its place in the whole audio [B, N'].</summary>
    public static void Scatter(Tensor generated, List<MelChunk> chunks, int samplesPerFrame, Tensor audio)
    {
        for (var index = 0; index < chunks.Count; index++)
        {
            var chunk = chunks[index];
            generated.Slice(index, 1).Span.Slice((chunk.Start - chunk.From) * samplesPerFrame, chunk.Count * samplesPerFrame)
                .CopyTo(audio.Slice(chunk.Row, 1).Span[(chunk.Start * samplesPerFrame)..]);
        }
    }
}
