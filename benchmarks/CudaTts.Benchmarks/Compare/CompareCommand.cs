namespace CudaTts.Benchmarks.Compare;

/// <summary>What a comparison runs.</summary>
/// <param name="Threads">Thread counts, each compared like with like.</param>
/// <param name="Frames">Mel lengths for the vocoders; 86 frames are one second.</param>
/// <param name="Seconds">Time for each line of the table.</param>
/// <param name="Only">Jobs to run: "hifigan", "waveglow", "parallel_wavegan", "fastpitch", "piper", "decoder"; empty for all.</param>
/// <param name="Models">Folder of the exported ONNX models.</param>
/// <param name="Results">Folder that the page is written under.</param>
internal sealed record ComparisonOptions(int[] Threads, int[] Frames, double Seconds, string Only, string Models, string Results);

/// <summary>Runs our engine and ONNX Runtime in one process, in turn, on the same weights and inputs.</summary>
internal static class CompareCommand
{
    /// <summary>Measures, prints and writes the page.</summary>
    public static void Run(ComparisonOptions options, string command)
    {
        var report = new ComparisonReport(command);
        foreach (var threads in options.Threads)
        {
            if (options.Only is "" or "hifigan")
            {
                HifiGanComparison.Run(options, threads, report);
            }

            if (options.Only is "" or "waveglow")
            {
                NoiseVocoderComparison.RunWaveGlow(options, threads, report);
            }

            if (options.Only is "" or "parallel_wavegan")
            {
                NoiseVocoderComparison.RunParallelWaveGan(options, threads, report);
            }

            if (options.Only is "" or "fastpitch")
            {
                FastPitchComparison.Run(options, threads, report);
            }

            if (options.Only is "" or "piper")
            {
                VoiceComparison.Run(options, threads, report);
            }

            if (options.Only is "" or "decoder")
            {
                DecoderComparison.Run(options, threads, report);
            }
        }

        report.Write(options.Results, options.Only);
    }

    /// <summary>sum (a-b)^2 / sum b^2.</summary>
    public static double Nmse(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        double error = 0;
        double power = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = (double)actual[i] - expected[i];
            error += difference * difference;
            power += (double)expected[i] * expected[i];
        }

        return error / power;
    }
}
