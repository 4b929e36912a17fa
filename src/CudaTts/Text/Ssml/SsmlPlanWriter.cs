using System.Globalization;
using System.Text;

namespace CudaTts.Text.Ssml;

/// <summary>Makes the plan of a document in one walk; what is open is on the scanner's stack and on ours.</summary>
internal sealed class SsmlPlanWriter(SsmlScanner scanner)
{
    private const int BetweenParagraphs = 500;
    private const int MostWarnings = 20;

    private readonly List<SsmlStep> _steps = [];
    private readonly List<string> _warnings = [];
    private readonly Stack<(Prosody Prosody, Emphasis Emphasis)> _manner = new([(Prosody.Neutral, Emphasis.None)]);
    private readonly SaidText _text = new();
    private long _silence;
    private int _paragraph;
    private bool _isDivided;

    /// <summary>Reads the whole document.</summary>
    public SsmlPlan Read()
    {
        if (!scanner.Read())
        {
            throw scanner.Error("expected the element 'speak', found nothing");
        }

        if (scanner is not { Node: SsmlNode.Start, Name: "speak" })
        {
            throw scanner.Error($"expected the element 'speak', found '{SsmlScanner.Quote(scanner.Name)}'");
        }

        do
        {
            switch (scanner.Node)
            {
                case SsmlNode.Start:
                    Open();
                    break;
                case SsmlNode.End:
                    Close(scanner.Name);
                    break;
                default:
                    _text.Append(scanner.Text);
                    break;
            }
        }
        while (scanner.Read());

        Flush();
        return new SsmlPlan(_steps) { Warnings = _warnings };
    }

    private void Open()
    {
        RequireDepth();
        var (name, isEmpty) = (scanner.Name, scanner.IsEmpty);
        switch (name)
        {
            case "break":
                AddBreak(BreakOf());
                break;
            case "mark":
                var mark = scanner.Attribute("name") ?? throw scanner.Error("'mark' needs a name");
                Flush();
                _steps.Add(new SsmlMark(mark));
                break;
            case "prosody":
                OpenManner(_manner.Peek() with { Prosody = ProsodyOf(_manner.Peek().Prosody) });
                break;
            case "emphasis":
                OpenManner(_manner.Peek() with { Emphasis = EmphasisOf() });
                break;
            case "p" or "s":
                EndText();
                _paragraph = name == "p" ? _steps.Count : _paragraph;
                break;
            case "phoneme":
                AddPhones();
                return;
            case "sub" when scanner.Attribute("alias") is { } alias:
                _text.Append(alias, Inside());
                return;
            case "say-as":
                AddSayAs();
                return;
            case "desc" or "metadata" or "meta" or "lexicon":
                Inside();
                return;
        }

        if (isEmpty)
        {
            Close(name);
        }
    }

    private void Close(string name)
    {
        switch (name)
        {
            case "prosody" or "emphasis":
                // What changes nothing divides nothing.
                if (_manner.ElementAt(1) != _manner.Peek())
                {
                    Flush();
                }

                _manner.Pop();
                break;
            case "s":
                EndText();
                break;
            case "p":
                EndText();
                if (_steps.Count > _paragraph)
                {
                    AddBreak(BetweenParagraphs);
                }

                break;
        }
    }

    private void OpenManner((Prosody Prosody, Emphasis Emphasis) inner)
    {
        if (inner != _manner.Peek())
        {
            Flush();
        }

        if (inner.Emphasis.IsCutOn(inner.Prosody))
        {
            Warn(scanner.Here, string.Create(CultureInfo.InvariantCulture,
                $"emphasis goes beyond a rate of {ProsodyValues.SlowestRate} to {ProsodyValues.FastestRate} or {ProsodyValues.MostSemitones} "
                + $"semitones: it ends there"));
        }

        _manner.Push(inner);
    }

    private void RequireDepth()
    {
        if (scanner.Depth >= SsmlReader.DeepestElement)
        {
            throw scanner.Error($"elements lie more than {SsmlReader.DeepestElement} deep");
        }
    }

