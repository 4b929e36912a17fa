using System.Text.RegularExpressions;
using CudaTts.Compute.Cuda;

namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>The machine code that this build made, read once for all tests; they are skipped, with the reason, in a build that has none.</summary>
internal sealed partial class CompiledKernels
{
    private static readonly Lazy<CompiledKernels> s_all = new(() => new CompiledKernels());

    private CompiledKernels()
    {
        Resources = KernelResources.Parse(File.ReadAllText(Beside("ptxas.txt")));
        Kernels = Listings().AsParallel().AsOrdered().SelectMany(path => Listing.Parse(File.ReadLines(path)))
            .OrderBy(kernel => kernel.Name, StringComparer.Ordinal).ToList();
        var functions = new SourceFunctions(Checkout.Root);
        Loops = Kernels.AsParallel().AsOrdered().SelectMany(kernel => LoopFigures.OfLoops(kernel, functions)).ToList();
        Release = ReleaseLine().Match(KernelLibrary.PtxText(KernelLibrary.PtxNames()[0])).Groups[1].Value;
    }

    /// <summary>By name.</summary>
    public IReadOnlyList<KernelCode> Kernels { get; }

    public IReadOnlyList<LoopFigures> Loops { get; }

    public IReadOnlyDictionary<string, KernelResources> Resources { get; }

    /// <summary>The compiler's: 12.4.</summary>
    public string Release { get; }

    /// <summary>Where the table of this machine code is kept.</summary>
    public static string TablePath => Path.Combine(Checkout.Root, "kernels", "machine-code.md");

    public static CompiledKernels All()
    {
        if (!Listings().Any())
        {
            Assert.Ignore("This build has no listings of machine code, because nvcc or nvdisasm was not found; ./build.sh toolchain installs both.");
        }

        return s_all.Value;
    }

    // Those of files that are gone may still be there.
    private static IEnumerable<string> Listings() => Directory.Exists(Beside(""))
        ? KernelLibrary.PtxNames().SelectMany(name => Directory.EnumerateFiles(Beside(""), Path.ChangeExtension(name, "sm_90*.sass")))
        : [];

    private static string Beside(string name) => Path.Combine(AppContext.BaseDirectory, "kernels", name);

    [GeneratedRegex(@"^// Cuda compilation tools, release ([\d.]+)", RegexOptions.Multiline)]
    private static partial Regex ReleaseLine();
}
