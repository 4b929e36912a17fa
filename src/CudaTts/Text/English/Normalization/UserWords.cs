namespace CudaTts.Text.English.Normalization;

/// <summary>The words of the user's lexicon, which come before every rule.</summary>
internal sealed class UserWords : SemioticClass
{
    public override bool MayBeginWith(char first) => !char.IsWhiteSpace(first);

    public override int Read(Passage passage, int at)
    {
        if (passage.Lexicon is not { } lexicon || char.IsAsciiLetterOrDigit(passage[at - 1]))
        {
            return at;
        }

        for (var length = Math.Min(lexicon.LongestWord, passage.Text.Length - at); length > 0; length--)
        {
            var end = at + length;
            if (char.IsAsciiLetterOrDigit(passage[end]) || lexicon.Find(passage.Text.AsSpan(at, length)) is not { } phones)
            {
                continue;
            }

            var isOwner = passage[end] == '\'' && passage[end + 1] is 's' or 'S' && !passage.IsLetter(end + 2);
            passage.Spoken.AddPhones((isOwner ? EnglishPronunciation.WithPlural(phones) : phones).Split(' '), passage.Text[at..end]);
            return isOwner ? end + 2 : end;
        }

        return at;
    }
}
