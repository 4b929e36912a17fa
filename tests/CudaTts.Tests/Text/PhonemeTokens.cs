using CudaTts.Text;

namespace CudaTts.Tests.Text;

/// <summary>What holds of the tokens of every text.</summary>
internal static class PhonemeTokens
{
    /// <summary>Ids are those of the table, words and sounds have tokens in order, and every sound is of a word; or the text is refused.</summary>
    public static bool AreSound(TextFrontEnd frontEnd, string text)
    {
        TokenSequence tokens;
        try
        {
            tokens = frontEnd.Read(text);
        }
        catch (TextException error)
        {
            Assert.That(error.Message, Has.Length.LessThan(1_000).And.Not.Contains("\n"), text);
            return false;
        }

        Assert.That(tokens.Ids, Has.All.InRange(0, frontEnd.Symbols.Symbols.Count - 1), text);
        var next = 0;
        foreach (var sound in tokens.Sounds)
        {
            Assert.That(sound.FirstToken, Is.GreaterThanOrEqualTo(next), text);
            Assert.That(sound.EndToken, Is.GreaterThan(sound.FirstToken), text);
            Assert.That(sound.Name, Is.Not.Empty, text);
            next = sound.EndToken;
        }

        Assert.That(next, Is.LessThanOrEqualTo(tokens.Ids.Length), text);
        Assert.That(tokens.Written.Sum(word => tokens.SoundsOf(word).Count()), Is.EqualTo(tokens.Sounds.Count), text);
        Assert.That(tokens.Written, Has.All.Matches<WrittenWord>(word => word!.EndToken > word.FirstToken), text);
        return true;
    }
}
