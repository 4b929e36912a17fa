using System.Diagnostics;
using CudaTts.Cli;
using CudaTts.Tests.Pipeline;

namespace CudaTts.Tests.Cli;

/// <summary>What people really type and what disks really do: one clear line, the right exit code, nothing half-written.</summary>
[TestFixture]
internal sealed class BadInputTests : CommandTestBase
{
    [TestCase("")]
    [TestCase("  \n ")]
    [TestCase("\U0001F600\U0001F680")]
    [TestCase("...!?")]
    public void A_text_with_nothing_to_say(string text)
    {
        AssertFails(Run("say", text, "-o", At("out/a.wav"), "--voice", StoppingVoice), ExitCode.Failed, "nothing to say");
        Assert.That(Outputs(), Is.Empty);
    }

    [TestCase("say", "Hi.", "-o", "")]
    [TestCase("say", "Hi.", "--lexicon", "")]
    [TestCase("say", "Hi.", "--plot", "")]
    [TestCase("analyze", "a.wav", "-o", "")]
    [TestCase("bench", "--peer", "")]
    [TestCase("profile", "--trace", "")]
    public void An_empty_name(params string[] arguments) => AssertFails(
        Run(arguments), ExitCode.WrongArguments, "expected the name of a file or folder, found nothing");

    [Test]
    [Platform(Exclude = "Win", Reason = "devices have no names in the file system there")]
    public void A_device_is_not_replaced_by_a_file()
    {
        var result = Run("say", "Hi.", "-o", At("out/a.wav"), "--plot", "/dev/null", "--voice", StoppingVoice);
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done).Or.EqualTo(ExitCode.Incomplete), result.Error);
        Assert.That(File.ReadAllBytes("/dev/null"), Is.Empty);
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "links need rights there")]
    public void A_link_stays_a_link()
    {
        File.CreateSymbolicLink(At("link.png"), At("out/a.png"));
        Run("say", "Hi.", "-o", At("out/a.wav"), "--plot", At("link.png"), "--voice", StoppingVoice);
        Assert.That(new FileInfo(At("link.png")).LinkTarget, Is.EqualTo(At("out/a.png")));
        Assert.That(Outputs(), Is.EqualTo(new[] { "a.png", "a.wav" }));
    }

    [TestCase("Brrr, psst, hmm, tsk.")]
    [TestCase("Hello \U0001F600 there")]
    [TestCase("\U0001F600. Hello.")]
    public void A_text_that_is_odd_but_can_be_said(string text)
    {
        var english = TinyVoice.Create(At("english"), frontEnd: "english");
        var result = Run("say", text, "-o", At("out/a.wav"), "--voice", english);
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done).Or.EqualTo(ExitCode.Incomplete), result.Error);
        Assert.That(Outputs(), Is.EqualTo(new[] { "a.wav" }));
    }

    [TestCase("A hundred thousand letters, ")]
    [TestCase("x")]
    public void A_hundred_thousand_characters(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 100_000 / part.Length));
        File.WriteAllText(At("long.txt"), text);
        var result = Run("say", "-f", At("long.txt"), "-o", At("out/a.wav"), "--voice", StoppingVoice);
        Assert.That(result.Code, Is.EqualTo(ExitCode.Done).Or.EqualTo(ExitCode.Incomplete), result.Error);
        Assert.That(Outputs(), Is.EqualTo(new[] { "a.wav" }));
    }

    [Test]
    public void A_missing_voice() =>
        AssertFails(Run("say", "Hi.", "-o", At("out/a.wav"), "--voice", At("nowhere")), ExitCode.Failed, "there is no such voice folder");

    [Test]
    public void A_missing_text_file() =>
        AssertFails(Run("say", "-f", At("nowhere.txt"), "-o", At("out/a.wav"), "--voice", StoppingVoice), ExitCode.Failed, "nowhere.txt");

    [TestCase(0)]
    [TestCase(4)]
    [TestCase(100)]
    [TestCase(20_000)]
    public void A_truncated_model(int length)
    {
        using (var model = File.OpenWrite(Path.Combine(StoppingVoice, "acoustic", "model.safetensors")))
        {
            model.SetLength(length);
        }

        AssertFails(Run("say", "Hi.", "-o", At("out/a.wav"), "--voice", StoppingVoice), ExitCode.Failed, "model.safetensors");
        Assert.That(Outputs(), Is.Empty);
    }

    [Test]
    public void Weights_that_are_not_numbers()
    {
        var voice = TinyVoice.Create(At("nan"), spoiled: "decoder.linear_projection.linear_layer.weight");
        AssertFails(Run("say", "Hi.", "-o", At("out/a.wav"), "--voice", voice), ExitCode.Failed, "decoder.linear_projection.linear_layer.weight");
        Assert.That(Outputs(), Is.Empty);
    }

    [Test]
    public void An_output_folder_that_does_not_exist() =>
        AssertFails(Run("say", "Hi.", "-o", At("none/a.wav"), "--voice", StoppingVoice), ExitCode.Failed, "does not exist");

    [Test]
    public void An_output_that_is_a_folder()
    {
        Directory.CreateDirectory(At("out/a.wav"));
        AssertFails(Run("say", "Hi.", "-o", At("out/a.wav"), "--voice", StoppingVoice), ExitCode.Failed, "a.wav");
        Assert.That(Outputs(), Is.EqualTo(new[] { "a.wav" }));
    }

    [Test]
    public void A_read_only_output_folder()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            // The superuser may write anywhere but into the kernel's own file systems.
            AssertReadOnlyKernelFolder();
            return;
        }

        File.SetUnixFileMode(At("out"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        AssertFails(Run("say", "Hi.", "-o", At("out/a.wav"), "--voice", StoppingVoice), ExitCode.Failed, "a.wav");
        Assert.That(Outputs(), Is.Empty);
        File.SetUnixFileMode(At("out"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Test]
    public void A_full_disk()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("/dev/full, a disk that is always full, exists on Linux only");
        }

        AssertFails(Run("say", "Hi.", "-o", "/dev/full", "--voice", StoppingVoice), ExitCode.Failed, "/dev/full");
    }

    [Test]
    public void A_full_small_file_system_keeps_nothing_half_written()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || !TryMount(At("out"), "64k"))
        {
            Assert.Ignore("mounting a small tmpfs needs Linux and the right to mount");
        }

        try
        {
            var text = string.Concat(Enumerable.Repeat("Too long for this. ", 8));
            AssertFails(Run("say", text, "-o", At("out/a.wav"), "--voice", EndlessVoice), ExitCode.Failed, "a.wav");
            Assert.That(Outputs(), Is.Empty);
        }
        finally
        {
            Shell("umount", At("out"));
        }
    }

    [Test]
    public void Another_format_without_ffmpeg_or_with_an_unknown_one()
    {
        var result = Run("say", "Hi.", "-o", At("out/a.nonsense"), "--voice", StoppingVoice);
        AssertFails(result, ExitCode.Failed, ".nonsense");
        Assert.That(Outputs(), Is.Empty);
    }

    private void AssertReadOnlyKernelFolder()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("a read-only folder that stops an administrator exists on Linux only");
        }

        AssertFails(Run("say", "Hi.", "-o", "/proc/a.wav", "--voice", StoppingVoice), ExitCode.Failed, "/proc/a.wav");
    }

    private static bool TryMount(string folder, string size) => Shell("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", folder) == 0;

    private static int Shell(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
