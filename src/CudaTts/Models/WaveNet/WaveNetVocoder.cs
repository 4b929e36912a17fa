using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Models.WaveNet.Sampling;
using CudaTts.Models.WaveNet.Sampling.Cpu;
using CudaTts.Models.WaveNet.Sampling.Cuda;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.WaveNet;

/// <summary>
/// WaveNet (arXiv:1609.03499) as a vocoder: a sample is drawn from what a causal network says of it, given all samples before and the mel. What it
/// remembers of an utterance goes on from part to part of its mel.
/// </summary>
internal sealed class WaveNetVocoder : Vocoder
{
    private readonly WaveNetConfig _config;
    private readonly WaveNetNetwork _network;
    private readonly ConditionNetwork _conditions;
    private readonly SampleLoop _loop;

    /// <summary>Prepares the network.</summary>
    /// <param name="config">The widths.</param>
    /// <param name="weights">The tensors of <see cref="WaveNetTensors.Expected"/>.</param>
    /// <param name="device">Where it runs; stays the caller's to dispose.</param>
    /// <param name="onGpu">Makes what draws the samples on a GPU; as it fits the device when omitted.</param>
    /// <exception cref="WeightsException">The config contradicts itself, or a tensor is missing or of another shape.</exception>
    public WaveNetVocoder(
        WaveNetConfig config, ModelWeights weights, ComputeDevice device, Func<WaveNetNetwork, CudaModelMemory, SampleLoop>? onGpu = null)
        : base(WaveNetConfig.TypeName, $"WaveNet, {config.Layers} layers",
            WaveNetFormat.Instance.Check(config, weights.Source).Mel, device, MelStatistics.Named(config.Mel, weights))
    {
        _config = config;
        try
        {
            var shapes = WaveNetTensors.Expected(config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
            Tensor Take(string name) => weights.Take(name, shapes[name]);
            _conditions = ConditionNetwork.Create(config, Take);
            _network = new WaveNetNetwork(config, Take);
            _loop = Memory.ForDevice<SampleLoop>(
                cpu => new CpuSampleLoop(_network, cpu.Compute),
                gpu => (onGpu ?? ((network, memory) => new CudaSampleLoop(network, memory)))(_network, gpu));
        }
        catch
        {
            Memory.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override int Speakers => _config.SpeakerChannels > 0 ? _config.Speakers : 0;

    /// <inheritdoc/>
    internal override int ContextFrames => _conditions.ReachFrames;

    /// <inheritdoc/>
    private protected override bool HasBias => false;

    /// <inheritdoc/>
    public override IEnumerable<NoiseShape> NoiseShapes(int rows, int frames) =>
        SampleNoise.Shapes(_config, rows, frames * Mel.HopLength);

    /// <inheritdoc/>
    public override StageWork? WorkOf(long frames) => WaveNetWork.Of(_config, frames, Device.ElementBytes);

    /// <summary>The conditions of all samples of a mel [1, bands, F]: [N, bands].</summary>
    internal Tensor Conditions(Tensor mel) => _conditions.Conditions(mel, ..(mel[2] * Mel.HopLength));

    /// <summary>What the network says of each sample, given samples or classes [N] as its past: [N, C].</summary>
    internal float[] Outputs(Tensor mel, VocoderOptions options, float[] past)
    {
        using var running = Memory.BeginRun();
        var outputs = new float[past.Length * _config.OutputChannels];
        var run = Run(mel, options, _loop.Begin(), past.Length, past, outputs);
        _loop.Run([run], CancellationToken.None);
        return outputs;
    }

    /// <inheritdoc/>
    private protected override Tensor[] GenerateRows(
        IReadOnlyList<Tensor> mels, IReadOnlyList<VocoderOptions> noise, CancellationToken cancellation)
    {
        if (_config.DrawsClasses && noise.Any(options => options.Sigma is not (null or 1)))
        {
            throw new CudaTtsException($"sigma: {Title} draws classes, whose noise has no factor; leave it out.");
        }

        // The parts of one mel one after the other, different utterances side by side.
        int[][] utterances = [.. Enumerable.Range(0, mels.Count).GroupBy(row => noise[row].Stream ?? (object)row).Select(rows => rows.ToArray())];
        var states = Array.ConvertAll(utterances, rows => (noise[rows[0]].Stream?.State as SampleState)?.Copy() ?? _loop.Begin());
        var audio = new Tensor[mels.Count];
        for (var part = 0; part < utterances.Select(rows => rows.Length).DefaultIfEmpty().Max(); part++)
        {
            int[] speaking = [.. Enumerable.Range(0, utterances.Length).Where(utterance => part < utterances[utterance].Length)];
            var rows = Array.ConvertAll(speaking, utterance => utterances[utterance][part]);
            var runs = Array.ConvertAll(speaking, utterance =>
                Run(mels[utterances[utterance][part]], noise[utterances[utterance][part]], states[utterance]));
            _loop.Run(Array.FindAll(runs, run => run.Drawn.Length > 0), cancellation);
            for (var i = 0; i < rows.Length; i++)
            {
                audio[rows[i]] = Finish(mels[rows[i]], noise[rows[i]], runs[i]);
            }
        }

        for (var utterance = 0; utterance < utterances.Length; utterance++)
        {
            if (noise[utterances[utterance][0]].Stream is { } stream)
            {
                stream.State = states[utterance];
            }
        }

        return audio;
    }

    /// <summary>The samples of a mel, or of the part of one that is final with it, as far as they are not drawn yet.</summary>
    private SampleRun Run(Tensor mel, VocoderOptions options, SampleState state)
    {
        var final = options.FirstFrame + mel[2] - (options.IsEnd ? 0 : ContextFrames);
        var first = options.FirstFrame == 0 ? 0 : options.FirstFrame + ContextFrames;
        var position = state.Position / Mel.HopLength;
        if (position < first && mel[2] > 0)
        {
            throw new ArgumentException($"The frames {options.FirstFrame} to {options.FirstFrame + mel[2]} do not join the {position} before.");
        }

        return Run(mel, options, state, Math.Max(0, (final * Mel.HopLength) - state.Position), past: null, outputs: null);
    }

    private SampleRun Run(Tensor mel, VocoderOptions options, SampleState state, int count, float[]? past, float[]? outputs)
    {
        var start = options.FirstFrame * Mel.HopLength;
        Tensor Conditions(Range samples) => _conditions.Conditions(mel, (samples.Start.Value - start)..(samples.End.Value - start));
        return new SampleRun(state, _network.GateBiasesOf(options.Speaker ?? 0), new SampleNoise(_config, options), Conditions, count)
        {
            Sigma = options.Sigma ?? 1,
            Forced = past,
            Outputs = outputs,
        };
    }

    /// <summary>Samples [1, F x hop]: zeros before those that were drawn now, and behind them.</summary>
    private Tensor Finish(Tensor mel, VocoderOptions options, SampleRun run)
    {
        var audio = new Tensor(1, mel[2] * Mel.HopLength);
        var from = run.State.Position - run.Drawn.Length - (options.FirstFrame * Mel.HopLength);
        var emphasis = run.State.Emphasis;
        SampleFinish.Apply(_config, run.Drawn, ref emphasis, run.Drawn.Length == 0 ? [] : audio.Span[from..]);
        run.State.Emphasis = emphasis;
        options.Drawn?.Add(options.Utterance, _config.DrawsClasses, run.Drawn);
        return audio;
    }
}
