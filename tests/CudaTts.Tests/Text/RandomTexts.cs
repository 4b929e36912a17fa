using System.Text;

namespace CudaTts.Tests.Text;

/// <summary>Texts that nobody would write, the same in every run.</summary>
internal static class RandomTexts
{
    private static readonly string[] Fragments =
    [
        "{", "}", "{HH AH0}", "{ }", "$", "£", "1,000", "12:30", "3.14", "1/2", "-5", "2024-01-02", "555-0123", "Mr. ", "St. ", "U.S.", "a.b.c.",
        "e.g. ", "XIV", "iPhone",
        "http://", "www.", "@", "...", "?!", "'", "''s ", "n't", "\n", "\n\n", "\t", "\0", "\u001F", "é", "ß", "Ж", "語", "한", "😀", "\uD800",
        "\uDC00", "\u0301", "\u200B",
        "½", "°C", "%", "km", "s", "th", "00", "9", " ", " ", "the", "xq", "ough", "-", "--", "–", "(", ")", "\"", "_", "~", "\\", "/", "#", "&",
        "1960s",
    ];

    /// <summary>Texts of up to forty fragments and stray characters.</summary>
    public static IEnumerable<string> Mixed(int seed, int count)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var text = new StringBuilder();
            for (var part = random.Next(40); part >= 0; part--)
            {
                text.Append(random.Next(4) switch
                {
                    0 => ((char)random.Next(32, 127)).ToString(),
                    1 => ((char)random.Next(0x10000)).ToString(),
                    _ => Fragments[random.Next(Fragments.Length)],
                });
            }

            yield return text.ToString();
        }
    }

    /// <summary>Sentences of ten to two hundred words, numbers and marks of pauses.</summary>
    public static IEnumerable<string> Sentences(int seed, int count)
    {
        var words = "the old man and the sea, which he read; in 1995 about $5 lead because Dr. Smith's U.S. record: live - wind (close) for 3.5 km"
            .Split(' ');
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            yield return string.Join(' ', Enumerable.Range(0, random.Next(10, 200)).Select(_ => words[random.Next(words.Length)])) + ".";
        }
    }

    /// <summary>Words of small letters.</summary>
    public static IEnumerable<string> Words(int seed, int count)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            yield return string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => (char)('a' + random.Next(26))));
        }
    }

    /// <summary>Long texts of one repeated pattern: what makes a careless scanner quadratic.</summary>
    public static IEnumerable<string> Long(int length)
    {
        string[] patterns =
        [
            "a", "A", "1", ",", ".", " ", "{", "}", "{}", "{a", "{HH}", "a.", "1,", "1.", "1-", "1/", "$", "$1,", "'", "a'", "aA", "St.,", "st. ",
            "\n", "\n ", "-", "(", "é", "語",
            "😀", "\uD800", "Mr. ", "hello world ", "No. 1 ", "a.A", "12:", "{a}",
        ];
        foreach (var pattern in patterns)
        {
            yield return string.Concat(Enumerable.Repeat(pattern, length / pattern.Length));
        }
    }
}
