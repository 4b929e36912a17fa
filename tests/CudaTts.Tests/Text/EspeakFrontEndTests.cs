using CudaTts.Text;
using CudaTts.Text.Espeak;

namespace CudaTts.Tests.Text;

/// <summary>Texts that espeak-ng reads. But for one test, a script stands for the program.</summary>
[TestFixture]
[Platform(Exclude = "Win", Reason = "the stand-in is a shell script")]
internal sealed class EspeakFrontEndTests
{
    [TestCase("Hello there, world!", "hello there, world!")]
    [TestCase("It is 3.14; not 1,000: ok?", "it is 3.14; not 1,000: ok?")]
    [TestCase("Dr. Smith left...", "dr. smith left...")]
    [TestCase("“Yes” — she said", "“yes” — she said")]
    [TestCase("one - two", "one — two")]
    [TestCase("don’t", "don't")]
    [TestCase("say [[həlˈoʊ]], ok", "say həlˈoʊ, ok")]
    [TestCase("a [ b ]] [[ c", "a b c")]
    [TestCase("tab\tand\u0001bell", "tab and bell")]
    [TestCase("  ! so", "! so")]
    public void Marks_stay_where_the_text_has_them(string text, string expected)
    {
        using var program = new EspeakStandIn(EspeakStandIn.Letters);
        Assert.That(program.FrontEnd(SymbolTable.Vits).Read(text).Text, Is.EqualTo(expected));
    }

    [TestCase("“Yes” — she said…", "yes; she said.")]
    [TestCase("\"So\" it is...", "so it is.")]
    [TestCase("¿qué?", "qué?")]
    public void Marks_that_a_voice_lacks_are_the_nearest_that_it_knows(string text, string expected)
    {
        using var program = new EspeakStandIn(EspeakStandIn.Letters);
        Assert.That(program.FrontEnd(SymbolTable.Piper).Read(text).Text, Is.EqualTo(expected));
    }

    [Test]
    public void Written_words_have_the_tokens_of_their_phonemes()
    {
        using var program = new EspeakStandIn(EspeakStandIn.Letters + " | sed 's/in the/inthe/; s/1984/naintin eiti for/'");
        var tokens = program.FrontEnd(SymbolTable.Vits).Read("Born in the year 1984, they say.");
        Assert.That(tokens.Text, Is.EqualTo("born inthe year naintin eiti for, they say."));
        Assert.That(tokens.Written.Select(word => $"{word.Text}={Said(tokens, word)}"), Is.EqualTo(new[]
        {
            "Born=born", "in the=inthe", "year=year", "1984,=naintin eiti for", "they=they", "say.=say",
        }));
    }

    [Test]
    public void Names_of_languages_are_not_said()
    {
        using var program = new EspeakStandIn("cat > /dev/null; echo '(en)hˈaɪ(fr) bɔ̃ʒˈuʁ'");
        Assert.That(program.FrontEnd(SymbolTable.Vits).Read("Hi Bonjour").Text, Is.EqualTo("hˈaɪ bɔ̃ʒˈuʁ"));
    }

    [Test]
    public void Phonemes_that_a_voice_lacks_are_told()
    {
        using var program = new EspeakStandIn("cat > /dev/null; echo 'a☃ba'");
        var tokens = program.FrontEnd(SymbolTable.Piper).Read("snow");
        Assert.That(tokens.Unspoken, Is.EqualTo(new[] { "☃" }));
        Assert.That(tokens.Ids, Is.EqualTo(SymbolTable.Piper.Encode("aba")));
    }

    [Test]
    public void Clauses_that_the_program_divides_are_read_one_by_one()
    {
        using var program = new EspeakStandIn("sed -e '/^$/d' -e 's/ and /\\nand /'");
        Assert.That(program.FrontEnd(SymbolTable.Vits).Read("you and me; so").Text, Is.EqualTo("you and me; so"));
    }

