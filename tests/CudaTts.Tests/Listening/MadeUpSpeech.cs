using CudaTts.Audio;
using CudaTts.Quality.Statistics;

namespace CudaTts.Tests.Listening;

/// <summary>
/// Short clips that are as good as speech for a listening test: a buzz with an envelope, another one for every sentence, plus a system's noise.
/// </summary>
internal static class MadeUpSpeech
{
    public const int Rate = 16000;

    /// <summary>One clip.</summary>
    /// <param name="sentence">Which sentence; decides the pitch.</param>
    /// <param name="noise">How much noise the system adds.</param>
    /// <param name="seconds">How long it lasts.</param>
    /// <param name="gain">How loud it is before it is levelled.</param>
    /// <param name="rate">Samples a second, Hz.</param>
    public static Waveform Clip(int sentence, double noise, double seconds = 0.3, double gain = 0.3, int rate = Rate)
    {
        var uniform = new UniformSequence($"speech.{sentence}.{noise}");
        var samples = new float[(int)(seconds * rate)];
        for (var i = 0; i < samples.Length; i++)
        {
            var phase = 2 * Math.PI * (110 + (7 * sentence)) * i / rate;
            var buzz = Enumerable.Range(1, 20).Sum(harmonic => Math.Sin(harmonic * phase) / harmonic);
            var envelope = Math.Sin(Math.PI * i / samples.Length);
            samples[i] = (float)(gain * envelope * ((0.5 * buzz) + (noise * ((2 * uniform[i]) - 1))));
        }

        return new Waveform(samples, rate);
    }

    /// <summary>Writes a system's folder.</summary>
    /// <param name="folder">The folder; it is made.</param>
    /// <param name="sentences">How many sentences.</param>
    /// <param name="noise">How much noise the system adds.</param>
    /// <param name="seconds">How long each clip lasts.</param>
    /// <param name="gain">How loud it is.</param>
    public static string WriteSystem(string folder, int sentences, double noise, double seconds = 0.3, double gain = 0.3)
    {
        Directory.CreateDirectory(folder);
        for (var sentence = 0; sentence < sentences; sentence++)
        {
            WavFile.Write(Path.Combine(folder, $"secret-{sentence:D2}.wav"), Clip(sentence, noise, seconds, gain));
        }

        return folder;
    }
}
