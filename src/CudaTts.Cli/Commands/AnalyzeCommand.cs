using System.CommandLine;
using CudaTts.Audio;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts analyze</c>: the log-mel of a recording.</summary>
internal static class AnalyzeCommand
{
    public static Command Create()
    {
        var input = new Argument<string>("input")
        {
            Description = "The recording: WAV, AIFF or MP3, at any rate.",
            HelpName = SharedOptions.FileName,
        };
        var output = SharedOptions.Output("The safetensors file to write: 'mel' float32 [1, 80, F].");
        var frontEnd = SharedOptions.Choice(
            "--frontend", "Framing: hifigan (N / hop frames) or nvidia (N / hop + 1, centred).", ["hifigan", "nvidia"]);
        var command = new Command("analyze", "Writes the log-mel of a recording.") { input, output, frontEnd };
        command.SetAction(parsed =>
        {
            OutputFile.RequireFolder(parsed.GetValue(output)!);
            OutputFile.RequireDistinct([("-o", parsed.GetValue(output))], [("the recording", parsed.GetValue(input))]);
            var framing = parsed.GetValue(frontEnd) == "nvidia" ? MelFraming.Nvidia : MelFraming.HifiGan;
            var contract = new MelContract();
            var recording = AudioFile.Read(parsed.GetValue(input)!).Resample(contract.SampleRate);
            var mel = new LogMelAnalyzer(contract, framing).Analyze(recording);
            SafetensorsWriter.Write(parsed.GetValue(output)!, [KeyValuePair.Create("mel", mel.ToEntry())]);
        });
        return command;
    }
}
