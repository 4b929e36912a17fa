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
    private protected abstract TokenizedText Tokenize(AnnotatedText cleaned);

    /// <inheritdoc/>
    private protected override IReadOnlyList<TokenSequence> Read(string text, int longest, CancellationToken cancellation)
    {
        var cleaned = Clean(text);
        var encoded = Tokenize(cleaned);
        return [Sequence(cleaned.Text, encoded, WordsOf(text, cleaned, encoded), [])];
    }

    /// <summary>
    /// The written words with their tokens. Where every word is cleaned by itself,
    /// as nearly always, these are the text's words; else those of the cleaned text.
    /// </summary>
    private List<WrittenWord> WordsOf(string text, AnnotatedText cleaned, TokenizedText encoded)
    {
        var written = new WrittenText(AnnotatedText.Parse(text));
        IReadOnlyList<TextRange>? places = PlacesIn(cleaned.Text, [.. written.Runs.Select(run => Clean(run).Text)]);
        if (places is null)
        {
            written = new WrittenText(cleaned);
            places = written.Places;
        }

        var said = encoded.TokensOf(places);
        return written.Words(said.ConvertAll(run => (run.Stretch, run.Stretch)), said.ConvertAll(run => (run.First, run.End)), (0, written.Count));
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
