using CudaTts.Tensors;

namespace CudaTts.Models.WaveNet.Sampling.Cpu;

/// <summary>One row's vectors while its samples are drawn.</summary>
internal sealed unsafe class SampleRow
{
    private readonly CpuSampleLoop _loop;
    private readonly Tensor[] _rings;
    private readonly Tensor[] _gateBiases;
    private readonly Tensor[] _known; // [samples ahead, 2 gates] of each layer
    private readonly int[] _knownFrom;
    private readonly int[] _knownTo;
    private readonly Tensor _columns; // [samples ahead, columns] of what Known is multiplied by
    private readonly Tensor _gates;
    private readonly Tensor _z;
    private readonly Tensor _skip;
    private readonly Tensor _hidden;
    private readonly Tensor _output;
    private readonly float[] _mixture;
    private readonly float[] _noise;
    private Tensor _conditions = new(0);
    private int _chunkStart;
    private int _position;
    private int _drawn;

    /// <param name="loop">The weights.</param>
    /// <param name="run">What is wanted.</param>
    /// <param name="chunkSamples">For how many samples noise and conditions are made at once.</param>
    public SampleRow(CpuSampleLoop loop, SampleRun run, int chunkSamples)
    {
        (_loop, Run, _position) = (loop, run, run.State.Position);
        var (config, layers) = (loop.Config, loop.Layers);
        _rings = Array.ConvertAll(run.State.Rings, ring => Tensor.From(ring, ring.Length));
        _gateBiases = [.. layers.Select((layer, index) => layer.PlacedGateBias(run.GateBiases[index]))];
        _known = Array.ConvertAll(layers, layer => new Tensor(layer.SamplesAhead, 2 * layer.GateStride));
        (_knownFrom, _knownTo) = (new int[layers.Length], new int[layers.Length]);
        _columns = new Tensor(layers.Max(layer => layer.SamplesAhead * layer.Known.Columns));
        _gates = new Tensor(2 * layers[0].GateStride);
        _z = new Tensor(layers[0].GateStride);
        (_skip, _hidden) = (new Tensor(loop.SkipBias.Length), new Tensor(loop.HiddenBias.Length));
        _output = new Tensor(loop.LastBias.Length);
        (_mixture, _noise) = (new float[config.ChoosesComponent ? chunkSamples * config.Mixtures : 0], new float[chunkSamples]);
    }

    /// <summary>What is wanted of the row.</summary>
    public SampleRun Run { get; }

    /// <summary>Samples of the chunk under way.</summary>
    public int ChunkLength { get; private set; }

    /// <summary>The product of a layer's last tap, to which what was known before is added.</summary>
    public VectorProduct CurrentProduct(int layer)
    {
        var packed = _loop.Layers[layer];
        return new VectorProduct
        {
            X = Slot(layer, _position),
            B = _known[layer].Pointer + ((_position - _knownFrom[layer]) * 2 * packed.GateStride),
            Y = _gates.Pointer,
        };
    }

    /// <summary>The product of a layer's skip connection, on top of those before it.</summary>
    public VectorProduct SkipProduct => new() { X = _z.Pointer, B = _skip.Pointer, Y = _skip.Pointer };

    /// <summary>Makes conditions and noise of the next samples.</summary>
    public void BeginChunk(int samples)
    {
        (ChunkLength, _chunkStart) = (samples, _position);
        if (samples > 0)
        {
            _conditions = Run.Conditions(_position, samples);
            Run.Noise.FillMixture(_position, _mixture.AsSpan(0, samples * (_mixture.Length / _noise.Length)));
            Run.Noise.FillSample(_position, _noise.AsSpan(0, samples));
        }
    }

    /// <summary>The first layer's input, and an empty sum of skip connections.</summary>
    public void BeginSample()
    {
        var table = _loop.Table.Span;
        var width = _loop.Table[1];
        var input = new Span<float>(Slot(0, _position), width);
        if (_loop.Config.DrawsClasses)
        {
            table.Slice((int)Run.State.Last * width, width).CopyTo(input);
        }
        else
        {
            for (var channel = 0; channel < width; channel++)
            {
                input[channel] = (table[channel] * Run.State.Last) + table[width + channel];
            }
        }

        _loop.SkipBias.Span.CopyTo(_skip.Span);
    }

