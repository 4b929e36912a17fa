namespace CudaTts.Text.English.Normalization;

/// <summary>The words of the user's lexicon, which come before every rule.</summary>
internal sealed class UserWords : SemioticClass
{
    public override string Name => "user lexicon";

    public override bool MayBeginWith(char first) => !char.IsWhiteSpace(first);

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage.Lexicon is not { } lexicon || passage.IsLetterOrDigit(at - 1))
        {
            return;
        }

        for (var length = Math.Min(lexicon.LongestWord, passage.Text.Length - at); length > 0; length--)
        {
            var end = at + length;
            if (passage.IsLetterOrDigit(end) || lexicon.Find(passage.Text.AsSpan(at, length)) is not { } phones)
            {
                continue;
            }

            var owner = passage.PossessiveEnd(end);
            readings.Add(new Reading(at, owner, "user's word", passage.Text[at..end], Cost: -Reading.Usual * length)
            {
                Phones = (owner > end ? EnglishPronunciation.WithPlural(phones) : phones).Split(' '),
            });
            return;
        }
    }
}
