using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Models.WaveNet.Sampling.Cuda;

/// <summary>What a few rows have on the device while their samples are drawn.</summary>
internal sealed class SampleBatch : IDisposable
{
    private const int Alignment = 256;
    private const int Parities = 2;

    private readonly CudaCompute _compute;
    private readonly WaveNetConfig _config;
    private readonly SamplerSizes _sizes;
    private readonly SampleRun[] _rows;
    private readonly int _members;
    private readonly DeviceBuffer _memory;
    private readonly long _mailBytes;
    private readonly SamplerParameters _parameters;
    private readonly bool _isForced;
    private readonly bool _isWatched;

    /// <param name="compute">The device.</param>
    /// <param name="config">The network's widths.</param>
    /// <param name="sizes">The same, padded.</param>
    /// <param name="rows">The rows, the longest first.</param>
    /// <param name="members">Blocks that share a layer, each of which has rings of its own.</param>
    /// <param name="chunkSamples">Samples of a launch at most.</param>
    public SampleBatch(CudaCompute compute, WaveNetConfig config, SamplerSizes sizes, SampleRun[] rows, int members, int chunkSamples)
    {
        (_compute, _config, _sizes, _rows, _members) = (compute, config, sizes, rows, members);
        (_isForced, _isWatched) = (rows[0].Forced is not null, rows[0].Outputs is not null);
        var samples = (long)rows.Length * Math.Min(chunkSamples, rows[0].Drawn.Length);
        _mailBytes = Parities * sizes.MailWords(rows.Length) * sizeof(ulong);
        long total = 0;
        long Place(long floats)
        {
            var start = total;
            total += (((floats * sizeof(float)) + Alignment - 1) / Alignment) * Alignment;
            return start;
        }

        var (mail, gateBias) = (Place(_mailBytes / sizeof(float)), Place((long)rows.Length * sizes.Layers * 2 * sizes.HalfGate));
        var (known, rings) = (Place((long)rows.Length * sizes.Layers * 2 * sizes.HalfGate), Place((long)rows.Length * members * RingFloats));
        var (conditions, mixture, noise) = (Place(samples * sizes.Bands), Place(samples * Mixtures), Place(samples));
        var (forced, drawn, outputs) = (Place(samples), Place(samples), Place(_isWatched ? samples * config.OutputChannels : 0));
        var (positions, last, sigmas) = (Place(rows.Length), Place(rows.Length), Place(rows.Length));
        _memory = compute.Borrow(ElementType.Float32, checked((int)(total / sizeof(float))));
        var start = CudaCompute.AddressOf(_memory.Tensor);
        _parameters = Constant() with
        {
            Mail = start + mail,
            GateBias = start + gateBias,
            Known = start + known,
            Rings = start + rings,
            Conditions = start + conditions,
            Mixture = start + mixture,
            Noise = start + noise,
            Forced = _isForced ? start + forced : default,
            Drawn = start + drawn,
            Outputs = _isWatched ? start + outputs : default,
            Positions = start + positions,
            Last = start + last,
            Sigmas = start + sigmas,
        };
    }

    private int RingFloats => _sizes.RingStarts[^1];

    private int Mixtures => _config.DrawsClasses ? 0 : _config.Mixtures;

    /// <summary>Gives the device what the rows' samples depend on; each member of a layer has it.</summary>
    public void UploadStates()
    {
        var stream = _compute.Enter();
        for (var row = 0; row < _rows.Length; row++)
        {
            var bias = SamplerWeights.GateBias(_rows[row].GateBiases, _sizes);
            stream.Upload<float>(bias.Span, _parameters.GateBias + ((long)row * bias.Length * sizeof(float)));
            float[] rings = [.. _rows[row].State.Rings.SelectMany(ring => ring)];
            for (var member = 0; member < _members; member++)
            {
                stream.Upload<float>(rings, RingsOf(row, member));
            }
        }

        stream.Upload<float>(Array.ConvertAll(_rows, row => row.Sigma), _parameters.Sigmas);
    }

    /// <summary>Takes back what the next samples depend on.</summary>
    public void DownloadStates()
    {
        var stream = _compute.Enter();
        var rings = new float[RingFloats];
        for (var row = 0; row < _rows.Length; row++)
        {
            stream.Download<float>(RingsOf(row, member: 0), rings);
            for (var layer = 0; layer < _sizes.Layers; layer++)
            {
                rings.AsSpan(_sizes.RingStarts[layer]..).Slice(0, _rows[row].State.Rings[layer].Length).CopyTo(_rows[row].State.Rings[layer]);
            }
        }
    }

