using System.Text;
using System.Text.RegularExpressions;
using CudaTts.Cli;

namespace CudaTts.Tests.Cli;

/// <summary>Every option with every wrong value: one line in a user's words, and never a word of the program's own language.</summary>
[TestFixture]
internal sealed partial class MessageTests : CommandTestBase
{
    private static readonly string[] s_wrong =
    [
        "", "abc", "1,5", "-1", "NaN", "nan", "Infinity", "-Infinity", "1e999", "2147483648", "99999999999999999999999", "0x10", "1.5.2", "٣", "\0",
        "a\0b", "\u001b[31m", "/dev/null/x", "true",
    ];

    private static IEnumerable<string[]> Options()
    {
        var root = CommandLine.Root(new Terminal(Stream.Null, Stream.Null, TextWriter.Null));
        foreach (var verb in root.Subcommands.Where(verb => verb.Name is not ("bench" or "profile" or "doctor")))
        {
            foreach (var option in verb.Options.Where(option => option.Name is not ("--help" or "--lines" or "--stats")))
            {
                yield return [verb.Name, option.Name];
            }
        }
    }

    [Test]
    public void A_verb_that_comes_first_is_made_alone()
    {
        var terminal = new Terminal(Stream.Null, Stream.Null, TextWriter.Null);
        var verbs = CommandLine.Root(terminal).Subcommands.Select(verb => verb.Name).ToList();

        Assert.That(verbs, Does.Contain("say").And.Contain("listening-test"));
        foreach (var verb in verbs)
        {
            Assert.That(CommandLine.Root(terminal, verb).Subcommands.Select(made => made.Name), Is.EqualTo((string[])[verb]));
        }

        Assert.That(CommandLine.Root(terminal, "sing").Subcommands.Select(made => made.Name), Is.EqualTo(verbs));
    }

    [TestCaseSource(nameof(Options))]
    public void A_wrong_value_is_said_in_one_line_of_plain_words(params string[] option)
    {
        foreach (var value in s_wrong)
        {
            foreach (var form in new[] { new[] { option[1], value }, [$"{option[1]}={value}"] })
            {
                var error = Run([.. Valid(option[0]), .. form]).Error;
                AssertPlain(error, $"{option[0]} {string.Join(' ', form)}");
            }
        }
    }

    [TestCase("--speed", "0", "expected a number, 0.25 to 4, found '0'")]
    [TestCase("--speed", "0,3", "with a decimal point, not a comma, found '0,3'")]
    [TestCase("--pitch", "1,5", "with a decimal point, not a comma, found '1,5'")]
    [TestCase("--volume", "-1,5", "with a decimal point, not a comma, found '-1,5'")]
    [TestCase("--speed", "1.000,5", "not a comma")]
    [TestCase("--denoise", "0,05", "--denoise: expected a number, 0 to 10")]
    [TestCase("--seed", "-1", "--seed: expected a whole number, 0 to 18446744073709551615, found '-1'")]
    [TestCase("--seed", "18446744073709551616", "--seed: expected a whole number")]
    [TestCase("--seed", "1.5", "--seed: expected a whole number")]
    [TestCase("--seed", "1,000", "--seed: expected a whole number")]
    [TestCase("--attempts", "1000000000", "--attempts: expected a whole number, 1 to 16")]
    [TestCase("--threads", "257", "--threads: expected a whole number, 0 to 256")]
    [TestCase("--attention-window", "2", "--attention-window: expected off or retry or always, found '2'")]
    [TestCase("--precision", "1", "--precision: expected float16 or float32, found '1'")]
    [TestCase("--encoding", "65001", "--encoding: expected one of utf-8")]
    [TestCase("--pitch", "NaN", "--pitch: expected a number, -24 to 24")]
    public void A_number_that_cannot_be_meant_is_refused(string option, string value, string message) =>
        AssertFails(Run("say", "Hi.", "-o", At("out/a.wav"), "--voice", StoppingVoice, option, value), ExitCode.WrongArguments, message);

