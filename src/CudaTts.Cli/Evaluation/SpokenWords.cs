using CudaTts.Text;

namespace CudaTts.Cli.Evaluation;

/// <summary>Words as they are said, so that what was to be said and what was heard are spelled alike.</summary>
/// <param name="frontEnd">Reads numbers and signs as words.</param>
internal sealed class SpokenWords(TextFrontEnd frontEnd)
{
    /// <summary>The words of a text, lower case, without marks; numbers in words.</summary>
    public IReadOnlyList<string> Of(string text) =>
        string.IsNullOrWhiteSpace(text) ? [] : [.. frontEnd.Sentences(text).SelectMany(sentence => Of(frontEnd.Read(sentence)))];

    // A front end of characters has no words, but a normalised text; one of phones has words, and a text of phones.
    private static IEnumerable<string> Of(TokenSequence tokens) =>
        tokens.Words.Count > 0 ? tokens.Words.SelectMany(word => Split(word.Word)) : Split(tokens.Text);

    private static IEnumerable<string> Split(string text)
    {
        var word = new List<char>();
        foreach (var character in text.ToLowerInvariant().Replace('\u2019', '\'').Append(' '))
        {
            if (char.IsLetterOrDigit(character) || character == '\'')
            {
                word.Add(character);
                continue;
            }

            var found = new string([.. word]).Trim('\'');
            word.Clear();
            if (found.Length > 0)
            {
                yield return found;
            }
        }
    }
}
