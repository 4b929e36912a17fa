namespace CudaTts.Text;

/// <summary>A token of a text.</summary>
/// <param name="Id">Its position in the symbol table.</param>
/// <param name="Source">The character of the text that it stands for; for a phone, the first of all that stand in its braces.</param>
internal readonly record struct Token(int Id, int Source);

/// <summary>A text as tokens.</summary>
/// <param name="Tokens">In order, those that frame symbols among them, [T].</param>
/// <param name="Sounds">What is heard of it, in order.</param>
/// <param name="Missing">Characters that the table has no symbol for, each once.</param>
internal sealed record TokenizedText(IReadOnlyList<Token> Tokens, IReadOnlyList<SpokenSound> Sounds, IReadOnlyList<string> Missing)
{
    /// <summary>Tokens of a table, all of whose symbols were there.</summary>
    public static TokenizedText Of(IReadOnlyList<Token> tokens, SymbolTable symbols) =>
        new(tokens, symbols.SoundsOf([.. tokens.Select(token => token.Id)]), []);

    /// <summary>The ids, [T].</summary>
    public int[] Ids => [.. Tokens.Select(token => token.Id)];

    /// <summary>The tokens [First, End) of stretches of the text, which come in order; a stretch that has no sound is left out.</summary>
    public List<(int Stretch, int First, int End)> TokensOf(IReadOnlyList<TextRange> stretches)
    {
        var found = new List<(int Stretch, int First, int End)>();
        var next = 0;
        for (var i = 0; i < stretches.Count; i++)
        {
            var first = next;
            while (next < Sounds.Count && Tokens[Sounds[next].FirstToken].Source < stretches[i].End)
            {
                next++;
            }

            if (next > first)
            {
                found.Add((i, Sounds[first].FirstToken, Sounds[next - 1].EndToken));
            }
        }

        return found;
    }
}
