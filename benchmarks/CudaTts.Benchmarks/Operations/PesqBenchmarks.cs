using BenchmarkDotNet.Attributes;
using CudaTts.Quality.Pesq;
using CudaTts.Quality.Signals;
using CudaTts.Quality.Statistics;

namespace CudaTts.Benchmarks.Operations;

/// <summary>PESQ of ten seconds at 16 kHz: bursts of noise with pauses, like the syllables and phrases of speech, in more noise.</summary>
public class PesqBenchmarks
{
    private const int SampleRate = 16000;
    private const int Samples = 10 * SampleRate;
    private Signal _reference = null!;
    private Signal _degraded = null!;

    [GlobalSetup]
    public void Make()
    {
        var (source, noise) = (new UniformSequence("pesq benchmark"), new UniformSequence("pesq benchmark noise"));
        var samples = new double[Samples];
        for (var n = 0; n < Samples; n++)
        {
            var seconds = (double)n / SampleRate;
            var phrase = seconds % 3 < 2.4 ? 1 : 0;
            samples[n] = 0.3 * phrase * Math.Pow(Math.Sin(Math.PI * 4 * seconds), 2) * ((2 * source[n]) - 1);
        }

        _reference = new Signal(samples, SampleRate);
        _degraded = new Signal([.. samples.Select((sample, n) => sample + (0.01 * ((2 * noise[n]) - 1)))], SampleRate);
    }

    [Benchmark]
    public PesqResult NarrowBand() => PerceptualQuality.Measure(_reference, _degraded, PesqMode.NarrowBand);

    [Benchmark]
    public PesqResult WideBand() => PerceptualQuality.Measure(_reference, _degraded, PesqMode.WideBand);

    [Benchmark]
    public PesqResults BothModes() => PerceptualQuality.MeasureBoth(_reference, _degraded);
}
