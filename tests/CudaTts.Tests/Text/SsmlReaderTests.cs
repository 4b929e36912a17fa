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
    [TestCase("<speak><phoneme ph='həˈloʊ wɝːld'>x</phoneme>!</speak>", "{HH AH0 L OW1} {W ER1 L D}!")]
    [TestCase("<speak>\n  Two\n  lines.\n</speak>", "Two lines.")]
    [TestCase("<speak/>", "")]
    [TestCase("<speak>I <prosody rate='default'>really</prosody> do</speak>", "I really do")]
    [TestCase("<speak>I <prosody rate='medium' pitch='+0Hz' volume='+0%'>really</prosody> do</speak>", "I really do")]
    [TestCase("<speak>I <prosody rate='+0%' pitch='0%' volume='0%'>really</prosody> do</speak>", "I really do")]
    [TestCase("<speak>I <prosody>really</prosody> do</speak>", "I really do")]
    [TestCase("<speak>I <prosody range='high' contour='(0%,+20Hz)'>really</prosody> do</speak>", "I really do")]
    [TestCase("<speak>I <emphasis level='none'>really</emphasis> <w>do</w></speak>", "I really do")]
    [TestCase("<speak><prosody rate='fast'>I <prosody rate='100%'>really</prosody> do</prosody></speak>", "I really do")]
    [TestCase("<speak>un<prosody rate='1.0'>believ</prosody>able</speak>", "unbelievable")]
    [TestCase("<speak>This is <amazon:effect name='whispered'>quiet</amazon:effect>.</speak>", "This is quiet.")]
    [TestCase("<speak>Hi <mstts:express-as style='sad'>you</mstts:express-as><mstts:silence type='x' value='1s'/>.</speak>", "Hi you.")]
    [TestCase("<speak>Hi <google:style name='lively'>you</google:style> <x:p>there</x:p>.</speak>", "Hi you there.")]
    [TestCase("<speak>Hi <amazon:break time='1s'/>you<acme:sub alias='no'>.</acme:sub></speak>", "Hi you.")]
    [TestCase("<ssml:speak xmlns:ssml='http://www.w3.org/2001/10/synthesis'>a<ssml:break time='1s'/>b</ssml:speak>", "a|1000|b")]
    [TestCase("<speak xmlns:s='http://www.w3.org/2001/10/synthesis'>a<s:break time='1s'/>b</speak>", "a|1000|b")]
    [TestCase("\uFEFF<?xml version='1.0' encoding='utf-8'?>\r\n<!-- x --><speak>a&#x20AC;&#101;<![CDATA[ <b> ]]></speak>\r\n", "a€e <b>")]
    [TestCase("<speak><p></p><p>One.</p></speak>", "One.|500")]
    [TestCase("<speak><phoneme ph='təmei̥ɾou̥'>tomato</phoneme></speak>", "{T AH0 M EY1 D OW0}")]
    [TestCase("<speak><phoneme alphabet='IPA' ph='pʰɪn'>pin</phoneme></speak>", "{P IH1 N}")]
    [TestCase("<speak><phoneme alphabet='cmu-arpabet' ph='HH AH0 L OW1'>hi</phoneme></speak>", "{HH AH0 L OW1}")]
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
    [TestCase("date", "ymd", "20101019", "october nineteenth twenty ten")]
    [TestCase("date", "ymd", "2010/10/19", "october nineteenth twenty ten")]
    [TestCase("date", "ymd", "2010.10.19", "october nineteenth twenty ten")]
    [TestCase("date", "ymd", "101019", "october nineteenth twenty ten")]
    [TestCase("date", "dmy", "19102010", "october nineteenth twenty ten")]
    [TestCase("date", "dmy", "19 10 2010", "october nineteenth twenty ten")]
    [TestCase("date", "mdy", "10-19-2010", "october nineteenth twenty ten")]
    [TestCase("date", "mdy", "10/19", "october nineteenth")]
    [TestCase("date", "mdy", "10/2010", "october twenty ten")]
    [TestCase("date", "mdy", "2010-10-19", "october nineteenth twenty ten")]
    [TestCase("date", "mdy", "19/10/2010", "october nineteenth twenty ten")]
    [TestCase("date", "ym", "2010-10", "october twenty ten")]
    [TestCase("date", "ym", "201010", "october twenty ten")]
    [TestCase("date", "dm", "31.12", "december thirty first")]
    [TestCase("date", "md", "1231", "december thirty first")]
    [TestCase("date", "m", "7", "july")]
    [TestCase("date", "yyyymmdd", "????1019", "october nineteenth")]
    [TestCase("date", "", "20101019", "october nineteenth twenty ten")]
    [TestCase("date", "dmy", "3 March 2011", "the third of march twenty eleven")]
    [TestCase("date", "mdy", "not a date", "not a date")]
    [TestCase("number_digit", "", "123456789", "one two three four five six seven eight nine")]
    [TestCase("vxml:digits", "", "42", "four two")]
    [TestCase("number", "digits", "42", "four two")]
    [TestCase("number", "ordinal", "42", "forty second")]
    [TestCase("digits", "", "3.14", "three point one four")]
    [TestCase("digits", "", "12-34", "one two , three four")]
    [TestCase("duration", "", "01:18:30", "one hour eighteen minutes thirty seconds")]
    [TestCase("duration", "hm", "2:05", "two hours five minutes")]
    [TestCase("duration", "ms", "2:05", "two minutes five seconds")]
    [TestCase("duration", "", "PT1H30M", "one hour thirty minutes")]
    [TestCase("duration", "", "P1DT2H", "one day two hours")]
    [TestCase("duration", "", "1'21\"", "one minute twenty one seconds")]
    [TestCase("duration", "", "0:00", "zero seconds")]
    [TestCase("time", "hms24", "143015", "fourteen thirty and fifteen seconds")]
    [TestCase("expletive", "", "darn", "bleep")]
    [TestCase("address", "", "5 Elm Street", "five elm street")]
    [TestCase("characters", "", " 3A ", "three {EY1}")]
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

    [TestCase("<emphasis level='strong'>x</emphasis>", 0.8, 4, 2.5)]
    [TestCase("<emphasis level=' moderate '>x</emphasis>", 0.9, 2, 1.5)]
    [TestCase("<emphasis>x</emphasis>", 0.9, 2, 1.5)]
    [TestCase("<emphasis level='reduced'>x</emphasis>", 1.15, -2, -1)]
    [TestCase("<emphasis level='none'>x</emphasis>", 1, 0, 0)]
    [TestCase("<emphasis level='strong'><emphasis level='reduced'>x</emphasis></emphasis>", 1.15, -2, -1)]
    [TestCase("<emphasis level='strong'><p><emphasis level='none'>x</emphasis></p></emphasis>", 1, 0, 0)]
    [TestCase("<prosody rate='50%' pitch='+1st'><emphasis level='strong'>x</emphasis></prosody>", 0.4, 4, 3.5)]
    [TestCase("<emphasis level='strong'><prosody rate='50%' volume='+6dB'>x</prosody></emphasis>", 0.4, 10, 2.5)]
    [TestCase("<emphasis level='strong'><prosody pitch='-2st'><emphasis level='none'>x</emphasis></prosody></emphasis>", 1, 0, -2)]
    [TestCase("<emphasis level='strong'/>x", 1, 0, 0)]
    [TestCase("<prosody rate='0.25' pitch='+24st'><emphasis level='strong'>x</emphasis></prosody>", 0.25, 4, 24)]
    public void Emphasis_is_slower_higher_and_louder_than_its_surroundings(string document, double rate, double volume, double pitch)
    {
        var prosody = SsmlReader.Read($"<speak>{document}</speak>").Steps.OfType<SsmlText>().Single().Prosody;
        var expected = new Prosody(rate, volume, pitch);
        Assert.That((prosody.Rate, prosody.VolumeDecibels, prosody.PitchSemitones),
            Is.EqualTo((expected.Rate, expected.VolumeDecibels, expected.PitchSemitones)));
    }

    [Test]
    public void Emphasis_ends_with_its_element()
    {
        var steps = SsmlReader.Read("<speak>a <emphasis>b <emphasis level='none'>c</emphasis> d</emphasis> e</speak>").Steps;
        var moderate = new Prosody(0.9, 2, 1.5) { EmphasisDecibels = 2 };
        Assert.That(steps, Is.EqualTo(new SsmlStep[]
        {
            new SsmlText("a", Prosody.Neutral), new SsmlText("b", moderate), new SsmlText("c", Prosody.Neutral),
            new SsmlText("d", moderate), new SsmlText("e", Prosody.Neutral),
        }));
    }

    [TestCase("<prosody rate='4'>\n<emphasis level='reduced'>x</emphasis></prosody>", true)]
    [TestCase("<emphasis level='strong'>\n<prosody pitch='+22st'>x</prosody></emphasis>", true)]
    [TestCase("<prosody rate='4' pitch='+21st'>\n<emphasis level='strong'>x</emphasis></prosody>", false)]
    [TestCase("<prosody rate='4' pitch='+24st'>\n<emphasis level='none'>x</emphasis></prosody>", false)]
    public void Emphasis_that_there_is_no_room_for_is_said(string document, bool isCut)
    {
        var warnings = SsmlReader.Read($"<speak>{document}</speak>").Warnings;
        Assert.That(warnings, isCut
            ? Is.EqualTo((string[])["SSML, line 2, column 2: emphasis goes beyond a rate of 0.25 to 4 or 24 semitones: it ends there"]) : Is.Empty);
    }

    [TestCase("loud")]
    [TestCase("")]
    public void An_unknown_level_of_emphasis_is_an_error_with_its_place(string level) => Assert.That(
        () => SsmlReader.Read($"<speak>\n <emphasis level='{level}'>x</emphasis></speak>"),
        Throws.TypeOf<TextException>().With.Message.EqualTo(
            $"SSML, line 2, column 3: expected the level strong, moderate, none or reduced, found '{level}'"));

    [Test]
    public void Prosody_within_prosody_adds_up_and_ends()
    {
        var plan = SsmlReader.Read("<speak>a<prosody rate='2' pitch='+1st'>b<prosody rate='0.5' pitch='+2st'>c</prosody>d</prosody>e</speak>");
        Assert.That(plan.Steps, Is.EqualTo(new SsmlStep[]
        {
            new SsmlText("a", Prosody.Neutral), new SsmlText("b", new Prosody(2, 0, 1)) { IsAttached = true },
            new SsmlText("c", new Prosody(1, 0, 3)) { IsAttached = true }, new SsmlText("d", new Prosody(2, 0, 1)) { IsAttached = true },
            new SsmlText("e", Prosody.Neutral) { IsAttached = true },
        }));
    }

    [TestCase("<speak>\n<break time='soon'/></speak>", "line 2, column 2: expected a time")]
    [TestCase("<speak><prosody rate='-5'>x</prosody></speak>", "line 1, column 9: expected a rate")]
    [TestCase("<speak><phoneme ph='7'/></speak>", "line 1, column 9: '7' is not IPA that English uses, and the element 'phoneme' has no text")]
    [TestCase("<speak><phoneme alphabet='x-sampa' ph='a'> </phoneme></speak>", "the alphabet 'x-sampa' is not known")]
    [TestCase("<speak><prosody rate='0'>x</prosody></speak>", "line 1, column 9: expected a rate above 0")]
    [TestCase("<speak><prosody rate='-100%'>x</prosody></speak>", "expected a rate above 0")]
    [TestCase("\n\n<speak>\n<b>x</c></speak>", "line 4, column 5: expected </b>, which closes the element of line 4, found '</c'")]
    [TestCase("<speak><break time=1s/></speak>", "the value of 'time' stands in no quotes")]
    [TestCase("<speak><break time='1s</speak>", "the value of 'time' stands in no quotes")]
    [TestCase("<speak><break time='1s<b x='1'/></speak>", "a quote is missing")]
    [TestCase("<speak><break time/></speak>", "has no value: expected time=\"...\"")]
    [TestCase("<speak><break time='1s' time='2s'/></speak>", "has the attribute 'time' twice")]
    [TestCase("<speak>3 < 4</speak>", "line 1, column 10: '<' begins no element here: write &lt;")]
    [TestCase("<speak>a&nbsp;b</speak>", "line 1, column 9: '&nbsp;' is not known")]
    [TestCase("<speak>&#0;</speak>", "'&#0;' is the number of no character")]
    [TestCase("<speak>\u0001</speak>", "line 1, column 8: the character U+0001 cannot stand in a document")]
    [TestCase("<speak>a</speak>b", "text stands behind the end of the document")]
    [TestCase("<speak>a</speak><speak>b</speak>", "'speak' stands behind the end of the document")]
    [TestCase("<speak><!-- a</speak>", "the comment that begins with <!-- has no end: expected -->")]
    [TestCase("<speak><![CDATA[a</speak>", "has no end: expected ]]>")]
    [TestCase("<speak", "the tag of 'speak' has no end: expected >")]
    [TestCase("hello", "expected the element 'speak', found text")]
    [TestCase("<?xml version='1.0'?>\n<!DOCTYPE speak PUBLIC 'a' 'b'>\n<speak>x</speak>", "line 2, column 1: a document type is not read: leave")]
    [TestCase("<speak><mark/></speak>", "needs a name")]
    [TestCase("<voice>hi</voice>", "expected the element 'speak', found 'voice'")]
    [TestCase("<speak>", "SSML, line 1, column")]
    [TestCase("<speak>a & b</speak>", "SSML, line 1, column")]
    [TestCase("", "SSML, line")]
    [TestCase("<!DOCTYPE speak [<!ENTITY a 'b'>]><speak>&a;</speak>", "SSML, line 1, column")]
    public void Errors_are_one_line_with_their_place(string document, string message) =>
        Assert.That(() => SsmlReader.Read(document), Throws.TypeOf<TextException>().With.Message.Contains(message)
            .And.Message.Not.Contains("\n").And.Message.Not.Contains("Xml").And.Message.Not.Contains("hexadecimal"));

    [TestCase("<phoneme alphabet='x-sampa' ph='t@'>tomato</phoneme>", "only ipa and x-arpabet: the text 'tomato' is read instead")]
    [TestCase("<phoneme alphabet='sapi' ph='h eh 1'>tomato</phoneme>", "the alphabet 'sapi' is not known")]
    [TestCase("<phoneme alphabet='x-microsoft-ups' ph='T AX'>tomato</phoneme>", "the alphabet 'x-microsoft-ups' is not known")]
    [TestCase("<phoneme ph='ʁʘ'>tomato</phoneme>", "'ʁʘ' is not IPA that English uses")]
    [TestCase("<phoneme alphabet='arpabet' ph='QQ'>tomato</phoneme>", "'QQ' is not ARPAbet")]
    [TestCase("<phoneme>tomato</phoneme>", "'phoneme' has no phones")]
    [TestCase("<say-as interpret-as='wobble'>tomato</say-as>", "the interpret-as 'wobble' is not known: 'tomato' is read as text")]
    [TestCase("<say-as>tomato</say-as>", "'say-as' has no interpret-as")]
    [TestCase("<prosody rate='10%'>tomato</prosody>", "rate '10%' comes to 0.1, out of 0.25 to 4: it is 0.25")]
    [TestCase("<prosody pitch='+40st'>tomato</prosody>", "pitch '+40st' comes to 40 semitones, out of -24 to 24: it is 24")]
    [TestCase("<break time='90s'/>tomato", "a break of 90s is longer than 60 s")]
    public void What_is_not_done_as_asked_is_told(string element, string warning)
    {
        var plan = SsmlReader.Read($"<speak>\n {element}</speak>");
        Assert.That(plan.Steps.OfType<SsmlText>().Single().Text, Is.EqualTo("tomato"));
        Assert.That(plan.Warnings.Single(), Does.StartWith("SSML, line 2, column 3: ").And.Contains(warning).And.Not.Contains("\n"));
    }

    [Test]
    public void Warnings_are_few_however_many_there_could_be()
    {
        var plan = SsmlReader.Read($"<speak>{string.Concat(Enumerable.Repeat("<say-as interpret-as='x'>a</say-as> ", 5_000))}</speak>");
        Assert.That(plan.Warnings, Has.Count.EqualTo(21));
        Assert.That(plan.Warnings[^1], Does.EndWith("further warnings are left out"));
    }

    [TestCase("<speak>", true)]
    [TestCase("<speak/>", true)]
    [TestCase("  \n<speak version='1.0'>", true)]
    [TestCase("\uFEFF<speak>", true)]
    [TestCase("<?xml version='1.0'?><speak>", true)]
    [TestCase("<!DOCTYPE speak>", true)]
    [TestCase("<!-- a --><!-- b --> <speak>", true)]
    [TestCase("<ssml:speak xmlns:ssml='x'>", true)]
    [TestCase("<speaker> Hello.", false)]
    [TestCase("<speak-easy>", false)]
    [TestCase("<speaking>", false)]
    [TestCase("<xml>", false)]
    [TestCase("<a>b:speak>", false)]
    [TestCase("speak <speak>", false)]
    [TestCase("<", false)]
    [TestCase("", false)]
    public void A_document_is_known_by_its_beginning(string text, bool expected) => Assert.That(SsmlReader.IsSsml(text), Is.EqualTo(expected));

    [TestCase("<phoneme ph='pɪˈkɑːn'>pecan</phoneme>, a", "{P IH0 K AA1 N}, a", "pecan")]
    [TestCase("<sub alias='World Wide Web'>WWW</sub>!", "World Wide Web!", "WWW")]
    [TestCase("<say-as interpret-as='characters'> A\nB </say-as>", "{EY1} , B", "A B")]
    [TestCase("<say-as interpret-as='expletive'>darn</say-as>", "bleep", "****")]
    [TestCase("<phoneme ph='a'/>", "{AA1}", "")]
    [TestCase("<say-as interpret-as='cardinal'>five</say-as> a", "five a", null)]
    [TestCase("<say-as interpret-as='telephone'>555-1234</say-as> a", "five five five, one two three four a", "555-1234")]
    public void A_plan_keeps_what_the_document_writes(string element, string text, string? written)
    {
        var step = (SsmlText)SsmlReader.Read($"<speak>{element}</speak>").Steps.Single();
        Assert.That(step.Text, Is.EqualTo(text));
        Assert.That(step.Substitutions.Select(said => said.Written), Is.EqualTo(written is null ? [] : new[] { written }));
        Assert.That(step.Substitutions.Select(said => said.End), Is.All.LessThanOrEqualTo(text.Length));
    }

    [Test]
    public void Silence_has_a_limit_that_is_told_at_once()
    {
        string Breaks(int count) => $"<speak>a{string.Concat(Enumerable.Repeat("<break time='60s'/>", count))}b</speak>";
        Assert.That(SsmlReader.Read(Breaks(60)).Steps, Has.Count.EqualTo(62));
        foreach (var count in new[] { 61, 1_630, 3_250, 40_000 })
        {
            Assert.That(() => SsmlReader.Read(Breaks(count)), Throws.TypeOf<TextException>()
                .With.Message.EqualTo("SSML, line 1, column 1150: the breaks of the document add up to more than 3600 s of silence: divide it"));
        }
    }

    // What takes more than linear time takes minutes here: the run's own time limit is what fails.
    [Test]
    public void Large_documents_are_read_in_linear_time()
    {
        string Many(string part, int count) => string.Concat(Enumerable.Repeat(part, count));
        string[] bodies =
        [
            Many("<s>a</s>", 100_000), Many("<s/>", 200_000), Many("<mark name='m'/>", 60_000), Many("<prosody rate='2'>a</prosody>b ", 30_000),
            Many("<mark name='m'/><break time='1ms'/>", 25_000), Many("a <mark name='m'/>", 50_000), Many("a<break time='0s'/>", 45_000),
            Many("<say-as interpret-as='characters'>A</say-as> ", 20_000), Many("<sub alias='b'>a</sub>", 45_000), Many("&amp;", 190_000),
            $"<sub alias='{Many("word ", 190_000)}'>a</sub>", $"<sub alias='{new string('a', 950_000)}'>a</sub>",
            $"<say-as interpret-as='characters'>{new string('A', 900_000)}</say-as>",
            $"<say-as interpret-as='digits'>{new string('1', 900_000)}</say-as>",
            $"<say-as interpret-as='date' format='ymd'>{new string('1', 900_000)}</say-as>", Many("<x:y>a</x:y>", 80_000),
            $"<phoneme ph='{new string('a', 100_000)}'>word</phoneme>", $"<phoneme ph='{Many("a ", 50_000)}'>word</phoneme>",
        ];
        foreach (var body in bodies)
        {
            Assert.That(SsmlReader.Read($"<speak>{body}</speak>").Steps, Is.Not.Null);
        }
    }

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
