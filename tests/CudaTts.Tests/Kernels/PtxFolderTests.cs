using CudaTts.Compute.Cuda;

namespace CudaTts.Tests.Kernels;

/// <summary>Kernels from a folder instead of from the assembly.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class PtxFolderTests
{
    [TearDown]
    public void Forget() => Environment.SetEnvironmentVariable(KernelLibrary.FolderVariable, null);

    [Test]
    public void A_folders_files_replace_the_assemblys()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Path("two.ptx"), "second");
        File.WriteAllText(folder.Path("one.ptx"), "first");
        File.WriteAllText(folder.Path("notes.txt"), "not a kernel");
        Environment.SetEnvironmentVariable(KernelLibrary.FolderVariable, folder.Path("."));

        Assert.That(KernelLibrary.PtxNames().Select(name => (name, KernelLibrary.PtxText(name), KernelLibrary.MachineCode(name))),
            Is.EqualTo(new (string, string, byte[]?)[] { ("one.ptx", "first", null), ("two.ptx", "second", null) }));
    }

    [Test]
    public void A_folder_without_kernels_is_an_error_that_names_it([Values(".", "missing")] string name)
    {
        using var folder = new TemporaryFolder();
        Environment.SetEnvironmentVariable(KernelLibrary.FolderVariable, folder.Path(name));

        Assert.That(
            KernelLibrary.PtxNames,
            Throws.InstanceOf<CudaTtsException>().With.Message.Contains(folder.Path(name)).And.Message.Contains(KernelLibrary.FolderVariable));
    }

    [Test]
    public void Line_information_has_no_path_of_the_machine_that_compiled_it()
    {
        var files = KernelLibrary.PtxNames().SelectMany(name => KernelLibrary.PtxText(name).Split('\n'))
            .Where(line => line.Contains(".file", StringComparison.Ordinal)).ToList();
        if (files.Count == 0 || OperatingSystem.IsWindows())
        {
            Assert.Ignore("this build has no PTX, or was made where its paths stay as they are");
        }

        Assert.That(files, Is.All.Contain("\"kernels/").Or.Contain("\"cuda/"));
    }
}
