using System.Text;
using CudaTts.Text;
using CudaTts.Text.Ssml;

namespace CudaTts.Tests.Text;

[TestFixture]
public sealed class SsmlReaderTests
{
    [TestCase("<speak>Hello <break time=\"250ms\"/> world</speak>", "Hello|250|world")]
    [TestCase("<speak>a<break/>b<break strength='x-strong'/>c<break time='1.5s'/><break time='90s'/></speak>", "a|500|b|1500|c|1500|60000")]
    [TestCase("<speak><p>One.</p><p><s>Two.</s><s>Three.</s></p></speak>", "One.|500|Two.|Three.|500")]
    [TestCase("<speak>x <phoneme alphabet='ipa' ph='təˈmɑːtoʊ'>tomato</phoneme></speak>", "x {T AH0 M AA1 T OW0}")]
    [TestCase("<speak><phoneme alphabet='x-arpabet' ph='hh ah0 l ow1'>hi</phoneme></speak>", "{HH AH0 L OW1}")]
    [TestCase("<speak><sub alias='World Wide Web'>WWW</sub> &amp; me</speak>", "World Wide Web & me")]
    [TestCase("<speak>go<mark name='here'/>on</speak>", "go|#here|on")]
    [TestCase("<speak>a <blink>b</blink> <voice name='x'>c</voice><desc>never</desc><!-- d --></speak>", "a b c")]
    [TestCase("<?xml version='1.0'?>\n<speak xmlns='http://www.w3.org/2001/10/synthesis'>hi</speak>", "hi")]
    [TestCase("<speak><say-as interpret-as='characters'>Ab1</say-as></speak>", "{EY1} B one")]
    [TestCase("<speak><say-as interpret-as='cardinal'>1999</say-as></speak>", "one thousand nine hundred ninety-nine")]
    [TestCase("<speak><say-as interpret-as='ordinal'>3</say-as></speak>", "third")]
    [TestCase("<speak><say-as interpret-as='digits'>911</say-as></speak>", "nine one one")]
    [TestCase("<speak><say-as interpret-as='telephone'>555-0123</say-as></speak>", "five five five, zero one two three")]
    [TestCase("<speak><say-as interpret-as='date' format='dmy'>4/5/2020</say-as></speak>", "may fourth twenty twenty")]
    [TestCase("<speak><phoneme ph='həˈloʊ wɝːld'>x</phoneme>!</speak>", "{HH AH0 L OW1} {W ER1 L D} !")]
    [TestCase("<speak>\n  Two\n  lines.\n</speak>", "Two lines.")]
    [TestCase("<speak/>", "")]
    public void Makes_a_plan(string document, string expected)
    {
        var plan = SsmlReader.Read(document).Segments.Select(segment => segment switch
        {
            TextSegment text => text.Text,
            BreakSegment silence => $"{silence.Milliseconds}",
            MarkSegment mark => "#" + mark.Name,
            _ => "?",
        });
        Assert.That(string.Join('|', plan), Is.EqualTo(expected));
    }

    [TestCase("rate='slow'", 0.75, 0, 0)]
    [TestCase("rate='150%'", 1.5, 0, 0)]
    [TestCase("rate='+20%'", 1.2, 0, 0)]
    [TestCase("rate='9'", 4, 0, 0)]
    [TestCase("volume='loud'", 1, 6, 0)]
    [TestCase("volume='-3dB' pitch='+2st'", 1, -3, 2)]
    [TestCase("volume='silent'", 1, double.NegativeInfinity, 0)]
    [TestCase("volume='10'", 1, -20, 0)]
    [TestCase("pitch='x-high'", 1, 0, 6)]
    [TestCase("pitch='+200Hz'", 1, 0, 12)]
    [TestCase("pitch='-50%'", 1, 0, -12)]
    public void Prosody_is_read(string attributes, double rate, double volume, double pitch)
    {
        var segment = (TextSegment)SsmlReader.Read($"<speak><prosody {attributes}>x</prosody></speak>").Segments.Single();
        Assert.Multiple(() =>
        {
            Assert.That(segment.Prosody.Rate, Is.EqualTo(rate).Within(1e-9));
            Assert.That(segment.Prosody.VolumeDecibels, Is.EqualTo(volume).Within(1e-9));
            Assert.That(segment.Prosody.PitchSemitones, Is.EqualTo(pitch).Within(1e-9));
        });
    }

    [Test]
    public void Prosody_within_prosody_adds_up_and_ends()
    {
        var plan = SsmlReader.Read("<speak>a<prosody rate='2' pitch='+1st'>b<prosody rate='0.5' pitch='+2st'>c</prosody>d</prosody>e</speak>");
        Assert.That(plan.Segments, Is.EqualTo(new SpeechSegment[]
        {
            new TextSegment("a", Prosody.Neutral), new TextSegment("b", new Prosody(2, 0, 1)), new TextSegment("c", new Prosody(1, 0, 3)),
            new TextSegment("d", new Prosody(2, 0, 1)), new TextSegment("e", Prosody.Neutral),
        }));
    }

