using System.Globalization;
using System.Text.RegularExpressions;
using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;

namespace CudaTts.Tests.Kernels;

/// <summary>What nvcc and ptxas made of the kernels; skipped, with the reason, in a build without nvcc.</summary>
[TestFixture]
internal sealed partial class PtxTests
{
    private const string Spill = "0 bytes stack frame, 8 bytes spill stores, 8 bytes spill loads";

    // Kernels that may spill or have a stack frame, and why. None does.
    private static readonly Dictionary<string, string> s_allowed = [];

    [Test]
    public void Ptx_has_the_emulated_devices_kernels_with_the_same_signatures()
    {
        // Launchers are held to the emulated device's signatures by every launch in these tests.
        var emulated = CudaModule.Emulated(TestDevice.Open(Precision.Full).Context).Signatures.ToDictionary(signature => signature.Name);
        var compiled = PtxTexts().SelectMany(PtxSignature.Parse).ToDictionary(signature => signature.Name);
        Assert.That(compiled.Keys, Is.EquivalentTo(emulated.Keys));
        Assert.That(compiled.Values.Where(signature => signature != emulated[signature.Name]), Is.Empty);
    }

    [Test]
    public void Ptx_is_for_the_architecture_that_its_file_name_says()
    {
        _ = PtxTexts();
        Assert.That(
            KernelLibrary.PtxNames().Select(name => (name, Target().Match(KernelLibrary.PtxText(name)).Groups[1].Value)),
            Is.EqualTo(KernelLibrary.PtxNames().Select(name => (name, TargetOf(name)))));
    }

    [TestCase("conv1d.ptx", "8.0 8.6 9.0 10.0")]
    [TestCase("sm90.ptx", "8.0 8.6 9.0 10.0")]
    [TestCase("conv1d_sm90.ptx", "9.0 10.0")]
    [TestCase("conv1d_sm90a.ptx", "9.0")]
    [TestCase("conv1d_sm90b.ptx", "8.0 8.6 9.0 10.0")]
    public void A_file_of_kernels_is_for_the_devices_that_its_name_says(string name, string capabilities) =>
        Assert.That(
            new[] { "8.0", "8.6", "9.0", "10.0" }.Where(capability => KernelLibrary.RunsOn(name, Version.Parse(capability))),
            Is.EqualTo(capabilities.Split(' ')));

    [Test]
    public void Every_file_has_machine_code_too()
    {
        // What a fat binary begins with, as the fatbinary of CUDA 11 and 12 writes it.
        byte[] magic = [0x50, 0xED, 0x55, 0xBA];
        _ = PtxTexts();
        Assert.That(KernelLibrary.PtxNames().Select(name => KernelLibrary.MachineCode(name)?[..4]), Is.All.EqualTo(magic));
    }

    [Test]
    public void No_kernel_spills_or_has_a_stack_frame()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "kernels", "ptxas.txt");
        if (!File.Exists(path))
        {
            Assert.Ignore("This build has no report of ptxas, because nvcc was not found; ./build.sh toolchain installs it.");
        }

        var report = File.ReadAllText(path);
        _ = PtxTexts();
        var compiled = KernelLibrary.PtxNames()
            .Sum(name => PtxSignature.Parse(KernelLibrary.PtxText(name)).Count * (TargetOf(name) == "sm_80" ? 2 : 1));
        Assert.That(Compiled().Count(report), Is.GreaterThanOrEqualTo(compiled),
            "every kernel, for each architecture that its file has machine code for");
        Assert.That(Spilling(report).Where(name => !s_allowed.ContainsKey(name)), Is.Empty);
    }

    [Test]
    public void A_spill_is_seen()
    {
        var report = $"""
            ptxas info    : Compiling entry function 'first_f32' for 'sm_80'
            ptxas info    : Function properties for first_f32
            0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
            ptxas info    : Compiling entry function 'second_f32' for 'sm_80'
            ptxas info    : Function properties for second_f32
            {Spill}
            """;
        Assert.That(Spilling(report), Is.EqualTo(new[] { "second_f32" }));
    }

    private static string TargetOf(string name) =>
        Path.GetFileNameWithoutExtension(name).Split('_')[^1] switch { "sm90" => "sm_90", "sm90a" => "sm_90a", _ => "sm_80" };

    private static IEnumerable<string> Spilling(string report) => Properties().Matches(report)
        .Where(match => match.Groups.Values.Skip(2).Any(bytes => int.Parse(bytes.Value, CultureInfo.InvariantCulture) > 0))
        .Select(match => match.Groups[1].Value)
        .Distinct();

    private static List<string> PtxTexts()
    {
        var texts = KernelLibrary.PtxNames().Select(KernelLibrary.PtxText).ToList();
        if (texts.Count == 0)
        {
            Assert.Ignore("This build has no PTX, because nvcc was not found; ./build.sh toolchain installs it.");
        }

        return texts;
    }

    [GeneratedRegex(@"^\.target (\w+)", RegexOptions.Multiline)]
    private static partial Regex Target();

    [GeneratedRegex("Compiling entry function")]
    private static partial Regex Compiled();

    [GeneratedRegex(@"Function properties for (\w+)\s+(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")]
    private static partial Regex Properties();
}
