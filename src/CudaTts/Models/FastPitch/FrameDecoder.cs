using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models.FastPitch;

/// <summary>Tokens to frames: each token as often as it has frames, the decoder, and the projection to mel bands.</summary>
internal sealed class FrameDecoder
{
    // The workspace's buffers, of which the transformer has the first three.
    private const int Frames = 0;
    private const int Mel = 1;
    private const int Tokens = 2;

    private readonly FastPitchConfig _config;
    private readonly ComputeDevice _device;
    private readonly TransformerStack _transformer;
    private readonly Conv1dWeights _projection;
    private readonly Tensor _bias;
    private readonly Workspace.Kept _workspace;
    private readonly int[] _sequences;

    /// <summary>Packs the weights.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="layers">Where they come from, and where they go.</param>
    public FrameDecoder(FastPitchConfig config, LayerReader layers)
    {
        (_config, _device) = (config, layers.Memory.Device);
        _transformer = new TransformerStack("decoder", config.Decoder, layers);
        _projection = layers.Linear("proj", config.MelBands, config.Width, hasBias: false);
        _bias = layers.Weights.Take("proj.bias", config.MelBands);
        _sequences = TransformerStack.Buffers(config.Decoder);
        _sequences[Mel] = Math.Max(_sequences[Mel], Ceiling.Of(config.MelBands, config.Width));
        _workspace = layers.Memory.KeepWorkspace(_sequences);
    }

    /// <summary>Bytes of the activations of so many rows of so many frames each.</summary>
    public long BytesOf(int rows, int frames)
    {
        var width = (long)_config.Width * frames;
        var most = Math.Max(width, Math.Min(rows * width, _device.MostElements / _sequences.Max()));
        return most * _sequences.Sum() * _device.ElementBytes;
    }

    /// <summary>Makes the frames of utterances, as many utterances at a time as the device takes.</summary>
    /// <param name="tokens">Of each, [1, H, T].</param>
    /// <param name="durations">Frames of each token.</param>
    /// <param name="cancellation">Looked at between blocks.</param>
    /// <returns>Log-mels, each [1, 80, F]; none where it was cancelled.</returns>
    public Tensor[] Decode(Tensor[] tokens, int[][] durations, CancellationToken cancellation)
    {
        var frames = Array.ConvertAll(durations, DurationResult.TokensOfFrames);
        int[] lengths = [.. frames.Zip(tokens, (row, ofTokens) => Math.Max(row.Length, ofTokens[2]))];
        var mels = new List<Tensor>();
        foreach (var group in RowGroups.Of(_device, lengths, (long)_sequences.Max() * _config.Width, "frames"))
        {
            mels.AddRange(DecodeRows(tokens[group], frames[group], cancellation));
        }

        return cancellation.IsCancellationRequested ? [] : [.. mels];
    }

    private Tensor[] DecodeRows(Tensor[] tokens, int[][] tokenOfFrames, CancellationToken cancellation)
    {
        using var tokenRows = _device.Rows(Array.ConvertAll(tokens, row => row[2]));
        using var rows = _device.Rows(Array.ConvertAll(tokenOfFrames, row => row.Length));
        using var workspace = _workspace.Take((long)rows.Count * Math.Max(rows.Longest, tokenRows.Longest) * _config.Width);
        var frames = workspace.Sequence(Frames, rows, _config.Width);
        var source = workspace.Sequence(Tokens, tokenRows, _config.Width);
        var places = new int[rows.Count * rows.Longest];
        for (var row = 0; row < tokenOfFrames.Length; row++)
        {
            tokenOfFrames[row].CopyTo(places, row * rows.Longest);
        }

        _device.Upload(SequenceBatch.Join(tokens, tokenRows), source);
        _device.Gather(source, places, frames);
        _transformer.Run(workspace, rows, frames, mask: null, cancellation);
        if (cancellation.IsCancellationRequested)
        {
            return [];
        }

        var mel = workspace.Sequence(Mel, rows, _config.MelBands);
        _device.Conv1d(frames, _projection, mel);
        return Array.ConvertAll(SequenceBatch.Split(_device.Download(mel), rows), WithBias);
    }

    // Here and not on the device: in half precision a log-mel, which lies far from 0, would lose last bits that a vocoder makes audible.
    private Tensor WithBias(Tensor mel)
    {
        for (var band = 0; band < mel[1]; band++)
        {
            foreach (ref var value in mel.Span.Slice(band * mel[2], mel[2]))
            {
                value += _bias.Span[band];
            }
        }

        return mel;
    }
}
