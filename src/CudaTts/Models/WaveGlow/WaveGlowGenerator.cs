using CudaTts.Compute;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.WaveGlow;

/// <summary>
/// WaveGlow (arXiv:1811.00002; NVIDIA/waveglow glow.py) in its generating direction: noise, eight neighbouring samples as channels, passes the steps
/// of a normalising flow backwards; each undoes an affine coupling whose parameters depend on the mel, and a 1x1 convolution.
/// </summary>
public sealed class WaveGlowGenerator : Vocoder
{
    // Frames of one row that go through the network at once. This bounds memory (256 channels: 180 kilobytes a frame); the context that each chunk
    // computes again is about a tenth of it, so speech of usual length is one chunk.
    private const int UsualChunkFrames = 2048;

    // The wide workspace has as many buffers as a coupling network needs; these are the narrow one's.
    private const int AudioBuffer = 0;
    private const int NextBuffer = 1;
    private const int CouplingBuffer = 2;
    private const int NoiseBuffer = 3;

    private readonly WaveGlowConfig _config;
    private readonly Conv1dWeights _upsample;
    private readonly (CouplingNetwork Network, FlowStep Undo)[] _flows;
    private readonly Workspace.Kept _conditioning;
    private readonly Workspace.Kept _wide;
    private readonly Workspace.Kept _narrow;

