namespace CudaTts.Text;

/// <summary>
/// Cuts a sentence behind the phonemes that its voice's model wants silence behind, as Piper does: each phrase is spoken alone, and silence follows.
/// </summary>
internal static class PhraseCuts
{
    /// <summary>The phrases in order, each with a word in it; the sentence itself where there is one.</summary>
    public static IReadOnlyList<TokenSequence> Cut(TokenSequence sentence, SymbolTable symbols)
    {
        var (begin, end) = (symbols.Frame.Begin.Length, sentence.Ids.Length - symbols.Frame.End.Length);
        var phrases = new List<Phrase>();
        var start = begin;
        foreach (var (at, seconds) in Places(sentence, symbols, begin, end))
        {
            if (HasWord(sentence, start, at))
            {
                phrases.Add(new Phrase(start, at, seconds));
            }
            else if (phrases.Count > 0)
            {
                phrases[^1] = phrases[^1] with { End = at, Seconds = phrases[^1].Seconds + seconds };
            }
            else
            {
                continue;
            }

            start = at;
        }

        if (HasWord(sentence, start, end) || phrases.Count == 0)
        {
            phrases.Add(new Phrase(start, end, 0));
        }

        phrases[^1] = phrases[^1] with { End = end };
        return phrases.Count == 1 ? [sentence with { SilenceAfter = phrases[0].Seconds }]
            : [.. phrases.Select((phrase, i) => Of(sentence, phrase, symbols, isFirst: i == 0))];
    }

    /// <summary>The tokens behind which there is silence; none within words that are said as one thing.</summary>
    private static IEnumerable<(int At, double Seconds)> Places(TokenSequence sentence, SymbolTable symbols, int begin, int end)
    {
        for (var token = begin; token < end; token++)
        {
            var at = Math.Min(token + 1 + symbols.Frame.Behind.Length, end);
            if (symbols.SilenceBehind(sentence.Ids[token]) is > 0 and var seconds
                && !sentence.Written.Any(word => word.FirstToken < at && at < word.EndToken))
            {
                yield return (at, seconds);
            }
        }
    }

    private static bool HasWord(TokenSequence sentence, int start, int end) =>
        sentence.Written.Any(word => word.FirstToken >= start && word.FirstToken < end);

    private static TokenSequence Of(TokenSequence sentence, Phrase phrase, SymbolTable symbols, bool isFirst)
    {
        var inside = sentence.Ids.AsSpan(phrase.Start, phrase.End - phrase.Start);
        int[] ids = [.. symbols.Frame.Begin, .. inside, .. symbols.Frame.End];
        var moved = symbols.Frame.Begin.Length - phrase.Start;
        bool IsInside(int token) => token >= phrase.Start && token < phrase.End;

        // How the sentence was read is told once.
        var told = isFirst ? sentence : sentence with { UnknownWords = [], Words = [], Missing = [], Readings = [] };
        return told with
        {
            Text = symbols.TextOf(inside),
            Symbols = Array.ConvertAll(ids, id => symbols.Symbols[id]),
            Ids = ids,
            Written = [.. sentence.Written.Where(word => IsInside(word.FirstToken))
                .Select(word => word with { FirstToken = word.FirstToken + moved, EndToken = Math.Min(word.EndToken, phrase.End) + moved })],
            Sounds = [.. sentence.Sounds.Where(sound => IsInside(sound.FirstToken))
                .Select(sound => sound with { FirstToken = sound.FirstToken + moved, EndToken = Math.Min(sound.EndToken, phrase.End) + moved })],
            SilenceAfter = phrase.Seconds,
        };
    }

    private readonly record struct Phrase(int Start, int End, double Seconds);
}
