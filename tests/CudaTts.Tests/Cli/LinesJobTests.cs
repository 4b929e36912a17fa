using System.Diagnostics;
using CudaTts.Cli;
using CudaTts.Models;
using CudaTts.Tests.Pipeline;

namespace CudaTts.Tests.Cli;

/// <summary>Jobs of many lines: one that fails is reported with its number, and the others are spoken.</summary>
[TestFixture]
internal sealed class LinesJobTests : CommandTestBase
{
    [TestCase("* * *")]
    [TestCase("!!!")]
    [TestCase("...")]
    [TestCase("---")]
    [TestCase("\U0001F600")]
    [TestCase("  \u2022  ")]
    public void A_line_of_marks_is_skipped_and_said(string line)
    {
        foreach (var fromFile in new[] { true, false })
        {
            var result = Job($"Good one.\n{line}\nGood two.\n", fromFile);
            Assert.That(result.Code, Is.EqualTo(ExitCode.Incomplete).Or.EqualTo(ExitCode.Done), result.Error);
            Assert.That(result.Error, Does.Contain("cudatts: line 2: skipped: there is nothing to say"));
            Assert.That(Outputs(), Is.EqualTo(new[] { "0001.wav", "0003.wav", "manifest.jsonl" }));
        }
    }

    [TestCase("مرحبا")]
    [TestCase("<speak>one<break time='no'/></speak>")]
    [TestCase("<speak>no end")]
    [TestCase("<speak><p>wrong</s></speak>")]
    public void A_line_that_cannot_be_spoken_is_a_failure_of_its_own(string line)
    {
        foreach (var fromFile in new[] { true, false })
        {
            var result = Job($"{line}\nGood one.\n{line}\nGood two.\n{line}\n", fromFile);
            Assert.That(result.Code, Is.EqualTo(ExitCode.Failed), result.Error);
            Assert.That(result.Error, Does.Contain("cudatts: line 1: ").And.Contain("cudatts: line 3: ").And.Contain("cudatts: line 5: "));
            Assert.That(Outputs(), Is.EqualTo(new[] { "0002.wav", "0004.wav", "manifest.jsonl" }));
        }
    }

