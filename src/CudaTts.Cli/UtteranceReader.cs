using System.Globalization;
using System.Text;
using CudaTts.Files;

namespace CudaTts.Cli;

/// <summary>One text, and the file of its speech.</summary>
/// <param name="Number">The number of its line, from 1; 0 when it has none.</param>
/// <param name="Text">What to say.</param>
/// <param name="Output">The file to write.</param>
/// <param name="Seed">Key of the random numbers; null for the voice's.</param>
/// <param name="Speed">How fast to say it.</param>
/// <param name="Speaker">Which of the voice's speakers says it; who the voice says, when null.</param>
internal sealed record Utterance(int Number, string Text, string Output, ulong? Seed, double Speed, int? Speaker);

/// <summary>The texts of <c>--lines</c> and <c>--json-input</c>, read one line at a time. A line that is none is reported and left out.</summary>
/// <param name="arguments">What the command line says.</param>
/// <param name="voice">The voice, whose files no line may replace.</param>
/// <param name="input">The lines.</param>
/// <param name="faults">Is told of lines that are none.</param>
internal sealed class UtteranceReader(SayArguments arguments, Voice voice, TextInput input, LineFaults faults)
{
    private readonly OutputNames? _names = arguments.Raw ? null : new OutputNames(arguments, VoiceFiles.Of(voice, arguments.Vocoder.Vocoder));

    private readonly int? _speaker = arguments.SpeakerOf(voice);

    /// <summary>The texts in order.</summary>
    public IEnumerable<Utterance> Utterances()
    {
        var number = 0;
        while (NextLine() is { } line)
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line) && Read(line, number) is { } utterance)
            {
                yield return utterance;
            }
        }
    }

    // A line that is no text is left out as an empty one is.
    private string? NextLine()
    {
        try
        {
            return input.ReadLine();
        }
        catch (LineException error)
        {
            faults.Report(error);
            return "";
        }
    }

    private Utterance? Read(string line, int number)
    {
        try
        {
            var json = arguments.JsonInput ? Parse(line) : new JsonUtterance { Text = line };
            SpeechLimits.Speed.Require(json.Speed ?? 1, "speed");
            var speaker = json.Speaker is { } own ? voice.SpeakerOf(own.ToString()) : _speaker;
            var name = json.OutputFile ?? number.ToString("D4", CultureInfo.InvariantCulture) + ".wav";
            var output = _names?.Claim(name, number) ?? OutputFile.StandardOutput;
            return new Utterance(
                number, json.Text, output, json.Seed ?? arguments.Seed, json.Speed ?? arguments.Speed, speaker);
        }
        catch (CudaTtsException error)
        {
            faults.Report(number, error.Message);
            return null;
        }
    }

    private static JsonUtterance Parse(string line)
    {
        const string Source = "expected {\"text\", \"output_file\"?, \"seed\"?, \"speed\"?, \"speaker\"?}";
        return JsonInput.Parse(Encoding.UTF8.GetBytes(line), CliJson.Instance.JsonUtterance, Source);
    }
}
