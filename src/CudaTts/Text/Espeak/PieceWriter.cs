using System.Text;

namespace CudaTts.Text.Espeak;

/// <summary>Puts the phonemes of clauses and the marks between them together, and remembers which words say what.</summary>
/// <param name="source">The text that is read.</param>
/// <param name="symbols">The voice's symbols.</param>
internal sealed class PieceWriter(string source, SymbolTable symbols)
{
    // What stands for a mark, best first, where a voice may lack it; others stand for themselves.
    private static readonly Dictionary<char, string> s_marks = new()
    {
        ['—'] = "—;,", ['–'] = "–—;,", ['-'] = "—;,", ['…'] = "….", ['。'] = ".", ['।'] = ".", ['！'] = "!", ['？'] = "?", ['؟'] = "?",
        ['，'] = ",", ['、'] = ",", ['،'] = ",", ['；'] = ";", ['؛'] = ";", ['：'] = ":", ['„'] = "“",
    };

    private readonly StringBuilder _phonemes = new();
    private readonly List<TextRange> _written = [];
    private readonly List<TextRange> _places = [];
    private int _end;

    /// <summary>Everything so far.</summary>
    public string Text => _phonemes.ToString();

    /// <summary>Adds the phonemes of a clause.</summary>
    /// <param name="place">The characters that it has in the text.</param>
    /// <param name="said">The words of its phonemes; none when it says nothing.</param>
    public void AddWords(TextRange place, IReadOnlyList<string> said)
    {
        var words = WordsIn(place);
        if (said.Count == 0)
        {
            return;
        }

        AddSpace(place.Start);
        var (word, next) = (0, 0);
        foreach (var (writtenCount, saidCount) in WordGroups.Of(words.ConvertAll(range => source[range.Start..range.End]), said))
        {
            _phonemes.Append(next == 0 ? "" : " ");
            var start = _phonemes.Length;
            _phonemes.AppendJoin(' ', said.Skip(next).Take(saidCount));
            _places.Add(new TextRange(start, _phonemes.Length));
            _written.Add(new TextRange(words[word].Start, words[word + writtenCount - 1].End));
            (word, next) = (word + writtenCount, next + saidCount);
        }

        _end = place.End;
    }

    /// <summary>Adds a mark as the voice knows it; one that it does not know is left out.</summary>
    public void AddMark(TextRange place)
    {
        var written = source[place.Start];
        var isQuote = written is '"' or '«' or '»' or '“' or '”' or '„';
        var mark = (s_marks.GetValueOrDefault(written) ?? written.ToString())
            .FirstOrDefault(candidate => symbols.HasCharacter(new Rune(candidate)) && !(isQuote && !symbols.HasCharacter(new Rune('“'))));

        // Voices that know no ellipsis hear one full stop for three.
        var isRepeated = mark == '.' && _phonemes.Length > 0 && _phonemes[^1] == '.' && !symbols.HasCharacter(new Rune('…'));
        if (mark == '\0' || isRepeated)
        {
            return;
        }

        if (mark == written || mark is '—' or '–')
        {
            AddSpace(place.Start);
        }

        _phonemes.Append(mark);
        _end = place.End;
    }

    /// <summary>The written words with the tokens that say them.</summary>
    /// <param name="text">The text as its writer has it.</param>
    /// <param name="encoded">The tokens of <see cref="Text"/>.</param>
    public List<WrittenWord> Written(string text, TokenizedText encoded)
    {
        var runs = new WrittenText(new AnnotatedText(text, [new TextPart(new TextRange(0, text.Length), Phones: null)]));
        var said = encoded.TokensOf(_places);
        return runs.Words(
            said.ConvertAll(word => runs.RunsOf(_written[word.Stretch])), said.ConvertAll(word => (word.First, word.End)), (0, runs.Count));
    }

    /// <summary>A space where the text has one, or something that is left out.</summary>
    private void AddSpace(int start) => _phonemes.Append(_phonemes.Length > 0 && start > _end ? " " : "");

    private List<TextRange> WordsIn(TextRange place)
    {
        var words = new List<TextRange>();
        for (var at = place.Start; at < place.End; at++)
        {
            if (char.IsWhiteSpace(source[at]))
            {
                continue;
            }

            var start = at;
            while (at < place.End && !char.IsWhiteSpace(source[at]))
            {
                at++;
            }

            words.Add(new TextRange(start, at));
        }

        return words;
    }
}