    /// <summary>The text within the element, whose end becomes the scanner's place.</summary>
    private string Inside()
    {
        if (scanner.IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder();
        var depth = scanner.Depth;
        while (scanner.Read() && scanner.Depth > depth)
        {
            if (scanner.Node == SsmlNode.Text)
            {
                text.Append(scanner.Text);
            }
            else
            {
                RequireDepth();
            }
        }

        return text.ToString();
    }

    private void Flush()
    {
        var (prosody, emphasis) = _manner.Peek();
        if (_text.Take(emphasis.On(prosody)) is not { } step)
        {
            return;
        }

        // Elements that cancel each other, or have nothing within, have changed nothing: the text goes on.
        if (!_isDivided && _steps.Count > 0 && _steps[^1] is SsmlText before && before.Prosody == step.Prosody)
        {
            _steps[^1] = before.Joined(step);
        }
        else
        {
            _steps.Add(step);
        }

        _isDivided = false;
    }

    private void EndText()
    {
        Flush();
        _text.StandApart();
        _isDivided = true;
    }

    private void AddBreak(int milliseconds)
    {
        Flush();
        if (milliseconds > 0)
        {
            _text.StandApart();
        }

        _silence += milliseconds;
        if (_silence > SsmlReader.MostSilenceSeconds * 1000L)
        {
            throw scanner.Error($"the breaks of the document add up to more than {SsmlReader.MostSilenceSeconds} s of silence: divide it");
        }

        _steps.Add(new SsmlBreak(milliseconds));
    }

    private int BreakOf()
    {
        if (scanner.Attribute("time") is { } time)
        {
            var length = ProsodyValues.Time(time.Trim())
                ?? throw scanner.Error($"expected a time such as 250ms or 1.5s, found '{SsmlScanner.Quote(time)}'");
            if (length > ProsodyValues.LongestBreak)
            {
                Warn(scanner.Here, $"a break of {SsmlScanner.Quote(time.Trim())} is longer than 60 s, the longest: it takes 60 s");
            }

            return (int)Math.Round(Math.Min(length, ProsodyValues.LongestBreak));
        }

        var strength = scanner.Attribute("strength") ?? "medium";
        return ProsodyValues.Strength(strength.Trim()) ?? throw scanner.Error(
            $"expected the strength none, x-weak, weak, medium, strong or x-strong, found '{SsmlScanner.Quote(strength)}'");
    }

    private Prosody ProsodyOf(Prosody outer)
    {
        var rate = outer.Rate * (Value("rate", ProsodyValues.Rate, "a rate above 0 such as slow, 1.2 or 80%") ?? 1);
        var volume = Value("volume", ProsodyValues.Volume, "a volume such as soft, +6dB or 80") ?? 0;
        var pitch = outer.PitchSemitones + (Value("pitch", ProsodyValues.Pitch, "a pitch such as high, +2st or -10%") ?? 0);
        return new Prosody(
            Limited("rate", rate, ProsodyValues.SlowestRate, ProsodyValues.FastestRate),
            outer.VolumeDecibels + volume,
            Limited("pitch", pitch, -ProsodyValues.MostSemitones, ProsodyValues.MostSemitones));
    }

    private Emphasis EmphasisOf()
    {
        var level = scanner.Attribute("level") ?? "moderate";
        return Emphasis.Of(level.Trim()) ?? throw scanner.Error(
            $"expected the level strong, moderate, none or reduced, found '{SsmlScanner.Quote(level)}'");
    }

    private double? Value(string attribute, Func<string, double?> parse, string expected) => scanner.Attribute(attribute) is not { } value ? null
        : parse(value.Trim()) ?? throw scanner.Error($"expected {expected}, found '{SsmlScanner.Quote(value)}'");

    private double Limited(string attribute, double value, double least, double most)
    {
        var limited = Math.Clamp(value, least, most);
        if (limited != value)
        {
            var unit = attribute == "pitch" ? " semitones" : "";
            Warn(scanner.Here, string.Create(CultureInfo.InvariantCulture,
                $"{attribute} '{SsmlScanner.Quote(scanner.Attribute(attribute) ?? "")}' comes to {value:0.###}{unit}, out of {least} to {most}: "
                + $"it is {limited}"));
        }

        return limited;
    }

    /// <summary>The phones of the element; where they cannot be read, its text.</summary>
    private void AddPhones()
    {
        var here = scanner.Here;
        var said = PhonemeValues.Words(scanner.Attribute("ph"), scanner.Attribute("alphabet") ?? "ipa", out var reason);
        var written = Inside();
        if (said is not null)
        {
            _text.Append(said, written);
            return;
        }

        if (string.IsNullOrWhiteSpace(written))
        {
            throw SsmlScanner.ErrorIn(here, $"{reason}, and the element 'phoneme' has no text to read instead");
        }

        Warn(here, $"{reason}: the text '{SsmlScanner.Quote(written.Trim())}' is read instead");
        _text.Append(written);
    }

    private void AddSayAs()
    {
        var here = scanner.Here;
        var (kind, format) = (scanner.Attribute("interpret-as") ?? "", scanner.Attribute("format") ?? "");
        var written = Inside();
        var said = SayAs.Words(written, kind, format, out var reason);
        if (reason is not null)
        {
            Warn(here, $"{reason}: '{SsmlScanner.Quote(written.Trim())}' is read as text");
        }

        _text.Append(said, SayAs.IsHidden(kind) ? new string('*', written.Trim().Length) : written);
    }

    private void Warn(string place, string message)
    {
        if (_warnings.Count < MostWarnings)
        {
            _warnings.Add($"{place}: {message.ReplaceLineEndings(" ")}");
        }
        else if (_warnings.Count == MostWarnings)
        {
            _warnings.Add($"{place}: further warnings are left out");
        }
    }
}