    [TestCase("<speak>\n<break time='soon'/></speak>", "line 2, column 2: expected a time")]
    [TestCase("<speak><prosody rate='-5'>x</prosody></speak>", "line 1, column 9: expected a rate")]
    [TestCase("<speak><phoneme ph='7'>x</phoneme></speak>", "is not IPA")]
    [TestCase("<speak><phoneme alphabet='x-sampa' ph='a'>x</phoneme></speak>", "expected the alphabet")]
    [TestCase("<speak><mark/></speak>", "needs a name")]
    [TestCase("<voice>hi</voice>", "expected the element 'speak', found 'voice'")]
    [TestCase("<speak>", "SSML, line 1, column")]
    [TestCase("<speak>a & b</speak>", "SSML, line 1, column")]
    [TestCase("", "SSML, line")]
    [TestCase("<!DOCTYPE speak [<!ENTITY a 'b'>]><speak>&a;</speak>", "SSML, line 1, column")]
    public void Errors_are_one_line_with_their_place(string document, string message) =>
        Assert.That(() => SsmlReader.Read(document), Throws.TypeOf<TextException>().With.Message.Contains(message).And.Message.Not.Contains("\n"));

    [Test]
    public void Too_deep_and_too_long_documents_are_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("<s>", 100)) + string.Concat(Enumerable.Repeat("</s>", 100));
        Assert.That(() => SsmlReader.Read($"<speak>{deep}</speak>"), Throws.TypeOf<TextException>().With.Message.Contains("deep"));
        Assert.That(() => SsmlReader.Read($"<speak><sub alias='x'>{deep}</sub></speak>"), Throws.TypeOf<TextException>().With.Message.Contains("deep"));
        Assert.That(() => SsmlReader.Read($"<speak>{new string('a', SsmlReader.LongestDocument)}</speak>"), Throws.TypeOf<TextException>().With.Message.Contains("divide"));
    }

    [Test]
    public void Hostile_documents_give_a_plan_or_a_text_error() => Assert.That(HostileDocuments.CountRead(seed: 1, count: 2_000), Is.GreaterThan(100));

    /// <summary>The whole run that the project promises: dotnet test --filter FullyQualifiedName~hundred_thousand.</summary>
    [Test]
    [Explicit("takes minutes")]
    public void A_hundred_thousand_texts_and_documents_do_no_harm()
    {
        var english = TextFrontEnd.Create("english", SymbolTable.Nvidia);
        var (start, largest) = (DateTime.UtcNow, TimeSpan.Zero);
        foreach (var text in RandomTexts.Mixed(seed: 77, count: 100_000))
        {
            var before = DateTime.UtcNow;
            try
            {
                english.Read(text);
            }
            catch (TextException)
            {
                // Nothing to say.
            }

            var taken = DateTime.UtcNow - before;
            largest = taken > largest ? taken : largest;
        }

        var texts = DateTime.UtcNow - start;
        var read = HostileDocuments.CountRead(seed: 78, count: 100_000);
        TestContext.Out.WriteLine(
            $"100,000 texts in {texts.TotalSeconds:F1} s, the slowest {largest.TotalMilliseconds:F0} ms; 100,000 documents in {(DateTime.UtcNow - start - texts).TotalSeconds:F1} s, {read} of them read; "
            + $"managed memory after it {GC.GetTotalMemory(forceFullCollection: true) / 1_000_000} MB");
        Assert.That(read, Is.GreaterThan(5_000));
    }

    private static class HostileDocuments
    {
        private static readonly string[] Parts =
        [
            "<speak>", "</speak>", "<p>", "</p>", "<s>", "</s>", "<break/>", "<break time='1s'/>", "<break time='1e9s'/>", "<prosody rate='fast'>", "<prosody rate='NaN'>", "</prosody>",
            "<phoneme ph='həˈloʊ'>x</phoneme>", "<phoneme alphabet='x-arpabet' ph='HH AH0'>", "</phoneme>", "<sub alias='y'>", "</sub>", "<say-as interpret-as='date' format='mdy'>1/2/3</say-as>",
            "<say-as interpret-as='characters'>", "</say-as>", "<mark name='m'/>", "<![CDATA[ <speak> ]]>", "<!-- c -->", "<!DOCTYPE a>", "<?pi x?>", "&amp;", "&#65;", "&#x110000;", "&nope;", "&", "<", ">",
            "Mr. 5", " hello ", "\n", "\uD800", "😀", "\0", "{", "}", "[[", "]]", "'", "\"",
        ];

        public static int CountRead(int seed, int count)
        {
            var random = new Random(seed);
            var english = TextFrontEnd.Create("english", SymbolTable.Nvidia);
            var read = 0;
            for (var i = 0; i < count; i++)
            {
                read += ReadsAndSpeaks(Document(random), english) ? 1 : 0;
            }

            return read;
        }

        // Half of the documents balance their tags, so that more than the XML reader is tried.
        private static string Document(Random random)
        {
            var document = new StringBuilder("<speak>");
            var isTame = random.Next(2) == 0;
            for (var part = random.Next(12); part > 0; part--)
            {
                var text = Parts[random.Next(Parts.Length)];
                var isOpen = text.StartsWith('<') && !text.EndsWith("/>", StringComparison.Ordinal) && !text.Contains("</", StringComparison.Ordinal);
                document.Append(isTame && (isOpen || text.StartsWith("</", StringComparison.Ordinal) || text is "&" or "<" or "&nope;" or "&#x110000;" or "\0" or "\uD800") ? "word " : text);
            }

            return document.Append("</speak>").ToString();
        }

        private static bool ReadsAndSpeaks(string document, TextFrontEnd english)
        {
            try
            {
                foreach (var segment in SsmlReader.Read(document).Segments.OfType<TextSegment>())
                {
                    SentenceSplitter.Split(segment.Text).ToList().ForEach(sentence => english.Read(sentence));
                }

                return true;
            }
            catch (TextException)
            {
                return false;
            }
        }
    }
}
