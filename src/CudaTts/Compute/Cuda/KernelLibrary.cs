using System.Collections.Concurrent;
using System.Reflection;
using CudaTts.Cuda;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// This project's kernels by name: those within this assembly, as machine code where the device has one of the architectures it was compiled for and
/// as PTX otherwise; or the PTX in the folder that <see cref="FolderVariable"/> names; or those of the emulated device. A file is loaded when the
/// first of its kernels is wanted.
/// </summary>
internal sealed class KernelLibrary : IDisposable
{
    /// <summary>Environment variable: a folder of PTX, compiled elsewhere from the same sources, that is used instead of this assembly's.</summary>
    public const string FolderVariable = "CUDATTS_KERNELS";

    private const string ResourcePrefix = "CudaTts.Kernels.";
    private const string PtxExtension = ".ptx";
    private static readonly Version s_hopper = new(9, 0);
    private readonly List<KernelFile> _files = [];
    private readonly Dictionary<string, KernelFile> _fileOf = [];
    private readonly ConcurrentDictionary<string, CudaKernel> _kernels = [];

    /// <exception cref="CudaTtsException">This build has no PTX.</exception>
    public KernelLibrary(CudaContext context)
    {
        if (CudaDriver.Kind == DriverKind.Emulated)
        {
            var file = new KernelFile(() => CudaModule.Emulated(context));
            Add(file, file.Module().Signatures);
            return;
        }

        foreach (var name in PtxNames().Where(name => RunsOn(name, context.ComputeCapability)))
        {
            var signatures = PtxSignature.Parse(PtxText(name));
            Add(new KernelFile(() => Load(context, name, signatures)), signatures);
        }

        if (_files.Count == 0)
        {
            throw new CudaTtsException(
                "this build has no CUDA kernels, because nvcc was not found when it was made; run ./build.sh toolchain, then ./build.sh build.");
        }
    }

    /// <summary>Names of the PTX files within this assembly.</summary>
    public static IEnumerable<string> PtxResources() => typeof(KernelLibrary).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal) && name.EndsWith(PtxExtension, StringComparison.Ordinal));

    /// <summary>Names of the PTX files that a GPU is given.</summary>
    /// <exception cref="CudaTtsException">The folder that <see cref="FolderVariable"/> names has none.</exception>
    public static IReadOnlyList<string> PtxNames()
    {
        if (Folder is not { } folder)
        {
            return [.. PtxResources().Select(name => name[ResourcePrefix.Length..])];
        }

        string[] paths = Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*" + PtxExtension).Order(StringComparer.Ordinal)] : [];
        return paths.Length > 0
            ? [.. paths.Select(path => Path.GetFileName(path))]
            : throw new CudaTtsException($"{FolderVariable}: expected a folder with PTX files; found none in '{folder}'.");
    }

    /// <summary>
    /// Whether a file of kernels is for a device: NAME_sm90 from compute capability 9.0 on;
    /// NAME_sm90a on 9.0 alone, because what architecture-specific code has, later devices need not
    /// have; all others everywhere. The rule of kernels/Kernels.targets, which compiles them so.
    /// </summary>
    public static bool RunsOn(string ptxName, Version capability)
    {
        var name = Path.GetFileNameWithoutExtension(ptxName);
        return name.EndsWith("_sm90a", StringComparison.Ordinal) ? capability == s_hopper : !name.EndsWith("_sm90", StringComparison.Ordinal)
            || capability >= s_hopper;
    }

    /// <summary>The text of one of them.</summary>
    public static string PtxText(string name)
    {
        if (Folder is { } folder)
        {
            return File.ReadAllText(Path.Combine(folder, name));
        }

        using var reader = new StreamReader(Resource(name)!);
        return reader.ReadToEnd();
    }

    /// <summary>Machine code for several architectures that was made of a PTX file of this assembly; nothing for a file of the folder.</summary>
    public static byte[]? MachineCode(string ptxName)
    {
        using var stream = Folder is null ? Resource(Path.ChangeExtension(ptxName, ".fatbin")) : null;
        if (stream is null)
        {
            return null;
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Whether there is a kernel of a name for this device.</summary>
    public bool Has(string name) => _fileOf.ContainsKey(name);

    /// <summary>The kernel of a name.</summary>
    /// <exception cref="CudaTtsException">There is none, or none for this device.</exception>
    /// <exception cref="CudaException">The driver refuses its file.</exception>
    public CudaKernel this[string name] => _kernels.GetOrAdd(name, static (wanted, files) => files.TryGetValue(wanted, out var file)
        ? file.Module().Kernel(wanted)
        : throw new CudaTtsException($"this build has no kernel '{wanted}'; build it again."), _fileOf);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }

    private static string? Folder => Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder ? folder : null;

    private static Stream? Resource(string name) => Assembly.GetExecutingAssembly().GetManifestResourceStream(ResourcePrefix + name);

    // Compiling all of the PTX takes the driver some ten seconds, and where it cannot keep the result (a fresh container) it does so every time.
    private static CudaModule Load(CudaContext context, string name, IReadOnlyList<PtxSignature> signatures)
    {
        if (MachineCode(name) is { } image)
        {
            try
            {
                return new CudaModule(context, name, image, signatures);
            }
            catch (CudaException error) when (error.Result is CUresult.NoBinaryForGpu or CUresult.InvalidImage)
            {
                // Another architecture, or a driver that does not know this form: it compiles the PTX.
            }
        }

        return new CudaModule(context, name, PtxText(name));
    }

    private void Add(KernelFile file, IReadOnlyList<PtxSignature> signatures)
    {
        _files.Add(file);
        foreach (var signature in signatures)
        {
            _fileOf.Add(signature.Name, file);
        }
    }

    /// <summary>Loaded once, by whoever comes first; one that could not be, for want of memory say, is tried again.</summary>
    private sealed class KernelFile(Func<CudaModule> load) : IDisposable
    {
        private readonly Lock _lock = new();
        private CudaModule? _module;

        public CudaModule Module()
        {
            lock (_lock)
            {
                return _module ??= load();
            }
        }

        public void Dispose() => _module?.Dispose();
    }
}
