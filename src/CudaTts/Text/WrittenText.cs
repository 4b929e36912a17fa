namespace CudaTts.Text;

/// <summary>A text as runs of characters that are no white space.</summary>
internal sealed class WrittenText
{
    private readonly List<TextRange> _runs = [];
    private readonly string _text;

    /// <summary>Finds the runs; white space between phones belongs to its run.</summary>
    public WrittenText(AnnotatedText text)
    {
        _text = text.Text;
        foreach (var part in text.Parts)
        {
            AddRuns(part.Place, isWhole: part.Phones is not null);
        }
    }

    /// <summary>Where the runs are, in order.</summary>
    public IReadOnlyList<TextRange> Places => _runs;

    /// <summary>The runs in order.</summary>
    public IEnumerable<string> Runs => _runs.Select(TextOf);

    /// <summary>How many there are.</summary>
    public int Count => _runs.Count;

    /// <summary>The first and the last run that some characters are of.</summary>
    public (int First, int Last) RunsOf(TextRange place) => (RunAt(place.Start), RunAt(Math.Max(place.Start, place.End - 1)));

    /// <summary>The written words of a part of the text.</summary>
    /// <param name="said">The runs of each spoken word, in order.</param>
    /// <param name="tokens">The tokens [First, End) of each spoken word.</param>
    /// <param name="part">The runs of the part; nothing of them is left out.</param>
    public List<WrittenWord> Words(IReadOnlyList<(int First, int Last)> said, IReadOnlyList<(int First, int End)> tokens, (int Start, int End) part)
    {
        var words = new List<(int FirstRun, int LastRun, int First, int End)>();
        for (var i = 0; i < said.Count; i++)
        {
            var (first, last) = said[i];
            if (words.Count > 0 && first <= words[^1].LastRun)
            {
                words[^1] = words[^1] with { LastRun = Math.Max(last, words[^1].LastRun), End = tokens[i].End };
            }
            else
            {
                words.Add((first, last, tokens[i].First, tokens[i].End));
            }
        }

        var written = new List<WrittenWord>(words.Count);
        for (var i = 0; i < words.Count; i++)
        {
            // Every word reaches to the next, the first from the part's beginning and the last to its end.
            var (from, to) = (i == 0 ? part.Start : words[i].FirstRun, i + 1 < words.Count ? words[i + 1].FirstRun : part.End);
            written.Add(new WrittenWord(string.Join(' ', _runs[from..to].Select(TextOf)), words[i].First, words[i].End));
        }

        return written;
    }

    private void AddRuns(TextRange place, bool isWhole)
    {
        var isOpen = _runs.Count > 0 && _runs[^1].End == place.Start;
        for (var at = place.Start; at < place.End; at++)
        {
            if (!isWhole && char.IsWhiteSpace(_text[at]))
            {
                isOpen = false;
            }
            else if (isOpen)
            {
                _runs[^1] = _runs[^1] with { End = at + 1 };
            }
            else
            {
                _runs.Add(new TextRange(at, at + 1));
                isOpen = true;
            }
        }
    }

    /// <summary>The last run that begins at or before a character; the first if none does.</summary>
    private int RunAt(int place)
    {
        var (low, high) = (0, _runs.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _runs[middle].Start <= place ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    private string TextOf(TextRange run) => _text[run.Start..run.End];
}