    /// <summary>Gives the device conditions and noise of the next samples of the first rows.</summary>
    /// <returns>What a launch for them is given, but for the weights.</returns>
    public SamplerParameters Prepare(int first, int samples, int active)
    {
        var stream = _compute.Enter();
        var (conditions, mixture, noise) =
            (new float[active * samples * _sizes.Bands], new float[active * samples * Mixtures], new float[active * samples]);
        for (var row = 0; row < active; row++)
        {
            var run = _rows[row];
            Pad(run.Conditions(run.State.Position, samples).Span, conditions.AsSpan(row * samples * _sizes.Bands));
            run.Noise.FillMixture(run.State.Position, mixture.AsSpan(row * samples * Mixtures, samples * Mixtures));
            run.Noise.FillSample(run.State.Position, noise.AsSpan(row * samples, samples));
        }

        stream.Upload<float>(conditions, _parameters.Conditions);
        if (Mixtures > 0)
        {
            stream.Upload<float>(mixture, _parameters.Mixture);
        }

        stream.Upload<float>(noise, _parameters.Noise);
        if (_isForced)
        {
            float[] forced = [.. _rows[..active].SelectMany(row => row.Forced![first..(first + samples)])];
            stream.Upload<float>(forced, _parameters.Forced);
        }

        stream.Upload<int>(Array.ConvertAll(_rows[..active], row => row.State.Position), _parameters.Positions);
        stream.Upload<float>(Array.ConvertAll(_rows[..active], row => row.State.Last), _parameters.Last);
        stream.Clear(_parameters.Mail, _mailBytes);
        return _parameters with { Batch = active, Samples = samples };
    }

    /// <summary>Takes what was drawn.</summary>
    /// <exception cref="CudaTtsException">The network put out a value that is not finite.</exception>
    public void Take(int first, int samples, int active)
    {
        var stream = _compute.Enter();
        var drawn = new float[active * samples];
        stream.Download<float>(_parameters.Drawn, drawn);
        SampleRun.RequireFinite(drawn);
        var outputs = new float[_isWatched ? drawn.Length * _config.OutputChannels : 0];
        if (_isWatched)
        {
            stream.Download<float>(_parameters.Outputs, outputs);
        }

        for (var row = 0; row < active; row++)
        {
            var run = _rows[row];
            drawn.AsSpan(row * samples, samples).CopyTo(run.Drawn.AsSpan(first));
            run.State.Position += samples;
            run.State.Last = (run.Forced ?? run.Drawn)[first + samples - 1];
            if (run.Outputs is { } watched)
            {
                var count = samples * _config.OutputChannels;
                outputs.AsSpan(row * count, count).CopyTo(watched.AsSpan(first * _config.OutputChannels));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private CUdeviceptr RingsOf(int row, int member) => _parameters.Rings + (((((long)row * _members) + member) * RingFloats) * sizeof(float));

    private void Pad(ReadOnlySpan<float> conditions, Span<float> padded)
    {
        var bands = _config.Mel.MelBands;
        for (var sample = 0; sample < conditions.Length / bands; sample++)
        {
            conditions.Slice(sample * bands, bands).CopyTo(padded[(sample * _sizes.Bands)..]);
        }
    }

    /// <summary>What is the same in all launches.</summary>
    private SamplerParameters Constant() => new()
    {
        Layers = _sizes.Layers,
        Cycle = _config.DilationCycle,
        Taps = _config.Kernel,
        Residual = _sizes.Residual,
        HalfGate = _sizes.HalfGate,
        Skip = _sizes.Skip,
        Hidden = _sizes.Hidden,
        OutputsCount = _config.OutputChannels,
        Bands = _sizes.Bands,
        Mixtures = Mixtures,
        HasChoice = _config.ChoosesComponent ? 1 : 0,
        IsLogistic = _config.Distribution == SampleDistribution.Logistic ? 1 : 0,
        RingFloats = RingFloats,
        LeastLogScale = _config.LeastLogScale ?? float.NegativeInfinity,
    };
}
