using CudaTts.Text.English;
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
        var plan = SsmlReader.Read(document).Steps.Select(step => step switch
        {
            SsmlText text => text.Text,
            SsmlBreak silence => $"{silence.Milliseconds}",
            SsmlMark mark => "#" + mark.Name,
            _ => "?",
        });
        Assert.That(string.Join('|', plan), Is.EqualTo(expected));
    }

    [TestCase("cardinal", "", "1,234", "one thousand two hundred thirty four")]
    [TestCase("cardinal", "", "-5", "minus five")]
    [TestCase("cardinal", "", "VII", "seven")]
    [TestCase("cardinal", "", "3.5", "three point five")]
    [TestCase("ordinal", "", "21", "twenty first")]
    [TestCase("ordinal", "", "VIII", "eighth")]
    [TestCase("characters", "", "a-1 B", "{EY1} dash one , B")]
    [TestCase("spell-out", "", "NASA", "N {EY1} S {EY1}")]
    [TestCase("digits", "", "1999", "one nine nine nine")]
    [TestCase("telephone", "", "+1 (555) 010-9999", "plus one , five five five , zero one zero , nine nine nine nine")]
    [TestCase("fraction", "", "2/9", "two ninths")]
    [TestCase("fraction", "", "3+1/2", "three and one half")]
    [TestCase("fraction", "", "24/7", "twenty four over seven")]
    [TestCase("unit", "", "5in", "five inches")]
    [TestCase("measure", "", "1 kg", "one kilogram")]
    [TestCase("measure", "", "-3.5 m", "minus three point five meters")]
    [TestCase("currency", "", "42.01", "forty two dollars and one cent")]
    [TestCase("currency", "", "£5", "five pounds")]
    [TestCase("currency", "", "20 EUR", "twenty euros")]
    [TestCase("time", "hms12", "2:30pm", "two thirty P M")]
    [TestCase("time", "hms24", "1430", "fourteen thirty")]
    [TestCase("time", "", "1'21\"", "one minute twenty one seconds")]
    [TestCase("date", "mdy", "5/17/2024", "may seventeenth twenty twenty four")]
    [TestCase("date", "dmy", "17.5.2024", "may seventeenth twenty twenty four")]
    [TestCase("date", "yyyymmdd", "20240517", "may seventeenth twenty twenty four")]
    [TestCase("date", "my", "5/2024", "may twenty twenty four")]
    [TestCase("date", "md", "12-25", "december twenty fifth")]
    [TestCase("date", "d", "3", "third")]
    [TestCase("date", "y", "1905", "nineteen oh five")]
    [TestCase("date", "", "2024-05-17", "may seventeenth twenty twenty four")]
    [TestCase("date", "mdy", "not a date", "not a date")]
    [TestCase("unknown", "", "as it is", "as it is")]
    public void Say_as_is_said_so(string kind, string format, string text, string expected)
    {
        var document = $"<speak><say-as interpret-as='{kind}' format='{format}'>{text}</say-as></speak>";
        var said = ((SsmlText)SsmlReader.Read(document).Steps.Single()).Text;
        Assert.That(Transcriber.Normalize(said), Is.EqualTo(expected + " ."));
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
        var step = (SsmlText)SsmlReader.Read($"<speak><prosody {attributes}>x</prosody></speak>").Steps.Single();
        Assert.Multiple(() =>
        {
            Assert.That(step.Prosody.Rate, Is.EqualTo(rate).Within(1e-9));
            Assert.That(step.Prosody.VolumeDecibels, Is.EqualTo(volume).Within(1e-9));
            Assert.That(step.Prosody.PitchSemitones, Is.EqualTo(pitch).Within(1e-9));
        });
    }

    [Test]
    public void Prosody_within_prosody_adds_up_and_ends()
    {
        var plan = SsmlReader.Read("<speak>a<prosody rate='2' pitch='+1st'>b<prosody rate='0.5' pitch='+2st'>c</prosody>d</prosody>e</speak>");
        Assert.That(plan.Steps, Is.EqualTo(new SsmlStep[]
        {
            new SsmlText("a", Prosody.Neutral), new SsmlText("b", new Prosody(2, 0, 1)), new SsmlText("c", new Prosody(1, 0, 3)),
            new SsmlText("d", new Prosody(2, 0, 1)), new SsmlText("e", Prosody.Neutral),
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
        Assert.That(() => SsmlReader.Read($"<speak><sub alias='x'>{deep}</sub></speak>"),
            Throws.TypeOf<TextException>().With.Message.Contains("deep"));
        Assert.That(() => SsmlReader.Read($"<speak>{new string('a', SsmlReader.LongestDocument)}</speak>"),
            Throws.TypeOf<TextException>().With.Message.Contains("divide"));
    }
}
