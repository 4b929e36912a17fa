using CudaTts.Audio;
using CudaTts.Cli;

namespace CudaTts.Tests.Cli;

/// <summary>Where results go: never over what is read, never twice over one file.</summary>
[TestFixture]
internal sealed class OutputFileTests : CommandTestBase
{
    [TestCase("--plot", "a.wav", "--plot: ")]
    [TestCase("--plot", "./a.wav", "--plot: ")]
    [TestCase("--plot", "sub/../a.wav", "--plot: ")]
    public void Two_results_do_not_share_a_file(string option, string name, string message)
    {
        Directory.CreateDirectory(At("out/sub"));
        var result = Run("say", "Hi.", "-o", At("out/a.wav"), option, Path.Combine(At("out"), name), "--voice", StoppingVoice);
        AssertFails(result, ExitCode.WrongArguments, $"{message}'");
        Assert.That(Outputs(), Is.EqualTo(new[] { "sub" }));
    }

    [Test]
    public void Timestamps_do_not_replace_the_speech() => AssertFails(
        Run("say", "Hi.", "-o", At("out/a.srt"), "--timestamps", At("out/a.srt"), "--voice", StoppingVoice), ExitCode.WrongArguments, "--timestamps");

    [TestCase("say", "-f", "IN", "-o", "IN")]
    [TestCase("say", "Hi.", "--lexicon", "IN", "-o", "IN")]
    [TestCase("say", "-f", "IN", "-o", "OTHER", "--plot", "IN")]
    [TestCase("analyze", "IN", "-o", "IN")]
    [TestCase("vocode", "-m", "x", "--mel", "IN", "-o", "IN")]
    [TestCase("vocode", "-m", "x", "--mel", "x", "--noise", "IN", "-o", "IN")]
    [TestCase("mel", "-m", "x", "--ids", "IN", "-o", "IN")]
    [TestCase("bench", "--peer", "IN", "-o", "IN")]
    [TestCase("convert", "IN", "-o", ".")]
    public void What_is_read_is_not_replaced(params string[] arguments)
    {
        // The name of the file that convert writes.
        var input = At("out/model.safetensors");
        File.WriteAllText(input, "Precious.");
        string Named(string argument) => argument switch { "IN" => input, "OTHER" => At("out/b.wav"), "." => At("out"), _ => argument };
        AssertFails(Run([.. arguments.Select(Named)]), ExitCode.WrongArguments, "is also the file of");
        Assert.That(File.ReadAllText(input), Is.EqualTo("Precious."));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "links need rights there")]
    public void A_link_to_what_is_read_is_known()
    {
        File.WriteAllText(At("in.txt"), "Precious.");
        File.CreateSymbolicLink(At("out/link.wav"), At("in.txt"));
        AssertFails(
            Run("say", "-f", At("in.txt"), "-o", At("out/link.wav"), "--voice", StoppingVoice), ExitCode.WrongArguments, "is also the file of -f");
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "devices have no names in the file system there")]
    public void A_device_may_have_every_result()
    {
        var result = Run("say", "Hi.", "-o", "/dev/null", "--plot", "/dev/null", "--voice", StoppingVoice);
        Assert.That(result.Code, Is.Not.EqualTo(ExitCode.Failed).And.Not.EqualTo(ExitCode.WrongArguments), result.Error);
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "files have no such mode there")]
    public void Speech_keeps_the_mode_of_the_file_before_it()
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        foreach (var name in new[] { "a.wav", "a.png", "a.srt" })
        {
            File.WriteAllText(At($"out/{name}"), new string('x', 1_000_000));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(At($"out/{name}"), Private);
            }
        }

        Run("say", "Hi.", "-o", At("out/a.wav"), "--plot", At("out/a.png"), "--timestamps", At("out/a.srt"), "--voice", StoppingVoice);
        Assert.That(WavFile.Read(At("out/a.wav")).Samples, Is.Not.Empty);
        var modes = Outputs().Select(name => OperatingSystem.IsWindows() ? Private : File.GetUnixFileMode(At($"out/{name}")));
        Assert.That(modes, Is.All.EqualTo(Private));
    }

    [TestCase("436166e9206e61ef76652e", "Windows-1252")]
    [TestCase("fffe480069002e00", "")]
    [TestCase("efbbbf48692e", "")]
    public void A_text_file_of_another_encoding_is_read(string hex, string warning)
    {
        File.WriteAllBytes(At("in.txt"), Convert.FromHexString(hex));
        var result = Run("say", "-f", At("in.txt"), "-o", At("out/a.wav"), "--timestamps", At("out/a.srt"), "--voice", StoppingVoice);
        Assert.That(result.Error, Does.Contain(warning));
        Assert.That(File.ReadAllText(At("out/a.srt")), Does.Contain(hex.Length > 16 ? "Café naïve." : "Hi."));
    }

    [TestCase("/dev/zero")]
    [TestCase("/bin/sh")]
    [TestCase("/bin")]
    [Platform(Exclude = "Win", Reason = "these files are not there")]
    public void What_is_no_text_is_not_spoken(string path) =>
        AssertFails(Run("say", "-f", path, "-o", At("out/a.wav"), "--voice", StoppingVoice), ExitCode.Failed, path);

    [Test]
    public void A_voice_with_a_byte_order_mark_speaks()
    {
        var path = Path.Combine(StoppingVoice, Voice.ManifestName);
        File.WriteAllText(path, File.ReadAllText(path), new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Run("say", "Hi.", "-o", At("out/a.wav"), "--voice", StoppingVoice);
        Assert.That(Outputs(), Is.EqualTo(new[] { "a.wav" }));
    }
}
