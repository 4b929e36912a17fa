using CudaTts.Text;

namespace CudaTts.Cli.Evaluation;

/// <summary>Texts as they are said, so that what was to be said and what was heard are spelled alike.</summary>
/// <param name="frontEnd">Reads numbers and signs as words.</param>
internal sealed class SpokenWords(TextFrontEnd frontEnd)
{
    /// <summary>The words of a text, lower case, without marks; numbers in words.</summary>
    public IReadOnlyList<string> Of(string text) => [.. Sentences(text).SelectMany(sentence => Of(sentence.Written, sentence.Read))];

    /// <summary>Number of the phones that say a text; 0 where the front end has none.</summary>
    public int PhonesOf(string text) => Sentences(text).Sum(sentence => sentence.Read?.Words.Sum(word => word.Phones.Count) ?? 0);

    // Who listens may print what nobody can say: its words are then those that are written.
    private IEnumerable<(string Written, TokenSequence? Read)> Sentences(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            yield break;
        }

        foreach (var sentence in frontEnd.Sentences(text))
        {
            TokenSequence? read;
            try
            {
                read = frontEnd.Read(sentence);
            }
            catch (TextException)
            {
                read = null;
            }

            yield return (sentence, read);
        }
    }

    // A front end of characters has no words, but a normalised text; one of phones has words, and a text of phones.
    private static IEnumerable<string> Of(string written, TokenSequence? read) => read switch
    {
        null => Split(written),
        { Words.Count: > 0 } => read.Words.SelectMany(word => Split(word.Word)),
        _ => Split(read.Text),
    };

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