    /// <summary>Prepares what of a layer's gates depends on known samples, where it has been used up.</summary>
    /// <param name="layer">Which.</param>
    /// <param name="products">Receives a product for each sample.</param>
    /// <returns>How many.</returns>
    public int LookAhead(int layer, VectorProduct* products)
    {
        if (_position < _knownTo[layer])
        {
            return 0;
        }

        var packed = _loop.Layers[layer];
        var count = Math.Min(packed.SamplesAhead, _chunkStart + ChunkLength - _position);
        (_knownFrom[layer], _knownTo[layer]) = (_position, _position + count);
        for (var i = 0; i < count; i++)
        {
            var columns = _columns.Pointer + (i * packed.Known.Columns);
            Gather(layer, packed, _position + i, new Span<float>(columns, packed.Known.Columns));
            products[i] = new VectorProduct
            {
                X = columns,
                B = _gateBiases[layer].Pointer,
                Y = _known[layer].Pointer + (i * 2 * packed.GateStride),
            };
        }

        return count;
    }

    /// <summary>Makes a layer's gated activations, and what its residual product is added to.</summary>
    public void Gate(int layer)
    {
        var packed = _loop.Layers[layer];
        _loop.Kernels.Gate(_gates.Pointer, _z.Pointer, packed.GateStride);
        if (packed.ResidualBias is { } bias)
        {
            _loop.Kernels.ScaleAdd(Slot(layer, _position), packed.Scale, bias.Pointer, Slot(layer + 1, _position), packed.InputStride);
        }
    }

    /// <summary>The product of a layer's residual, which becomes the next layer's input.</summary>
    public VectorProduct ResidualProduct(int layer)
    {
        var next = Slot(layer + 1, _position);
        return new VectorProduct { X = _z.Pointer, B = next, Y = next };
    }

    /// <summary>The product before the last.</summary>
    public VectorProduct HiddenProduct()
    {
        _loop.Kernels.Rectify(_skip.Pointer, _skip.Length);
        return new VectorProduct { X = _skip.Pointer, B = _loop.HiddenBias.Pointer, Y = _hidden.Pointer };
    }

    /// <summary>The last product, which says what the sample is drawn from.</summary>
    public VectorProduct LastProduct()
    {
        _loop.Kernels.Rectify(_hidden.Pointer, _hidden.Length);
        return new VectorProduct { X = _hidden.Pointer, B = _loop.LastBias.Pointer, Y = _output.Pointer };
    }

    /// <summary>Draws the sample.</summary>
    /// <param name="sample">Which of the chunk.</param>
    /// <exception cref="CudaTtsException">The network put out a value that is not finite.</exception>
    public void EndSample(int sample)
    {
        var config = _loop.Config;
        var output = _output.Span[..config.OutputChannels];
        SampleRun.RequireFinite(output);
        var mixtures = _mixture.Length / _noise.Length;
        var value = SampleChoice.Draw(config, output, _mixture.AsSpan(sample * mixtures, mixtures), _noise[sample], Run.Sigma);
        if (Run.Outputs is { } outputs)
        {
            output.CopyTo(outputs.AsSpan(_drawn * config.OutputChannels));
        }

        Run.Drawn[_drawn] = value;
        Run.State.Last = Run.Forced?[_drawn] ?? value;
        (_drawn, _position) = (_drawn + 1, _position + 1);
    }

    /// <summary>Writes back what the next samples depend on.</summary>
    public void End()
    {
        for (var layer = 0; layer < _rings.Length; layer++)
        {
            _rings[layer].Span.CopyTo(Run.State.Rings[layer]);
        }

        Run.State.Position = _position;
    }

    private float* Slot(int layer, int position)
    {
        var packed = _loop.Layers[layer];
        return _rings[layer].Pointer + ((nint)(position % packed.Slots) * packed.InputStride);
    }

    private void Gather(int layer, PackedLayer packed, int position, Span<float> columns)
    {
        for (var tap = 0; tap < packed.Taps - 1; tap++)
        {
            var from = position - ((packed.Taps - 1 - tap) * packed.Dilation);
            var to = columns.Slice(tap * packed.Inputs, packed.Inputs);
            if (from < 0)
            {
                to.Clear();
            }
            else
            {
                new ReadOnlySpan<float>(Slot(layer, from), packed.Inputs).CopyTo(to);
            }
        }

        var bands = _conditions[1];
        _conditions.Span.Slice((position - _chunkStart) * bands, bands).CopyTo(columns[(columns.Length - bands)..]);
    }
}