    [Test]
    public void Lines_that_are_as_many_as_clauses_and_not_theirs_are_told_apart()
    {
        // Of the first clause two lines, of the second none.
        using var program = new EspeakStandIn("sed -e '/^$/d' -e 's/ and /\\nand /' -e '/^xx$/d'");
        var tokens = program.FrontEnd(SymbolTable.Vits).Read("you and me; xx, so");
        Assert.That(tokens.Text, Is.EqualTo("you and me; , so"));
        Assert.That(tokens.Written.Select(word => $"{word.Text}={Said(tokens, word)}"), Does.Contain("so=so").And.Contain("you=you"));
    }

    [TestCase("sed -e '/^$/d' -e '/tntntktn/d'")]
    [TestCase("sed -e '/^$/d' | awk '!seen[$0]++'")]
    [TestCase("sed -e '/^$/d' -e 's/.*tntntktn.*/me/'")]
    [TestCase("sed -e '/^$/d' -e '$d' | cat - /dev/null | sed 's/\\[.*\\]/x/'; echo me")]
    public void Separators_are_verified(string script)
    {
        using var program = new EspeakStandIn($"read -r first; if [ \"${{first#\\[}}\" != \"$first\" ]; then (echo \"$first\"; cat) | {script}; else "
            + "echo \"$first\"; fi");
        Assert.That(program.FrontEnd(SymbolTable.Vits).Read("you; me, too").Text, Is.EqualTo("you; me, too"));
    }

