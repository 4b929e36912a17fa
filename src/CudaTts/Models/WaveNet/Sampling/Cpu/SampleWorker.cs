using System.Runtime.InteropServices;

namespace CudaTts.Models.WaveNet.Sampling.Cpu;

/// <summary>One thread's rows on their way through their samples, side by side. Nothing is allocated for a sample.</summary>
internal sealed unsafe class SampleWorker : IDisposable
{
    // Samples between two looks at the cancellation; conditions and noise are made for as many.
    private const int ChunkSamples = 256;

    private readonly CpuSampleLoop _loop;
    private readonly SampleRow[] _rows;
    private readonly VectorProduct* _products;

    /// <param name="loop">The weights.</param>
    /// <param name="rows">The rows, the longest first.</param>
    public SampleWorker(CpuSampleLoop loop, SampleRun[] rows)
    {
        _loop = loop;
        _rows = Array.ConvertAll(rows, row => new SampleRow(loop, row, ChunkSamples));
        var most = loop.Layers.Max(layer => layer.SamplesAhead);
        _products = (VectorProduct*)NativeMemory.Alloc((nuint)(rows.Length * most), (nuint)sizeof(VectorProduct));
    }

    /// <summary>Draws all samples of all rows.</summary>
    public void Run(CancellationToken cancellation)
    {
        for (var first = 0; first < _rows[0].Run.Drawn.Length; first += ChunkSamples)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var row in _rows)
            {
                row.BeginChunk(Math.Clamp(row.Run.Drawn.Length - first, 0, ChunkSamples));
            }

            var count = _rows.Length;
            for (var sample = 0; sample < _rows[0].ChunkLength; sample++)
            {
                while (_rows[count - 1].ChunkLength <= sample)
                {
                    count--;
                }

                Step(_rows.AsSpan(0, count), sample);
            }
        }

        foreach (var row in _rows)
        {
            row.End();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(_products);

    /// <summary>Draws the next sample of the rows.</summary>
    private void Step(ReadOnlySpan<SampleRow> rows, int sample)
    {
        foreach (var row in rows)
        {
            row.BeginSample();
        }

        for (var layer = 0; layer < _loop.Layers.Length; layer++)
        {
            var packed = _loop.Layers[layer];
            LookAhead(rows, layer, packed);
            for (var i = 0; i < rows.Length; i++)
            {
                _products[i] = rows[i].CurrentProduct(layer);
            }

            packed.Current.Multiply(_products, rows.Length);
            Project(rows, layer, packed);
        }

        Conclude(rows);
        foreach (var row in rows)
        {
            row.EndSample(sample);
        }
    }

    /// <summary>What of a layer's gates is known for some samples to come, for the rows where it has been used up.</summary>
    private void LookAhead(ReadOnlySpan<SampleRow> rows, int layer, PackedLayer packed)
    {
        var count = 0;
        foreach (var row in rows)
        {
            count += row.LookAhead(layer, _products + count);
        }

        if (count > 0)
        {
            packed.Known.Multiply(_products, count);
        }
    }

    private void Project(ReadOnlySpan<SampleRow> rows, int layer, PackedLayer packed)
    {
        foreach (var row in rows)
        {
            row.Gate(layer);
        }

        if (packed.Residual is not null)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                _products[i] = rows[i].ResidualProduct(layer);
            }

            packed.Residual.Multiply(_products, rows.Length);
        }

        for (var i = 0; i < rows.Length; i++)
        {
            _products[i] = rows[i].SkipProduct;
        }

        packed.Skip.Multiply(_products, rows.Length);
    }

    private void Conclude(ReadOnlySpan<SampleRow> rows)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            _products[i] = rows[i].HiddenProduct();
        }

        _loop.Hidden.Multiply(_products, rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            _products[i] = rows[i].LastProduct();
        }

        _loop.Last.Multiply(_products, rows.Length);
    }
}