    [TestCase("{\"text\":\"One.\",\"speaker_id\":3}", "found 'speaker_id', which nothing reads")]
    [TestCase("{\"text\":\"One.\",\"speed\":0}", "speed: expected 0.25 to 4, found 0")]
    [TestCase("{\"text\":\"One.\",\"speed\":-1}", "speed: expected 0.25 to 4, found -1")]
    [TestCase("{\"text\":\"One.\",\"speed\":1e-9}", "speed: expected 0.25 to 4, found 1E-09")]
    [TestCase("{\"text\":\"One.\",\"output_file\":\"\"}", "found nothing")]
    [TestCase("{\"text\":\"One.\",\"output_file\":\"a\\u0000b.wav\"}", "NUL")]
    [TestCase("{\"text\":\"\\ud800\"}", "surrogate")]
    [TestCase("{\"text\":\"One.\",\"output_file\":\"../x.wav\"}", "lies outside of the folder")]
    [TestCase("{\"text\":\"One.\",\"output_file\":\"/tmp/cudatts-x.wav\"}", "lies outside of the folder")]
    [TestCase("{\"text\":\"One.\",\"output_file\":\"a/../../x.wav\"}", "lies outside of the folder")]
    [TestCase("{\"text\":\"One.\",\"output_file\":\"none/x.wav\"}", "does not exist")]
    [TestCase("{\"text\":\"One.\",\"output_file\":\"manifest.jsonl\"}", "is the file of the manifest")]
    [TestCase("{\"text\":\"One.\",\"output_file\":\"good.wav\"}", "is the file of line 1 already")]
    [TestCase("{\"text\":\"One.\",\"output_file\":\"./good.wav\"}", "is the file of line 1 already")]
    [TestCase("{\"text\":\"One.\",\"output_file\":\".\"}", "a folder of that name")]
    [TestCase("nonsense", "not JSON: the mistake is at column 2")]
    [TestCase("{\"text\":\"One.\",\"text\":\"Two.\"}", "the key 'text' is there twice, again at column 16")]
    [TestCase("[]", "expected a JSON object {...}, found []")]
    public void A_wrong_json_line_is_reported_and_the_others_are_spoken(string line, string message)
    {
        Directory.CreateDirectory(At("out/a"));
        var result = RunWithInput(
            $"{{\"text\":\"Good.\",\"output_file\":\"good.wav\"}}\n{line}\n{{\"text\":\"Better.\"}}\n",
            "say", "--json-input", "--lines", At("out"), "--voice", StoppingVoice);
        Assert.That(result.Code, Is.EqualTo(ExitCode.Failed), result.Error);
        Assert.That(result.Error, Does.Contain("cudatts: line 2: ").And.Contain(message).And.Not.Contains("System"));
        Assert.That(Outputs(), Is.EqualTo(new[] { "0003.wav", "a", "good.wav", "manifest.jsonl" }));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "links need rights there")]
    public void A_link_does_not_lead_out_of_the_folder()
    {
        File.CreateSymbolicLink(At("out/link.wav"), At("elsewhere.wav"));
        Directory.CreateSymbolicLink(At("out/up"), At(""));
        const string Lines = "{\"text\":\"A.\",\"output_file\":\"link.wav\"}\n{\"text\":\"B.\",\"output_file\":\"up/b.wav\"}\n";
        string[] job = ["say", "--json-input", "--lines", At("out"), "--voice", StoppingVoice];
        var result = RunWithInput(Lines, job);
        Assert.That(result.Error, Does.Contain("line 1: ").And.Contain("line 2: ").And.Contain("--allow-outside permits that"));
        Assert.That(File.Exists(At("elsewhere.wav")) || File.Exists(At("b.wav")), Is.False);
        RunWithInput(Lines, [.. job, "--allow-outside"]);
        Assert.That(File.Exists(At("elsewhere.wav")) && File.Exists(At("b.wav")));
    }

    [Test]
    public void Timestamps_of_two_lines_are_two_files()
    {
        var result = RunWithInput(
            "{\"text\":\"A.\",\"output_file\":\"a.wav\"}\n{\"text\":\"B.\",\"output_file\":\"a.WAV\"}\n{\"text\":\"C.\",\"output_file\":\"c.srt\"}\n"
            + "{\"text\":\"D.\",\"output_file\":\"c.wav\"}\n",
            "say", "--json-input", "--lines", At("out"), "--timestamps", "srt", "--voice", StoppingVoice);
        Assert.That(result.Error, Does.Contain("line 2: ").And.Contain("line 3: ").And.Not.Contains("line 4: "), "a refused line takes no name");
        Assert.That(Outputs(), Is.EqualTo(new[] { "a.srt", "a.wav", "c.srt", "c.wav", "manifest.jsonl" }));
    }

    [Test]
    public void The_file_that_is_read_is_not_written()
    {
        File.WriteAllText(At("out/in.jsonl"), "{\"text\":\"A.\",\"output_file\":\"in.jsonl\"}\n{\"text\":\"B.\"}\n");
        var result = Run("say", "--json-input", "-f", At("out/in.jsonl"), "--lines", At("out"), "--voice", StoppingVoice);
        Assert.That(result.Error, Does.Contain("line 1: ").And.Contain("is the file of -f already"));
        Assert.That(Outputs(), Is.EqualTo(new[] { "0002.wav", "in.jsonl", "manifest.jsonl" }));
    }

    [TestCase("words.txt", "--lexicon")]
    [TestCase("voice/voice.json", "the voice")]
    [TestCase("voice/acoustic/config.json", "the voice")]
    [TestCase("voice/acoustic/model.safetensors", "the voice")]
    public void What_the_voice_is_read_from_is_not_written(string name, string owner)
    {
        var voice = TinyVoice.Create(At("out/voice"), frontEnd: "english");
        File.WriteAllText(At("out/words.txt"), "one W AH1 N\n");
        var before = File.ReadAllBytes(At($"out/{name}"));
        var result = RunWithInput(
            $"{{\"text\":\"One.\",\"output_file\":\"{name}\"}}\n",
            "say", "--json-input", "--lines", At("out"), "--voice", voice, "--lexicon", At("out/words.txt"));
        AssertFails(result, ExitCode.Failed, $"is the file of {owner} already");
        Assert.That(File.ReadAllBytes(At($"out/{name}")), Is.EqualTo(before));
    }

    [Test]
    public void A_folder_with_the_name_of_a_formula_is_not_read()
    {
        Directory.CreateDirectory(Path.Combine(StoppingVoice, Vocoder.GriffinLimName));
        var result = RunWithInput("One.\n", "say", "--lines", At("out"), "--voice", StoppingVoice);
        Assert.That(Outputs(), Is.EqualTo(new[] { "0001.wav", "manifest.jsonl" }), result.Error);
    }

    [TestCase("818D8F")]
    [TestCase("D0D2D4D6D8DADCDEE0E2")]
    [TestCase("4F6E65002E")]
    public void A_line_of_a_pipe_that_is_no_text_is_reported_and_the_others_are_spoken(string hex)
    {
        using var input = new PipeStream([.. "One.\n"u8, .. Convert.FromHexString(hex), .. "\nThree.\n"u8]);
        using var error = new StringWriter();
        var terminal = new Terminal(input, Stream.Null, error);
        string[] job = ["say", "--lines", At("out"), "--voice", StoppingVoice];
        Assert.That(CommandLine.RunAsync(job, terminal, CancellationToken.None).GetAwaiter().GetResult(), Is.EqualTo(ExitCode.Failed));
        Assert.That(error.ToString(), Does.Contain("cudatts: standard input, line 2: expected a text"));
        Assert.That(Outputs(), Is.EqualTo(new[] { "0001.wav", "0003.wav", "manifest.jsonl" }));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(7)]
    [TestCase(97)]
    public void A_pipe_of_bytes_without_an_end_is_refused(byte value)
    {
        foreach (var job in new[] { new[] { "--lines", At("out") }, ["-o", At("out/a.wav")] })
        {
            using var input = new EndlessStream(value);
            using var error = new StringWriter();
            var terminal = new Terminal(input, Stream.Null, error);
            var code = CommandLine.RunAsync(["say", "--voice", StoppingVoice, .. job], terminal, CancellationToken.None).GetAwaiter().GetResult();
            AssertFails(new CommandResult(code, [], error.ToString()), ExitCode.Failed, "standard input");
            Assert.That(Outputs(), Is.Empty);
        }
    }

    [Test]
    public void A_job_that_makes_nothing_leaves_nothing()
    {
        var result = RunWithInput("<speak>no end\n", "say", "--lines", At("out/new"), "--voice", StoppingVoice);
        Assert.That(result.Code, Is.EqualTo(ExitCode.Failed));
        Assert.That(Outputs(), Is.Empty);
    }

    [Test]
    public void One_job_at_a_time_works_in_a_folder()
    {
        using (new LineManifest(At("out"), resume: false))
        {
            AssertFails(
                RunWithInput("One.\n", "say", "--lines", At("out"), "--voice", StoppingVoice), ExitCode.Failed, "another process");
        }

        Assert.That(RunWithInput("One.\n", "say", "--lines", At("out"), "--voice", StoppingVoice).Code, Is.Not.EqualTo(ExitCode.Failed));
    }

    [TestCase("file", "cannot be written")]
    [TestCase("file/d", "cannot be written")]
    [TestCase("a\0b", "NUL")]
    public void A_folder_that_cannot_be_is_said(string folder, string message)
    {
        File.WriteAllText(At("file"), "");
        AssertFails(
            RunWithInput("One.\n", "say", "--lines", At(folder), "--voice", StoppingVoice), ExitCode.Failed, message);
    }

    [Test]
    [Platform("Linux", Reason = "a small disk is mounted with Linux's tmpfs")]
    public void A_full_disk_ends_the_job_and_leaves_no_part()
    {
        if (!Environment.IsPrivilegedProcess || Command("mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", At("out")) != 0)
        {
            Assert.Ignore("mounting a small tmpfs needs the right to mount");
        }

        try
        {
            var text = string.Concat(Enumerable.Repeat("This is long. ", 12));
            var result = RunWithInput($"One.\n{text}\nThree.\n", "say", "--lines", At("out"), "--voice", EndlessVoice);
            Assert.That(result.Code, Is.EqualTo(ExitCode.Failed));
            Assert.That(result.Error, Does.Contain("no space is left on the disk"));
            Assert.That(Outputs(), Is.EqualTo(new[] { "0001.wav", "manifest.jsonl" }));
        }
        finally
        {
            Command("umount", At("out"));
        }
    }

    [TestCase("say", "--speed", "1.5")]
    [TestCase("say", "--seed", "5")]
    [TestCase("say", "--pitch", "2")]
    [TestCase("say", "--volume", "-3")]
    [TestCase("say", "--attempts", "2")]
    [TestCase("say", "--attention-window", "always")]
    public void Another_way_of_speaking_is_spoken_again(params string[] options) =>
        AssertSpokenAgain(() => { }, options[1..]);

    [TestCase("voice.json", "\"name\": \"tiny\"", "\"name\": \"tiny\", \"recipe\": \"another\"")]
    [TestCase("voice.json", "\"max_seconds\": 0.5", "\"max_seconds\": 0.5, \"seed\": 3")]
    [TestCase("vocoder/config.json", "}", " }")]
    [TestCase("acoustic/config.json", "{", "{ ")]
    public void A_voice_that_has_changed_is_spoken_again(string file, string old, string changed)
    {
        var path = Path.Combine(At("hifi"), file);
        AssertSpokenAgain(() => File.WriteAllText(path, ReplaceFirst(File.ReadAllText(path), old, changed)));
    }

    [Test]
    public void Weights_that_have_changed_are_spoken_again() => AssertSpokenAgain(() =>
    {
        var path = At("hifi/vocoder/model.safetensors");
        var bytes = File.ReadAllBytes(path);
        bytes[^2] ^= 1;
        var time = File.GetLastWriteTimeUtc(path);
        File.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, time);
    });

    [TestCase(0)]
    [TestCase(44)]
    [TestCase(100_000)]
    public void A_file_of_another_size_is_spoken_again(int size) => AssertSpokenAgain(() =>
    {
        using var file = File.OpenWrite(At("out/0001.wav"));
        file.SetLength(size);
    });

    [Test]
    public void A_lexicon_that_has_changed_is_spoken_again()
    {
        var voice = TinyVoice.Create(At("english"), frontEnd: "english");
        File.WriteAllText(At("words.txt"), "one W AH1 N\n");
        string[] job = ["say", "--lines", At("out"), "--voice", voice, "--lexicon", At("words.txt"), "--resume"];
        RunWithInput("One.\n", job);
        Assert.That(RunWithInput("One.\n", job).Output, Is.Empty);
        File.WriteAllText(At("words.txt"), "one T UW1\n");
        Assert.That(RunWithInput("One.\n", job).Output.Trim(), Is.EqualTo(At("out/0001.wav")));
    }

    [Test]
    public void A_resumed_job_reports_its_bad_lines_again()
    {
        Job("One.\n<speak>no end\nThree.\n", fromFile: true);
        var result = Job("One.\n<speak>no end\nThree.\n", fromFile: true, "--resume");
        Assert.That(result.Output, Is.Empty);
        Assert.That(result.Code, Is.EqualTo(ExitCode.Failed));
        Assert.That(result.Error, Does.StartWith("cudatts: line 2: "));
    }

    [TestCase("FFFE4F006E0065002E000A00540077006F002E00")]
    [TestCase("4F006E0065002E000A00540077006F002E00")]
    [TestCase("EFBBBF4F6E652E0D0A54776F2E")]
    [TestCase("4F6E652E0D54776F2E0D")]
    [TestCase("4F6EE92E0A54776F2E")]
    public void Lines_of_any_encoding_are_read_from_files_and_pipes(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        File.WriteAllBytes(At("in.txt"), bytes);
        Run("say", "-f", At("in.txt"), "--lines", At("out"), "--voice", StoppingVoice);
        Assert.That(Outputs(), Is.EqualTo(new[] { "0001.wav", "0002.wav", "manifest.jsonl" }));
        var manifest = File.ReadAllText(At("out/manifest.jsonl"));
        RunWithBytes(bytes, "say", "--lines", At("out"), "--voice", StoppingVoice);
        Assert.That(File.ReadAllText(At("out/manifest.jsonl")), Is.EqualTo(manifest));
    }

    private static int Command(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    private void AssertSpokenAgain(Action change, params string[] options)
    {
        var voice = TinyVoice.CreateWithHifiGan(At("hifi"));
        string[] job = ["say", "--lines", At("out"), "--voice", voice, "--device", "cpu", "--resume"];
        RunWithInput("One.\n", job);
        Assert.That(RunWithInput("One.\n", job).Output, Is.Empty, "nothing has changed");
        change();
        Assert.That(RunWithInput("One.\n", [.. job, .. options]).Output.Trim(), Is.EqualTo(At("out/0001.wav")));
    }

    private CommandResult Job(string lines, bool fromFile, params string[] options)
    {
        File.WriteAllText(At("in.txt"), lines);
        string[] job = ["say", "--lines", At("out"), "--voice", StoppingVoice, .. options];
        return fromFile ? Run([.. job, "-f", At("in.txt")]) : RunWithInput(lines, job);
    }

    private static string ReplaceFirst(string text, string old, string changed)
    {
        var place = text.IndexOf(old, StringComparison.Ordinal);
        return string.Concat(text.AsSpan(0, place), changed, text.AsSpan(place + old.Length));
    }

    private sealed class PipeStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    private sealed class EndlessStream(byte value) : MemoryStream
    {
        public override bool CanSeek => false;

        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill(value);
            return count;
        }

        public override int Read(Span<byte> buffer)
        {
            buffer.Fill(value);
            return buffer.Length;
        }
    }
}
