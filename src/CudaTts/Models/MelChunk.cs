using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models;

/// <summary>
/// The frames [From, To) of one of several mels, of which [Start, Start + Count) become audio and the others are the context that these depend on.
/// With the whole context on both sides, chunks give the same samples as the whole mel at once, but for rounding where a device's depends on the
/// place of a step (on the CPU, see <see cref="Compute.Cpu.WinogradFilter"/>).
/// </summary>
internal sealed record MelChunk(int Row, int Start, int Count, int From, int To)
{
    /// <summary>Frames that go through the network.</summary>
    public int Frames => To - From;

    /// <summary>Cuts mels, each [1, bands, F] with an F of its own.</summary>
    public static List<MelChunk> Cut(IReadOnlyList<Tensor> mels, int chunkFrames, int contextFrames)
    {
        var chunks = new List<MelChunk>();
        for (var row = 0; row < mels.Count; row++)
        {
            var frames = mels[row][2];
            for (var start = 0; start < frames; start += chunkFrames)
            {
                var count = Math.Min(chunkFrames, frames - start);
                var (from, to) = (Math.Max(0, start - contextFrames), Math.Min(frames, start + count + contextFrames));
                chunks.Add(new MelChunk(row, start, count, from, to));
            }
        }

        return chunks;
    }

    /// <summary>Generates the audio of mels, chunk by chunk or side by side as the device likes it.</summary>
    /// <param name="mels">Each [1, bands, F].</param>
    /// <param name="samplesPerFrame">The hop.</param>
    /// <param name="cut">Frames of a chunk, and of its context on each side.</param>
    /// <param name="device">Limits rows and memory.</param>
    /// <param name="elementsPerFrame">Numbers for one frame in the largest buffer of the network's workspace.</param>
    /// <param name="run">Makes the audio [chunks, N] of chunks.</param>
    /// <returns>For each mel [1, N], N = F * hop.</returns>
    public static Tensor[] Generate(
        IReadOnlyList<Tensor> mels,
        int samplesPerFrame,
        (int Frames, int Context) cut,
        ComputeDevice device,
        long elementsPerFrame,
        Func<List<MelChunk>, Tensor> run)
    {
        var audio = mels.Select(mel => new Tensor(1, mel[2] * samplesPerFrame)).ToArray();
        var chunks = Cut(mels, cut.Frames, cut.Context);
        foreach (var group in RowGroups.Of(device, [.. chunks.Select(chunk => chunk.Frames)], elementsPerFrame, "frames"))
        {
            var batch = chunks[group];
            Scatter(run(batch), batch, samplesPerFrame, audio);
        }

        return audio;
    }

    /// <summary>Rows [1, N] of one length as one tensor [B, N].</summary>
    public static Tensor Stack(Tensor[] rows, int length)
    {
        var stacked = new Tensor(rows.Length, length);
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row].Span.CopyTo(stacked.Slice(row, 1).Span);
        }

        return stacked;
    }

    /// <summary>
    /// The frames of chunks of sequences [1, C, F x steps] as one batch [chunks, C, (frames + 2 margin) x steps], zeros behind shorter ones. A
    /// margin repeats the first and the last frame of each chunk.
    /// </summary>
    public static Tensor Gather(IReadOnlyList<Tensor> sequences, List<MelChunk> chunks, int steps = 1, int margin = 0)
    {
        var channels = sequences[0][1];
        var frames = chunks.Max(chunk => chunk.Frames) + (2 * margin);
        var batch = new Tensor(chunks.Count, channels, frames * steps);
        for (var index = 0; index < chunks.Count; index++)
        {
            var chunk = chunks[index];
            var sequence = sequences[chunk.Row];
            for (var channel = 0; channel < channels; channel++)
            {
                var from = sequence.Span.Slice((channel * sequence[2]) + (chunk.From * steps), chunk.Frames * steps);
                var to = batch.Span.Slice(((index * channels) + channel) * batch[2], (chunk.Frames + (2 * margin)) * steps);
                from.CopyTo(to[(margin * steps)..]);
                to[..(margin * steps)].Fill(from[0]);
                to[^(margin * steps)..].Fill(from[^1]);
            }
        }

        return batch;
    }

    /// <summary>Copies what the chunks became, [chunks, N], to its place in the whole audio, each [1, N'].</summary>
    private static void Scatter(Tensor generated, List<MelChunk> chunks, int samplesPerFrame, Tensor[] audio)
    {
        for (var index = 0; index < chunks.Count; index++)
        {
            var chunk = chunks[index];
            generated.Slice(index, 1).Span.Slice((chunk.Start - chunk.From) * samplesPerFrame, chunk.Count * samplesPerFrame)
                .CopyTo(audio[chunk.Row].Span[(chunk.Start * samplesPerFrame)..]);
        }
    }
}
