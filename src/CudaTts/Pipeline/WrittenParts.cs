using System.Text;
using CudaTts.Text;

namespace CudaTts.Pipeline;

/// <summary>A stretch of a text that is said in place of what a document writes there.</summary>
/// <param name="Start">Characters of the text before it that are no white space.</param>
/// <param name="End">Such characters up to its end.</param>
/// <param name="Text">What the document writes.</param>
internal readonly record struct WrittenPart(int Start, int End, string Text);

/// <summary>The words of a sentence as a document writes them, where it has something else said.</summary>
internal sealed class WrittenParts
{
    private readonly List<WrittenWord> _words = [];
    private readonly List<int> _firstCharacters = [];

    /// <summary>Puts what the document writes in the place of what is said. All words that a part is said with become one.</summary>
    /// <param name="tokens">The sentence as it is said.</param>
    /// <param name="parts">In order and apart from one another; one that began in the sentence before has a negative start.</param>
    public WrittenParts(TokenSequence tokens, IReadOnlyList<WrittenPart> parts)
    {
        var (place, next, isOpen) = (0, 0, false);
        foreach (var word in tokens.Written)
        {
            var text = Rewrite(word.Text, parts, ref place, ref next, out var start);
            if (isOpen)
            {
                _words[^1] = _words[^1] with { Text = _words[^1].Text + text, EndToken = word.EndToken };
            }
            else
            {
                _words.Add(word with { Text = text });
                _firstCharacters.Add(start);
            }

            isOpen = next < parts.Count && parts[next].Start < place;
        }

        Tokens = tokens with { Written = _words };
    }

    /// <summary>The sentence with its words as they are written.</summary>
    public TokenSequence Tokens { get; }

    /// <summary>How many words begin before a place, which is counted in characters of what is said.</summary>
    public int WordsBefore(int place)
    {
        var index = _firstCharacters.BinarySearch(place);
        return index >= 0 ? index : ~index;
    }

    /// <summary>The text of a said word, with what is written where that differs.</summary>
    /// <param name="said">The word.</param>
    /// <param name="parts">What is written.</param>
    /// <param name="place">Characters before the word; becomes those up to its end.</param>
    /// <param name="next">The first part that does not end before the word; becomes that of its end.</param>
    /// <param name="start">Receives the characters before the word.</param>
    private static string Rewrite(string said, IReadOnlyList<WrittenPart> parts, ref int place, ref int next, out int start)
    {
        start = place;
        var text = new StringBuilder();
        foreach (var character in said)
        {
            var isInside = next < parts.Count && parts[next].Start < place;
            if (char.IsWhiteSpace(character))
            {
                text.Append(isInside ? "" : character.ToString());
                continue;
            }

            if (next < parts.Count && parts[next].Start == place)
            {
                text.Append(parts[next].Text);
                isInside = true;
            }

            text.Append(isInside ? "" : character.ToString());
            place++;
            next += isInside && parts[next].End <= place ? 1 : 0;
        }

        return text.ToString().Trim();
    }
}
