using System.Diagnostics;
using CudaTts.Files;

namespace CudaTts.Tests.Files;

/// <summary>The one writer of files: whole or not at all, in the place that the name leads to.</summary>
[TestFixture]
internal sealed class AtomicFilesTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void A_file_is_replaced_by_one_that_is_shorter()
    {
        File.WriteAllText(At("a"), "a long old text");
        Write(At("a"), "new");
        Assert.That(File.ReadAllText(At("a")), Is.EqualTo("new"));
        Assert.That(Names(), Is.EqualTo(new[] { "a" }));
    }

    [TestCase(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [TestCase(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead)]
    [TestCase(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)]
    [TestCase(UnixFileMode.UserWrite | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite)]
    [Platform(Exclude = "Win", Reason = "files have no such mode there")]
    public void A_file_keeps_its_mode(UnixFileMode mode)
    {
        File.WriteAllText(At("a"), "old");
        Restrict(At("a"), mode);
        Write(At("a"), "new");
        Assert.That(ModeOf(At("a")), Is.EqualTo(mode));
    }

    [TestCase(200)]
    [TestCase(251)]
    [TestCase(255)]
    public void A_name_may_be_as_long_as_the_file_system_takes(int length)
    {
        Write(At(new string('x', length)), "text");
        Assert.That(Names(), Is.EqualTo(new[] { new string('x', length) }));
    }

    [Test]
    public void A_name_that_is_too_long_is_refused_in_words() =>
        Assert.That(() => Write(At(new string('x', 256)), "text"), Throws.TypeOf<FileException>().With.Message.Not.Contains("System"));

    [TestCase("link", "target")]
    [TestCase("link", "sub/target")]
    [TestCase("link", "./sub/../target")]
    [TestCase("sub/link", "../target")]
    [Platform(Exclude = "Win", Reason = "links need rights there")]
    public void A_link_is_followed_whether_it_leads_to_a_file_or_not(string link, string target)
    {
        Directory.CreateDirectory(At("sub"));
        File.CreateSymbolicLink(At(link), target);
        var written = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(At(link))!, target));
        Write(At(link), "first");
        Write(At(link), "second");
        Assert.That(File.ReadAllText(written), Is.EqualTo("second"));
        Assert.That(new FileInfo(At(link)).LinkTarget, Is.EqualTo(target));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "links need rights there")]
    public void The_folder_above_a_linked_folder_is_the_one_above_what_it_leads_to()
    {
        Directory.CreateDirectory(At("deep/er"));
        Directory.CreateSymbolicLink(At("short"), "deep/er");
        File.CreateSymbolicLink(At("deep/er/link"), "../target");
        Write(At("short/link"), "text");
        Assert.That(File.ReadAllText(At("deep/target")), Is.EqualTo("text"));
        Assert.That(AtomicFiles.TargetOf(At("short/../x")), Is.EqualTo(AtomicFiles.TargetOf(At("deep/x"))));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "links need rights there")]
    public void Links_in_a_circle_are_refused()
    {
        File.CreateSymbolicLink(At("a"), "b");
        File.CreateSymbolicLink(At("b"), "a");
        Assert.That(() => Write(At("a"), "text"), Throws.TypeOf<FileException>().With.Message.Contains("circle"));
        Assert.That(() => AtomicFiles.TargetOf(At("a")), Throws.TypeOf<FileException>());
    }

    [TestCase("", "found nothing")]
    [TestCase("a\0b", "NUL")]
    [TestCase("folder", "a folder of that name")]
    [TestCase("none/a", "folder does not exist")]
    public void What_cannot_be_a_file_is_refused(string name, string reason)
    {
        Directory.CreateDirectory(At("folder"));
        var path = name.Length == 0 ? "" : Path.Combine(At(""), name);
        Assert.That(() => Write(path, "text"), Throws.TypeOf<FileException>().With.Message.Contains(reason));
        Assert.That(Names(), Is.EqualTo(new[] { "folder" }));
    }

    [Test]
    public void Of_a_failure_nothing_is_left()
    {
        File.WriteAllText(At("a"), "old");
        Assert.That(
            () => AtomicFiles.Write((At("a"), stream => throw new IOException("no more paper"))),
            Throws.TypeOf<IOException>().With.Message.EqualTo("no more paper"), "what is not the file's is not told as the file's");
        Assert.That(() => AtomicFiles.Write((At("a"), _ => throw new InvalidOperationException())), Throws.InvalidOperationException);
        Assert.That(File.ReadAllText(At("a")), Is.EqualTo("old"));
        Assert.That(Names(), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void Two_files_are_replaced_both()
    {
        File.WriteAllText(At("a"), "old a");
        AtomicFiles.Write((At("a"), Text("new a")), (At("b"), Text("new b")));
        Assert.That(File.ReadAllText(At("a")) + File.ReadAllText(At("b")), Is.EqualTo("new anew b"));
        Assert.That(Names(), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public void The_file_that_cannot_get_its_name_is_named() => Assert.That(
        () => AtomicFiles.Write((At("a"), _ => Directory.CreateDirectory(At("a/c"))), (At("b"), Text("new b"))),
        Throws.TypeOf<FileException>().With.Message.Contains($"{At("a")}: cannot be written"));

    [Test]
    [Platform("Linux", Reason = "/dev/full is Linux's")]
    public void A_disk_that_is_full_is_told_with_the_file() => Assert.That(
        () => Write("/dev/full", new string('x', 100_000)),
        Throws.TypeOf<FileException>().With.Message.EqualTo("/dev/full: cannot be written: no space is left on the disk."));

    [TestCase(true)]
    [TestCase(false)]
    public void Two_files_are_replaced_both_or_none(bool isThere)
    {
        if (isThere)
        {
            File.WriteAllText(At("a"), "old a");
        }

        // The second name is taken while the files are written: its rename fails after the first one's.
        Assert.That(
            () => AtomicFiles.Write((At("a"), Text("new a")), (At("b"), _ => Directory.CreateDirectory(At("b/c")))), Throws.TypeOf<FileException>());
        Assert.That(Names(), Is.EqualTo(isThere ? new[] { "a", "b" } : ["b"]));
        Assert.That(!isThere || File.ReadAllText(At("a")) == "old a");
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "devices have no names in the file system there")]
    public void A_device_is_written_into_and_stays()
    {
        Write("/dev/null", "text");
        File.CreateSymbolicLink(At("link"), "/dev/null");
        Write(At("link"), "text");
        Assert.That(new FileInfo(At("link")).LinkTarget, Is.EqualTo("/dev/null"));
        Assert.That(FilePlace.KindOf("/dev/null"), Is.EqualTo(FileKind.Other));
        Assert.That(AtomicFiles.IsWrittenInto(At("link")));
    }

    [Test]
    [Platform("Linux", Reason = "mknod needs Linux and its superuser")]
    public void A_device_outside_of_dev_is_written_into()
    {
        if (Command("mknod", At("null"), "c", "1", "3") != 0)
        {
            Assert.Ignore("mknod needs the right to make devices");
        }

        Write(At("null"), "text");
        Assert.That(FilePlace.KindOf(At("null")), Is.EqualTo(FileKind.Other));
        Assert.That(Names(), Is.EqualTo(new[] { "null" }));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "pipes have no names in the file system there")]
    public async Task A_pipe_is_written_into()
    {
        Assert.That(Command("mkfifo", At("pipe")), Is.Zero);
        var reading = Task.Run(() => File.ReadAllText(At("pipe")));
        Write(At("pipe"), "text");
        Assert.That(await reading, Is.EqualTo("text"));
        Assert.That(FilePlace.KindOf(At("pipe")), Is.EqualTo(FileKind.Other));
    }

    [Test]
    [Platform("Linux", Reason = "shared memory is a folder there")]
    public void A_folder_of_shared_memory_is_like_any_other()
    {
        var path = $"/dev/shm/cudatts-test-{Guid.NewGuid():N}";
        try
        {
            Write(path, "a long old text");
            Write(path, "new");
            Assert.That(File.ReadAllText(path), Is.EqualTo("new"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    [Platform("Linux", Reason = "a disk that is always full exists there")]
    public void A_full_disk_is_said_and_known() => Assert.That(
        () => Write("/dev/full", "text"),
        Throws.TypeOf<FileException>().With.Message.Contains("no space is left").And.Property(nameof(FileException.IsDiskFull)).True);

    [Test]
    [Platform(Exclude = "Win", Reason = "the superuser may write anything there too")]
    public void A_protected_file_is_not_replaced()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("the superuser may write protected files");
        }

        File.WriteAllText(At("a"), "old");
        Restrict(At("a"), UnixFileMode.UserRead);
        Assert.That(() => Write(At("a"), "new"), Throws.TypeOf<FileException>().With.Message.Contains("permission"));
        Assert.That(File.ReadAllText(At("a")), Is.EqualTo("old"));
    }

    [Test]
    public void A_writer_by_name_gets_the_extension_and_leaves_nothing()
    {
        var name = "";
        AtomicFiles.WriteNamed(At("a.mp3"), path =>
        {
            name = path;
            File.WriteAllText(path, "sound");
        });
        Assert.That(Path.GetExtension(name), Is.EqualTo(".mp3"));
        Assert.That(File.ReadAllText(At("a.mp3")), Is.EqualTo("sound"));
        Assert.That(() => AtomicFiles.WriteNamed(At("b.mp3"), _ => throw new FileException("no")), Throws.TypeOf<FileException>());
        Assert.That(Names(), Is.EqualTo(new[] { "a.mp3" }));
    }

    [Test]
    public void Folders_that_were_made_for_files_go_with_them()
    {
        Assert.That(
            () => AtomicFiles.WriteFolder(At("a/b"), ("x", Text("one")), ("y", _ => throw new FormatException("no"))),
            Throws.TypeOf<FormatException>());
        Assert.That(Names(), Is.Empty);
        AtomicFiles.WriteFolder(At("a/b"), ("x", Text("one")), ("y", Text("two")));
        Assert.That(File.ReadAllText(At("a/b/y")), Is.EqualTo("two"));
    }

    [Test]
    public void A_folder_that_was_there_stays_as_it_was()
    {
        AtomicFiles.WriteFolder(At("a"), ("x", Text("old")));
        Directory.CreateDirectory(At("empty"));
        foreach (var folder in (string[])["a", "empty"])
        {
            Assert.That(
                () => AtomicFiles.WriteFolder(At(folder), ("x", Text("new")), ("y", _ => throw new FormatException("no"))),
                Throws.TypeOf<FormatException>());
        }

        Assert.That(Directory.GetFileSystemEntries(At("empty")), Is.Empty);
        Assert.That(Directory.GetFileSystemEntries(At("a")), Is.EqualTo(new[] { At("a/x") }));
        Assert.That(File.ReadAllText(At("a/x")), Is.EqualTo("old"));
    }

    [Test]
    public void A_folder_that_cannot_be_made_leaves_none_of_those_around_it()
    {
        Assert.That(
            () => AtomicFiles.WriteFolder(At($"a/b/{new string('x', 300)}"), ("x", Text("one"))),
            Throws.TypeOf<FileException>().With.Message.Contain("the name is too long"));
        Assert.That(Names(), Is.Empty);
    }

    private static Action<Stream> Text(string text) => stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text));

    private static void Write(string path, string text) => AtomicFiles.Write((path, Text(text)));

    private static void Restrict(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);

    private static int Command(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    private string At(string name) => _folder.Path(name);

    private string[] Names() => [.. Directory.GetFileSystemEntries(At("")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
