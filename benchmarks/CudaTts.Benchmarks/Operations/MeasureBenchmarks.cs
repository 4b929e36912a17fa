using BenchmarkDotNet.Attributes;
using CudaTts.Quality;
using CudaTts.Quality.Cepstra;
using CudaTts.Quality.Intelligibility;
using CudaTts.Quality.Levels;
using CudaTts.Quality.Pitch;
using CudaTts.Quality.Signals;
using CudaTts.Quality.Spectra;
using CudaTts.Quality.Statistics;

namespace CudaTts.Benchmarks.Operations;

/// <summary>The measures other than PESQ of ten seconds at 22.05 kHz: harmonics with pauses, like a voice, in some noise.</summary>
public class MeasureBenchmarks
{
    private const int SampleRate = 22050;
    private const int Samples = 10 * SampleRate;
    private double[] _reference = null!;
    private double[] _degraded = null!;

    [GlobalSetup]
    public void Make()
    {
        var noise = new UniformSequence("measure benchmark");
        _reference = new double[Samples];
        for (var n = 0; n < Samples; n++)
        {
            var seconds = (double)n / SampleRate;
            var phase = 2 * Math.PI * ((180 * seconds) + (3 * Math.Sin(2 * Math.PI * seconds)));
            for (var harmonic = 1; harmonic <= 20 && seconds % 3 < 2.4; harmonic++)
            {
                _reference[n] += 0.1 / harmonic * Math.Sin(harmonic * phase);
            }
        }

        _degraded = [.. _reference.Select((sample, n) => sample + (0.01 * ((2 * noise[n]) - 1)))];
    }

    [Benchmark]
    public StoiScores Intelligibility() => Stoi.Measure(Reference(), Degraded());

    [Benchmark]
    public object Cepstra() => new CepstralDistortion(Reference(), Degraded(), CepstralConvention.For(SampleRate)!);

    [Benchmark]
    public PitchTrack Pitch() => PitchTrack.Of(Reference());

    [Benchmark]
    public SignalLevels Levels() => SignalLevels.Of(Reference());

    [Benchmark]
    public SpectralDistances? Spectra() => SpectralDistances.Measure(Reference(), Degraded());

    [Benchmark]
    public PairScores All() => PairEvaluation.Measure(Reference(), Degraded());

    // A new signal each time: one that has been measured keeps what it is at other rates.
    private Signal Reference() => new(_reference, SampleRate);

    private Signal Degraded() => new(_degraded, SampleRate);
}
