using System.Text;
using CudaTts.Text.English.Normalization;

namespace CudaTts.Text.English;

/// <summary>Says an English text: what is spoken, and with which phones.</summary>
internal static class Transcriber
{
    /// <summary>The text as words and pauses, empty when nothing in it can be said. Phones that the text gives are kept.</summary>
    public static Transcript Transcribe(AnnotatedText text, UserLexicon? lexicon)
    {
        var spoken = Say(text, lexicon);
        var units = new List<TranscriptUnit>(spoken.Items.Count);
        for (var i = 0; i < spoken.Items.Count; i++)
        {
            units.Add(spoken.Items[i].Kind == SpokenKind.Pause
                ? TranscriptUnit.OfPause(spoken.Items[i].Text[0])
                : TranscriptUnit.OfWord(Pronounce(spoken.Items, i, spoken.Places[i]), spoken.Places[i]));
        }

        var readings = new List<TextReading>(spoken.Readings.Count);
        for (var i = 0; i < spoken.Readings.Count; i++)
        {
            readings.Add(Explain(spoken.Readings[i], text.Text, spoken.ReadingPlaces[i]));
        }

        return new Transcript(units) { Readings = readings };
    }

    /// <summary>
    /// What a text says, as a text that says the same: words in small letters, names of letters in capitals, marks apart. It is its own normal form.
    /// </summary>
    public static string Normalize(string text)
    {
        var written = new StringBuilder();
        foreach (var item in Say(InlinePhones.Parse(text), null).Items)
        {
            written.Append(written.Length == 0 ? "" : " ").Append(item.Kind switch
            {
                // "A" would be read as the article.
                SpokenKind.Letter => item.Text == "a" ? "{EY1}" : item.Text.ToUpperInvariant(),
                SpokenKind.Phones => $"{{{string.Join(' ', item.Phones!)}}}",
                _ => item.Text,
            });
        }

        return written.ToString();
    }

    private static SpokenText Say(AnnotatedText text, UserLexicon? lexicon)
    {
        var spoken = new SpokenText();
        for (var i = 0; i < text.Parts.Count; i++)
        {
            var (place, phones) = (text.Parts[i].Place, text.Parts[i].Phones);
            if (phones is { Count: > 0 } && phones.All(Arpabet.IsPhone))
            {
                spoken.AddPhones(phones);
            }
            else if (phones is not null)
            {
                // What braces hold that is no phone is text.
                var inside = new TextRange(place.Start + 1, place.End - 1);
                EnglishNormalizer.Normalize(text.Text[inside.Start..inside.End], spoken, lexicon, inside);
            }
            else
            {
                var before = i > 0 && text.Parts[i - 1].StandsApart ? " " : "";
                var after = i + 1 < text.Parts.Count && text.Parts[i + 1].StandsApart ? " " : "";
                var stretch = before + text.Text[place.Start..place.End] + after;
                EnglishNormalizer.Normalize(stretch, spoken, lexicon, place with { Start = place.Start - before.Length });
            }

            spoken.Trace(place);
        }

        spoken.Close();
        spoken.Trace(new TextRange(text.Text.Length, text.Text.Length));
        return spoken;
    }

    private static TextReading Explain(Reading reading, string text, TextRange place) =>
        new(text[place.Start..place.End], reading.Class, reading.Rule, reading.Words) { IsUnspoken = reading.Rule == Marks.Unknown, Place = place };

    private static PronouncedWord Pronounce(IReadOnlyList<SpokenItem> items, int index, TextRange source)
    {
        var item = items[index];
        switch (item.Kind)
        {
            case SpokenKind.Phones:
                return Word(item.Entry ?? "", item.Phones!, item.Entry is null ? PronunciationOrigin.Inline : PronunciationOrigin.UserLexicon);
            case SpokenKind.Letter:
                return Word(item.Text.ToUpperInvariant(), EnglishPronunciation.Letter(item.Text[0]), PronunciationOrigin.Spelled);
        }

        if (Heteronyms.Read(items, index) is { } chosen)
        {
            return Word(item.Text, chosen.Split(' '), PronunciationOrigin.HeteronymRule);
        }

        var phones = EnglishPronunciation.Pronounce(item.Text, out var origin);
        return Word(item.Text, phones, origin);

        PronouncedWord Word(string word, IReadOnlyList<string> names, PronunciationOrigin from) =>
            new(word, [.. names.Select(name => new Phone(name, source))], from);
    }
}