    [TestCase("mel", "--max-frames", "2147483647")]
    [TestCase("mel", "--max-frames", "0")]
    [TestCase("mel", "--gate-threshold", "NaN")]
    [TestCase("mel", "--gate-threshold", "-0.5")]
    [TestCase("mel", "--gate-threshold", "0,5")]
    [TestCase("vocode", "--sigma", "nan")]
    [TestCase("vocode", "--sigma", "-1")]
    [TestCase("vocode", "--sigma", "1e30")]
    [TestCase("bench", "--runs", "0")]
    [TestCase("bench", "--runs", "1,5")]
    [TestCase("profile", "--runs", "1e3")]
    [TestCase("analyze", "--frontend", "1")]
    [TestCase("tokens", "--cleaner", "0")]
    public void A_number_of_another_verb_is_refused_too(string verb, string option, string value) =>
        AssertFails(Run([.. Valid(verb), option, value]), ExitCode.WrongArguments, $"{option}: expected ");

    [TestCase("--attention-window", "RETRY")]
    [TestCase("--volume", "-Infinity")]
    [TestCase("--speed", "4")]
    [TestCase("--seed", "18446744073709551615")]
    [TestCase("--threads", "256")]
    public void What_can_be_meant_is_taken(string option, string value) => Assert.That(
        Run("say", "Hi.", "-o", At("out/a.wav"), "--voice", StoppingVoice, option, value).Code,
        Is.EqualTo(ExitCode.Done).Or.EqualTo(ExitCode.Incomplete));

    [TestCase("analyze", "", "-o", "x")]
    [TestCase("inspect", "")]
    [TestCase("convert", "", "-o", "x")]
    public void An_empty_argument_is_no_name(params string[] arguments) =>
        AssertFails(Run(arguments), ExitCode.WrongArguments, "input: expected the name of a file or folder, found nothing");

    [Test]
    public void A_flag_takes_no_value()
    {
        var result = Run("say", "--ssml", "<speak>true</speak>", "-o", At("out/a.wav"), "--voice", StoppingVoice);
        Assert.That(Outputs(), Is.EqualTo(new[] { "a.wav" }), result.Error);
    }

    [TestCase("\u001b]0;title\u0007")]
    [TestCase("\u001b[31mred")]
    [TestCase("\u202egnp.exe")]
    [TestCase("\u009b2J")]
    [TestCase("a\rb")]
    [TestCase("a\nb")]
    public void A_name_does_not_steer_the_terminal(string name)
    {
        var error = Run("say", "-f", At(name), "-o", At("out/a.wav"), "--voice", StoppingVoice).Error.TrimEnd('\n');
        Assert.That(error.Any(character => char.IsControl(character) || character == '\u202e'), Is.False, error);
        Assert.That(error, Does.Contain(Printable.Of(name.ReplaceLineEndings(" "))));
        Assert.That(Printable.Of(name), Does.Contain("\\u00").Or.Contain("\\u202E"));
    }

    [TestCase(0)]
    [TestCase(1)]
    public void A_message_that_is_too_long_is_cut_between_characters(int before)
    {
        var text = new string('x', before) + string.Concat(Enumerable.Repeat("\U0001F600", 2000)) + new string('y', before);
        var message = new CudaTtsException(text).Message;
        Assert.That(message, Has.Length.LessThan(2010).And.Length.GreaterThan(1990));
        Assert.That(message.EnumerateRunes(), Has.None.EqualTo(Rune.ReplacementChar));
    }

    private string[] Valid(string verb) => verb switch
    {
        "say" => ["say", "Hi.", "-o", At("out/a.wav"), "--voice", StoppingVoice],
        "mel" => ["mel", "-m", At("none"), "--ids", At("none"), "-o", At("out/a")],
        "vocode" => ["vocode", "-m", At("none"), "--mel", At("none"), "-o", At("out/a")],
        "analyze" or "convert" => [verb, At("none"), "-o", At("out/a")],
        "inspect" => [verb, At("none")],
        "evaluate" => [verb, At("none"), At("none")],
        _ => [verb, "Hi."],
    };

    private static void AssertPlain(string error, string what)
    {
        Assert.That(Foreign().Matches(error).Select(match => match.Value), Is.Empty, $"{what}: {error}");
        Assert.That(error.TrimEnd('\n').Any(char.IsControl), Is.False, $"{what}: {error}");
        Assert.That(error, Is.Empty.Or.StartsWith("cudatts: "), what);
    }

    [GeneratedRegex(
        "System\\.|Nullable|`|Exception|Parameter|\\.NET|CudaTts\\.|Int32|UInt64|Boolean|BytePosition|[Oo]bject reference|fault of this program")]
    private static partial Regex Foreign();
}
