using CudaTts.Text.English;

namespace CudaTts.Text.Characters;

/// <summary>A front end whose symbols are characters, and the phones that a text has in braces. It cuts sentences as English is cut.</summary>
internal abstract class CharacterFrontEnd(string name, SymbolTable symbols) : TextFrontEnd(name, symbols)
{
    /// <inheritdoc/>
    public override int LongestSentence => SentenceSplitter.LongestSegment;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Sentences(string text) => SentenceSplitter.Split(text, LongestSentence);

    /// <summary>The text as its characters are encoded.</summary>
    private protected abstract AnnotatedText Clean(string text);

    /// <summary>The symbols of a cleaned text.</summary>
    private protected abstract List<Token> Tokenize(AnnotatedText cleaned);

    /// <inheritdoc/>
    private protected override IReadOnlyList<TokenSequence> Read(string text, int longest)
    {
        var cleaned = Clean(text);
        var tokens = Tokenize(cleaned);
        return [Sequence(cleaned.Text, [.. tokens.Select(token => token.Id)], WordsOf(text, cleaned, tokens), [])];
    }

    /// <summary>
    /// The written words with their tokens. Where every word is cleaned by itself,
    /// as nearly always, these are the text's words; else those of the cleaned text.
    /// </summary>
    private List<WrittenWord> WordsOf(string text, AnnotatedText cleaned, List<Token> tokens)
    {
        var written = new WrittenText(AnnotatedText.Parse(text));
        IReadOnlyList<TextRange>? places = PlacesIn(cleaned.Text, [.. written.Runs.Select(run => Clean(run).Text)]);
        if (places is null)
        {
            written = new WrittenText(cleaned);
            places = written.Places;
        }

        var (said, saidTokens) = (new List<(int First, int Last)>(), new List<(int First, int End)>());
        var next = 0;
        for (var run = 0; run < places.Count; run++)
        {
            var (first, end) = (-1, -1);
            for (; next < tokens.Count && tokens[next].Source < places[run].End; next++)
            {
                if (SymbolTable.IsSpoken(tokens[next].Id))
                {
                    (first, end) = (first < 0 ? next : first, next + 1);
                }
            }

            if (first >= 0)
            {
                said.Add((run, run));
                saidTokens.Add((first, end));
            }
        }

        return written.Words(said, saidTokens, (0, written.Count));
    }

    /// <summary>Where runs stand in a text that is these, with one space between; null when it is not.</summary>
    private static TextRange[]? PlacesIn(string text, string[] runs)
    {
        if (string.Join(' ', runs) != text.Trim())
        {
            return null;
        }

        var start = text.Length - text.TrimStart().Length;
        return Array.ConvertAll(runs, run =>
        {
            var place = new TextRange(start, start + run.Length);
            start = place.End + 1;
            return place;
        });
    }
}