    /// <summary>Prepares the network.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="weights">The tensors of <see cref="WaveGlowTensors.Expected"/>.</param>
    /// <param name="device">Where it runs; stays the caller's to dispose.</param>
    /// <exception cref="WeightsException">The config contradicts itself, or a tensor is missing, of another shape or singular.</exception>
    public WaveGlowGenerator(WaveGlowConfig config, ModelWeights weights, ComputeDevice device)
        : base(WaveGlowConfig.TypeName, $"WaveGlow, {config.Channels} channels", WaveGlowFormat.Instance.Check(config, weights.Source).Mel, device)
    {
        (_config, ChunkFrames) = (config, UsualChunkFrames);
        try
        {
            _conditioning = Memory.KeepWorkspace(buffers: 1);
            _wide = Memory.KeepWorkspace(buffers: 3);
            _narrow = Memory.KeepWorkspace(buffers: 4);
            var shapes = WaveGlowTensors.Expected(config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
            Tensor Take(string name) => weights.Take(name, shapes[name]);
            _upsample = PackUpsample(Take("upsample.weight"), Take("upsample.bias"));
            _flows = [.. Enumerable.Range(0, config.Flows).Select(flow => PackFlow(flow, Take, weights.Source))];
        }
        catch
        {
            Memory.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Frames on each side that can influence a frame's samples: about 100, more than a second to both sides, so that short chunks cost several
    /// times their own work.
    /// </summary>
    internal override int ContextFrames => WaveGlowGeometry.ContextFrames(_config);

    private int GroupsPerFrame => _config.Mel.HopLength / _config.Group;

    private int ConditioningChannels => _config.Mel.MelBands * _config.Group;

    /// <summary>
    /// Names and shapes of the noise for a mel of <paramref name="rows"/> rows of <paramref name="frames"/> frames, in the order of use.
    /// </summary>
    public override IEnumerable<NoiseShape> NoiseShapes(int rows, int frames)
    {
        yield return new("z", [rows, WaveGlowGeometry.ChannelsOf(_config, _config.Flows - 1), frames * GroupsPerFrame]);
        var early = Enumerable.Range(0, _config.Flows).Count(flow => WaveGlowGeometry.IsEarly(_config, flow));
        for (var i = 0; i < early; i++)
        {
            yield return new($"early_z.{i}", [rows, _config.EarlySize, frames * GroupsPerFrame]);
        }
    }

    /// <inheritdoc/>
    public override StageWork? WorkOf(long frames) => WaveGlowWork.Of(_config, frames, Device.ElementBytes);

    /// <inheritdoc/>
    private protected override Tensor[] GenerateRows(
        IReadOnlyList<Tensor> mels, IReadOnlyList<VocoderOptions> noise, CancellationToken cancellation)
    {
        var elementsPerFrame = (long)Math.Max(ConditioningChannels, _config.Channels) * GroupsPerFrame;
        return MelChunk.Generate(
            mels, Mel.HopLength, (ChunkFrames, ContextFrames), Device, elementsPerFrame, chunks => Run(mels, chunks, noise, cancellation));
    }

    /// <summary>The chunks' audio, [chunks, N].</summary>
    private Tensor Run(IReadOnlyList<Tensor> mels, List<MelChunk> chunks, IReadOnlyList<VocoderOptions> noise, CancellationToken cancellation)
    {
        using var rows = Device.Rows([.. chunks.Select(chunk => chunk.Frames)]);
        var groups = (long)rows.Count * rows.Longest * GroupsPerFrame;
        using var conditioning = _conditioning.Take(groups * ConditioningChannels);
        using var wide = _wide.Take(Math.Max(groups * _config.Channels, (long)rows.Count * rows.Longest * _config.Mel.MelBands));
        using var narrow = _narrow.Take(groups * _config.Group);

        var input = wide.Sequence(0, rows, _config.Mel.MelBands);
        Device.Upload(MelChunk.Gather(mels, chunks), input);
        var spread = conditioning.Sequence(0, rows, ConditioningChannels, GroupsPerFrame);
        Device.Conv1d(input, _upsample, spread);

        Tensor Wide(int buffer) => wide.Sequence(buffer, rows, _config.Channels, GroupsPerFrame);
        Tensor Narrow(int buffer, int channels) => narrow.Sequence(buffer, rows, channels, GroupsPerFrame);
        var (current, next, early) = (AudioBuffer, NextBuffer, 0);
        VocoderOptions.Fill(noise, "z", 0, _config.Sigma, chunks, Narrow(current, WaveGlowGeometry.ChannelsOf(_config, _config.Flows - 1)), Device);
        for (var flow = _config.Flows - 1; flow >= 0; flow--)
        {
            cancellation.ThrowIfCancellationRequested();
            var channels = WaveGlowGeometry.ChannelsOf(_config, flow);
            var (audio, coupling) = (Narrow(current, channels), Narrow(CouplingBuffer, channels));
            _flows[flow].Network.Run(audio, spread, (Wide(0), Wide(1), Wide(2)), coupling, Device);
            Tensor? joining = null;
            if (WaveGlowGeometry.IsEarly(_config, flow))
            {
                joining = Narrow(NoiseBuffer, _config.EarlySize);
                VocoderOptions.Fill(noise, $"early_z.{early}", early + 1, _config.Sigma, chunks, joining, Device);
                early++;
            }

            Device.UndoFlowStep(audio, coupling, _flows[flow].Undo, joining, Narrow(next, channels + (joining?[1] ?? 0)));
            (current, next) = (next, current);
        }

        return Interleave(Device.Download(Narrow(current, _config.Group)));
    }

    /// <summary>[B, G, T] to [B, T x G]: channels become neighbouring samples.</summary>
    private static Tensor Interleave(Tensor grouped)
    {
        var (batch, group, steps) = (grouped[0], grouped[1], grouped[2]);
        var samples = new Tensor(batch, steps * group);
        for (var row = 0; row < batch * group; row++)
        {
            var from = grouped.Span.Slice(row * steps, steps);
            var to = samples.Slice(row / group, 1).Span;
            for (var step = 0; step < steps; step++)
            {
                to[(step * group) + (row % group)] = from[step];
            }
        }

        return samples;
    }

    private (CouplingNetwork Network, FlowStep Undo) PackFlow(int flow, Func<string, Tensor> take, string source)
    {
        var (prefix, mixing) = ($"WN.{flow}.", $"convinv.{flow}.conv.weight");
        var transformsFirstHalf = _config.AlternateHalves && flow % 2 == 1;
        var network = new CouplingNetwork(_config, flow, transformsFirstHalf, name => take(prefix + name), Memory);
        return (network, new FlowStep(Memory.Store(MatrixInverse.Of(take(mixing), mixing, source)), transformsFirstHalf));
    }

    /// <summary>
    /// The transposed convolution whose output's neighbouring samples are already channels: band m of a group's sample j is channel m * group + j, so
    /// the stride is the hop's groups, and the taps of channel (m, j) are m's taps j, j + group, ... The public code cuts the last kernel - hop
    /// samples off; a convolution that cuts as much from both ends does the same when its kernel begins with as many zeros.
    /// </summary>
    private Conv1dWeights PackUpsample(Tensor weight, Tensor bias)
    {
        var (bands, kernel, group) = (weight[0], weight[2], _config.Group);
        var zeros = (kernel - _config.Mel.HopLength) / group;
        var taps = (kernel / group) + zeros;
        var grouped = new Tensor(bands, bands * group, taps);
        for (var row = 0; row < bands * bands; row++)
        {
            var from = weight.Span.Slice(row * kernel, kernel);
            var to = grouped.Span[(row * group * taps)..];
            for (var i = 0; i < kernel; i++)
            {
                to[(i % group * taps) + zeros + (i / group)] = from[i];
            }
        }

        var repeated = new Tensor(bands * group);
        for (var channel = 0; channel < repeated.Length; channel++)
        {
            repeated.Span[channel] = bias.Span[channel / group];
        }

        return Memory.PackConvTranspose1d(grouped, repeated, GroupsPerFrame, padding: zeros);
    }
}