    [Test]
    public void Reading_ends_when_it_is_cancelled()
    {
        using var program = new EspeakStandIn("exec sleep 1000");
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        var frontEnd = program.FrontEnd(SymbolTable.Vits);
        Assert.That(() => frontEnd.Read("Hello, there", cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => frontEnd.Read("Hello, there", soon.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    // Ctrl-C at a terminal ends the program as well, and perhaps first.
    [Test]
    public void A_program_that_a_signal_has_ended_is_a_cancelled_reading_or_an_error()
    {
        using var program = new EspeakStandIn("cat > /dev/null; exit 130");
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        var frontEnd = program.FrontEnd(SymbolTable.Vits);
        Assert.That(() => frontEnd.Read("Hello", soon.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => frontEnd.Read("Hello"), Throws.TypeOf<TextException>().With.Message.Contains("ended with code 130"));
    }

    [Test]
    public void Text_and_voice_cannot_become_options()
    {
        using var program = new EspeakStandIn("printf '%s\\n' \"$@\" > \"$0.arguments\"; cat > \"$0.text\"; echo a");
        _ = program.FrontEnd(SymbolTable.Vits, "en-gb").Read("--path=/tmp $(id) `id`");
        var arguments = File.ReadAllLines(Path.Combine(program.Folder, "espeak-ng.arguments"));
        Assert.That(arguments, Is.EqualTo(new[] { "-q", "--ipa", "-b", "1", "-v", "en-gb", "--stdin" }));
        Assert.That(File.ReadAllText(Path.Combine(program.Folder, "espeak-ng.text")), Is.EqualTo("--path=/tmp $(id) `id`"));
    }

    [TestCase("-w/tmp/x")]
    [TestCase("en us")]
    [TestCase("../voice")]
    [TestCase("")]
    [TestCase("en;id")]
    [TestCase("en\n")]
    [TestCase("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz")]
    public void A_name_that_no_voice_has_is_refused(string voice) =>
        Assert.That(
            () => TextFrontEnd.Create("espeak", SymbolTable.Vits, voice),
            Throws.TypeOf<TextException>().With.Message.StartsWith("expected the name of a voice").And.Message.Not.Contains("\n"));

    [TestCase("en")]
    [TestCase("en-gb-x-rp")]
    [TestCase("cmn-latn-pinyin")]
    [TestCase("en-us+f3")]
    public void Names_of_voices_are_taken(string voice) =>
        Assert.That(TextFrontEnd.Create("espeak", SymbolTable.Vits, voice).Name, Is.EqualTo("espeak"));

    [Test]
    public void Without_the_program_an_error_says_what_to_do()
    {
        var nothing = new EspeakFrontEnd(SymbolTable.Vits, "en-us", new EspeakProgram(folders: ""));
        var error = Assert.Throws<TextException>(() => nothing.Read("Hello"))!.Message;
        Assert.That(error, Does.Contain("apt install espeak-ng").And.Contain("english_ipa").And.Not.Contain("\n"));
    }

    [TestCase("echo 'no such voice' >&2; exit 3", "ended with code 3: no such voice")]
    [TestCase("exec sleep 1000", "within 0.3 s")]
    [TestCase("exec yes əəəəəəəəəəəəəəə", "wrote more than")]
    [TestCase("kill -9 $$", "ended with code")]
    [TestCase("exit 0", "nothing to say")]
    [TestCase("cat > /dev/null; printf '\\n\\n \\n'", "nothing to say")]
    public void A_program_that_goes_wrong_is_an_error_of_one_line(string script, string expected)
    {
        using var program = new EspeakStandIn(script, limitSeconds: script.Contains("sleep", StringComparison.Ordinal) ? 0.3 : 60);
        var error = Assert.Throws<TextException>(() => program.FrontEnd(SymbolTable.Piper).Read("Hello, there"))!.Message;
        Assert.That(error, Does.Contain(expected).And.Not.Contain("\n"));
    }

    [Test]
    public void A_program_that_reads_nothing_of_a_long_text_is_no_deadlock()
    {
        using var program = new EspeakStandIn("echo a");
        Assert.That(program.FrontEnd(SymbolTable.Vits).Read(new string('x', 1_000_000)).Text, Is.EqualTo("a"));
    }

    [TestCase("cat > /dev/null; printf '\\377\\376\\001(((\\033[0m ˈˈˈ ːː\\n\\n\\nx y\\n'")]
    [TestCase("cat > /dev/null; printf '\\303\\n^ $ _ ^_$ {HH} [[ ]]\\n'")]
    [TestCase("cat")]
    [TestCase(EspeakStandIn.Letters)]
    public void Whatever_the_program_writes_tokens_and_words_are_in_order(string script)
    {
        using var program = new EspeakStandIn(script);
        foreach (var table in new[] { SymbolTable.Vits, SymbolTable.Piper })
        {
            var frontEnd = program.FrontEnd(table);
            foreach (var text in RandomTexts.Mixed(seed: 5, count: 12).Append("a \ud800 b\udc00, c").Append(new string('e', 3_000)))
            {
                PhonemeTokens.AreSound(frontEnd, text);
            }
        }
    }

    [Test]
    public void The_program_itself_is_read()
    {
        if (!new EspeakProgram().IsInstalled)
        {
            Assert.Ignore("espeak-ng is not on the PATH");
        }

        var frontEnd = TextFrontEnd.Create("espeak");
        Assert.That(frontEnd.Read("Hello, world!").Text, Is.EqualTo("həlˈoʊ, wˈɜːld!"));
        var tokens = frontEnd.Read("The cat sat in the old house; “why?” — 1984.");
        Assert.That(tokens.Missing, Is.Empty);
        Assert.That(string.Join(' ', tokens.Written.Select(word => word.Text)), Is.EqualTo("The cat sat in the old house; “why?” — 1984."));
        Assert.That(tokens.Written, Has.Count.InRange(7, 9));
        var none = TextFrontEnd.Create("espeak", SymbolTable.Vits, "xx-none");
        Assert.That(() => none.Read("Hi"), Throws.TypeOf<TextException>().With.Message.Contains("xx-none"));
    }

    private static string Said(TokenSequence tokens, WrittenWord word) =>
        string.Concat(tokens.Symbols.Skip(word.FirstToken).Take(word.EndToken - word.FirstToken).Where(symbol => symbol != "_"));
}
