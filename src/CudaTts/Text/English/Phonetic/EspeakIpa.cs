using System.Text;
using CudaTts.Text.Phonemes;

namespace CudaTts.Text.English.Phonetic;

/// <summary>Writes a transcript in IPA as espeak-ng's American English does: <c>ðɪ ˈoʊld klˈɑːk ɪnðə hˈɔːl ɹˈʌnz slˈoʊli.</c></summary>
internal static class EspeakIpa
{
    // Their T is the one of "water" when a vowel follows.
    private static readonly HashSet<string> s_flapped = ["at", "it"];

    /// <summary>The words and pauses of a transcript.</summary>
    public static PhonemeString Write(Transcript transcript)
    {
        var (text, words, units) = (new StringBuilder(), new List<TextRange>(), transcript.Units);
        string? second = null;
        for (var i = 0; i < units.Count; i++)
        {
            if (units[i].Word is not { } word)
            {
                text.Append(units[i].Pause);
                continue;
            }

            var next = i + 1 < units.Count ? units[i + 1].Word : null;
            var pair = second is null && next is not null ? JoinedWords.Find(word, next) : null;
            text.Append(text.Length == 0 || second is not null ? "" : " ");
            var start = text.Length;
            text.Append(pair?.First ?? Linked(second ?? Alone(word, next), word, next));
            words.Add(new TextRange(start, text.Length));
            second = pair?.Second;
        }

        return new PhonemeString(text.ToString(), words);
    }

    /// <summary>A word in front of another, or at the end of a clause.</summary>
    private static string Alone(PronouncedWord word, PronouncedWord? next)
    {
        var phones = word.Phones.Select(phone => phone.Symbol).ToArray();
        if (!WeakWords.CanBeWeak(word))
        {
            return PhoneticWord.Write(word.Word, phones, PhoneticWord.Primary);
        }

        return word.Word switch
        {
            "the" => "ðə",
            "to" => next is null ? "tuː" : BeginsWithVowel(next) ? "tʊ" : "tə",
            _ => WeakWords.Write(word.Word, phones, endsClause: next is null),
        };
    }

    /// <summary>A word with the sound that joins it to the next.</summary>
    private static string Linked(string ipa, PronouncedWord word, PronouncedWord? next)
    {
        if (!BeginsWithVowel(next))
        {
            return ipa;
        }

        var isFlapped = s_flapped.Contains(word.Word) && ipa.EndsWith('t');
        return ipa == "ðə" ? "ðɪ"
            : isFlapped ? ipa[..^1] + "ɾ"
            : ipa.EndsWith('ɚ') || ipa.EndsWith("ɜː", StringComparison.Ordinal) ? ipa + "ɹ"
            : ipa;
    }

    private static bool BeginsWithVowel(PronouncedWord? word) => word is { Phones.Count: > 0 } && Arpabet.IsVowel(word.Phones[0].Symbol);
}
