using System.Collections.Concurrent;
using System.Reflection;
using CudaTts.Cuda;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// This project's kernels by name: from the PTX within this assembly or in the folder that <see cref="FolderVariable"/> names, or those of the
/// emulated device.
/// </summary>
internal sealed class KernelLibrary : IDisposable
{
    /// <summary>Environment variable: a folder of PTX, compiled elsewhere from the same sources, that is used instead of this assembly's.</summary>
    public const string FolderVariable = "CUDATTS_KERNELS";

    private const string ResourcePrefix = "CudaTts.Kernels.";
    private readonly CudaModule[] _modules;
    private readonly Dictionary<string, CudaModule> _moduleOf = [];
    private readonly ConcurrentDictionary<string, CudaKernel> _kernels = [];

    /// <exception cref="CudaTtsException">This build has no PTX.</exception>
    /// <exception cref="CudaException">The driver refuses it.</exception>
    public KernelLibrary(CudaContext context)
    {
        _modules = CudaDriver.Kind == DriverKind.Emulated
            ? [CudaModule.Emulated(context)]
            : [.. PtxTexts().Select(file => new CudaModule(context, file.Name, file.Text))];
        if (_modules.Length == 0)
        {
            throw new CudaTtsException("this build has no CUDA kernels, because nvcc was not found when it was made; run ./build.sh toolchain, then ./build.sh build.");
        }

        foreach (var module in _modules)
        {
            foreach (var kernel in module.KernelNames)
            {
                _moduleOf.Add(kernel, module);
            }
        }
    }

    /// <summary>Names of the PTX files within this assembly.</summary>
    public static IEnumerable<string> PtxResources() =>
        typeof(KernelLibrary).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal));

    /// <summary>Names and texts of the PTX files that a GPU is given.</summary>
    /// <exception cref="CudaTtsException">The folder that <see cref="FolderVariable"/> names has none.</exception>
    public static IReadOnlyList<(string Name, string Text)> PtxTexts()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is not { Length: > 0 } folder)
        {
            return [.. PtxResources().Select(name => (name[ResourcePrefix.Length..], ReadText(name)))];
        }

        string[] paths = Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.ptx").Order(StringComparer.Ordinal)] : [];
        return paths.Length > 0
            ? [.. paths.Select(path => (Path.GetFileName(path), File.ReadAllText(path)))]
            : throw new CudaTtsException($"{FolderVariable}: expected a folder with PTX files; found none in '{folder}'.");
    }

    /// <summary>The kernel of a name.</summary>
    /// <exception cref="CudaTtsException">There is none.</exception>
    public CudaKernel this[string name] => _kernels.GetOrAdd(name, static (wanted, modules) =>
        modules.TryGetValue(wanted, out var module) ? module.Kernel(wanted) : throw new CudaTtsException($"this build has no kernel '{wanted}'; build it again."), _moduleOf);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var module in _modules)
        {
            module.Dispose();
        }
    }

    private static string ReadText(string resource)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
