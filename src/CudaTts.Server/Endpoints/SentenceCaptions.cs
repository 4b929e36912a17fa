using CudaTts.Pipeline;
using CudaTts.Server.Synthesis;
using CudaTts.Text;

namespace CudaTts.Server.Endpoints;

/// <summary>The words of a text, sentence by sentence: when they are said, and where they are written.</summary>
internal sealed class SentenceCaptions(SpeechOrder order)
{
    private readonly TimestampBuilder _times = new();
    private readonly TextPlaces _places = new(order.Input, order.Options.IsSsml);
    private int _sentences;

    /// <summary>Takes the next sentence.</summary>
    /// <returns>Its times, and for each of its words the place; null for one without words.</returns>
    public (SentenceTime Time, IReadOnlyList<TextRange> Places)? Add(SpokenSentence sentence)
    {
        _times.Add(sentence);
        var sentences = _times.Build().Sentences;
        if (sentences.Count == _sentences)
        {
            return null;
        }

        _sentences = sentences.Count;
        return (sentences[^1], [.. sentences[^1].Words.Select(word => _places.Next(word.Text))]);
    }

    /// <summary>The words as answers have them.</summary>
    public static IReadOnlyList<WordBody> WordsOf(SentenceTime time, IReadOnlyList<TextRange> places) =>
        [.. time.Words.Select((word, i) => new WordBody(word.Text, word.Start, word.End, places[i].Start, places[i].End))];

    /// <summary>The tokens as answers have them: one between words stands, without length, behind the word before it.</summary>
    public static IReadOnlyList<TokenBody> TokensOf(TokenSequence tokens, IReadOnlyList<TextRange> places)
    {
        var bodies = new TokenBody[tokens.Ids.Length];
        var word = 0;
        for (var i = 0; i < bodies.Length; i++)
        {
            while (word < tokens.Written.Count && tokens.Written[word].EndToken <= i)
            {
                word++;
            }

            var isWithin = word < tokens.Written.Count && tokens.Written[word].FirstToken <= i;
            var behind = word > 0 ? places[word - 1].End : places.Count > 0 ? places[0].Start : 0;
            var place = isWithin ? places[word] : new TextRange(behind, behind);
            bodies[i] = new TokenBody(tokens.Symbols[i].TrimStart('@'), place.Start, place.End);
        }

        return bodies;
    }
}
