using BenchmarkDotNet.Attributes;
using CudaTts.Audio;
using CudaTts.Tensors;

namespace CudaTts.Benchmarks.Operations;

/// <summary>The Fourier transform of one window of 1024 samples, and the log-mel of one second of speech at 22050 Hz.</summary>
public class SpectrumBenchmarks
{
    private const int Window = 1024;
    private const int SampleRate = 22050;
    private readonly FourierTransform _transform = new(Window);
    private readonly LogMelAnalyzer _analyzer = new(new MelContract(), MelFraming.HifiGan);
    private readonly Tensor _parts = RandomTensor.Create(4, Window);
    private readonly Tensor _second = RandomTensor.Create(SampleRate);

    [Benchmark]
    public void Fourier1024()
    {
        // The transform overwrites its input, and repeated without this the values would leave the range of ordinary numbers.
        _parts.Span[..(2 * Window)].Fill(0.5f);
        _transform.Forward(_parts.Slice(0, 1).Span, _parts.Slice(1, 1).Span, _parts.Slice(2, 1).Span, _parts.Slice(3, 1).Span);
    }

    [Benchmark]
    public Tensor LogMelOfOneSecond() => _analyzer.Analyze(_second.Span);
}
