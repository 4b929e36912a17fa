using System.Text;

namespace CudaTts.Tests.Text;

/// <summary>Texts and documents that mean harm, the same in every run.</summary>
internal static class HostileTexts
{
    private static readonly string[] Scripts = ["абвгд", "αβγδε", "你好世界", "こんにちは", "안녕하세요", "مرحبا", "שלום", "नमस्ते", "ไทย", "Ελλάδα", "ﷺ", "ǅ",
        "ﬃ", "İı", "ẞ"];
    private static readonly string[] Emoji = ["😀", "👨\u200D👩\u200D👧", "🇩🇪", "👍🏽", "❤\uFE0F", "🏴\U000E0067\U000E0062\U000E007F",
        "\u200B", "\u202E", "\uFEFF"];
    private static readonly string[] Marks = ["{", "}", "[[", "]]", "<", ">", "&", "\"", "'", "\\", "`", "$", "%", "#", "@", "^", "~", "|", "\0",
        "\r\n", "\u2028", "\t"];
    private static readonly string[] Words = ["read", "the", "Dr.", "St.", "XIV", "1st", "a.m.", "can't", "iOS", "NASA", "U.S.", "http://", "www.",
        "$5", "1/2", "Mr", "e.g.", "x@y.z", "hello"];

    private static readonly string[] Tags =
    [
        "<speak>", "</speak>", "<p>", "</p>", "<s>", "</s>", "<break/>", "<break time='1s'/>", "<break time='1e9s'/>",
        "<break strength='strong'/>", "<prosody rate='fast'>", "</prosody>",
        "<prosody rate='NaN'>", "<prosody volume='1e400dB'>", "<prosody pitch='+999999Hz'>", "<phoneme ph='həˈloʊ'>x</phoneme>",
        "<phoneme alphabet='x-arpabet' ph='HH AH0'>", "</phoneme>",
        "<sub alias='y'>", "</sub>", "<say-as interpret-as='date' format='mdy'>1/2/3</say-as>",
        "<say-as interpret-as='date' format='yyyymmdd'>20241332</say-as>",
        "<say-as interpret-as='characters'>", "<say-as interpret-as='fraction'>9/0</say-as>", "<say-as interpret-as='cardinal'>",
        "<say-as interpret-as='ordinal'>-,</say-as>",
        "<say-as interpret-as='measure'>1.2.3 m</say-as>", "<say-as interpret-as='time'>'\"</say-as>", "<say-as interpret-as='currency'>",
        "</say-as>", "<mark name='m'/>", "<mark/>",
        "<![CDATA[ <speak> ]]>", "<!-- c -->", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "<?pi x?>", "&amp;", "&#65;", "&#x110000;", "&#0;", "&nope;",
        "<voice", "<p a='", "</", "<x:y xmlns:x='z'>", "<speak",
    ];

    /// <summary>Texts of up to thirty parts, each of them of a kind that has hurt some program.</summary>
    public static IEnumerable<string> Texts(int seed, int count)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var text = new StringBuilder();
            for (var part = random.Next(1, 30); part > 0; part--)
            {
                text.Append(Part(random)).Append(random.Next(3) == 0 ? "" : " ");
            }

            yield return text.ToString();
        }
    }

    /// <summary>
    /// Documents of up to thirty tags and texts; a third of them are well formed, so that more than the XML reader is tried, and a third are cut off.
    /// </summary>
    public static IEnumerable<string> Documents(int seed, int count)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var document = (i % 3) switch
            {
                0 => $"<speak>{Nested(random, random.Next(1, 40))}</speak>",
                1 => "<speak>" + string
                    .Concat(Enumerable.Range(0, random.Next(30)).Select(_ => random.Next(2) == 0 ? Tags[random.Next(Tags.Length)] : Part(random)))
                        + "</speak>",
                _ => $"<speak>{Nested(random, random.Next(1, 40))}</speak>",
            };
            yield return i % 3 == 2 ? document[..random.Next(document.Length)] : document;
        }
    }

    private static string Part(Random random) => random.Next(10) switch
    {
        0 => new string((char)random.Next(0x10000), random.Next(1, 300)),
        1 => string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => (char)random.Next(0x10000))),
        2 => Number(random),
        3 => Scripts[random.Next(Scripts.Length)],
        4 => Emoji[random.Next(Emoji.Length)],
        5 => string.Concat(Enumerable.Repeat(Marks[random.Next(Marks.Length)], random.Next(1, 40))),
        6 => ((char)random.Next(0xD800, 0xE000)).ToString(),
        7 => Tags[random.Next(Tags.Length)],
        8 => string.Concat(Enumerable.Repeat(Words[random.Next(Words.Length)], random.Next(1, 12))),
        _ => Words[random.Next(Words.Length)],
    };

    private static string Number(Random random)
    {
        const string Characters = "0123456789012345678901234567890123456789.,:/-$%e+ ";
        return string.Concat(Enumerable.Range(0, random.Next(1, random.Next(2) == 0 ? 12 : 400)).Select(_ =>
            Characters[random.Next(Characters.Length)]));
    }

    /// <summary>Elements within elements, each closed; names and values that are known and unknown.</summary>
    private static string Nested(Random random, int depth)
    {
        string[] elements = ["p", "s", "prosody rate='150%'", "prosody pitch='-2st' volume='soft'", "say-as interpret-as='telephone'",
            "say-as interpret-as='unit'", "sub alias='z'", "blink", "voice", "phoneme ph='kæt'"];
        var (open, close) = (new StringBuilder(), "");
        for (; depth > 0; depth--)
        {
            var element = elements[random.Next(elements.Length)];
            open.Append('<').Append(element).Append('>').Append(random.Next(2) == 0 ? Escaped(Part(random)) : "<break/>");
            close = $"</{element.Split(' ')[0]}>{close}";
        }

        return open + close;
    }

    private static string Escaped(string text) => string.Concat(text.Where(character => character is >= ' ' and < '\uD800'))
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
