using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using CudaTts.Cuda;
using CudaTts.Cuda.Interop;

namespace CudaTts.Tests.Cuda;

/// <summary>The bindings against the toolkit's cuda.h: entry points and their revisions, values of enumerations.</summary>
[TestFixture]
internal sealed partial class CudaHeaderTests
{
    private static readonly Assembly s_bindings = typeof(CudaDriver).Assembly;

    // Names of ours that cuda.h spells otherwise than the rule of Expected makes of them.
    private static readonly Dictionary<string, string> s_spelled = new()
    {
        ["CUresult.InvalidContext"] = "CUDA_ERROR_INVALID_CONTEXT",
        ["CUresult.Success"] = "CUDA_SUCCESS",
        ["DeviceAttribute.MaxThreadsPerMultiprocessor"] = "CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR",
    };

    [Test]
    public void Every_function_is_declared_in_the_revision_that_is_bound()
    {
        var names = EntryPoints();
        Assert.That(names, Has.Count.GreaterThan(40));
        Assert.That(names.Where(name => !IsDeclared(Header(), name)), Is.Empty);
    }

    [Test]
    public void No_function_is_bound_in_an_older_revision_than_the_headers()
    {
        // Where cuda.h has "#define cuMemAlloc cuMemAlloc_v2", the plain symbol is an older function with other types.
        var newer = Revision().Matches(Header()).Select(match => (Old: match.Groups[1].Value, New: match.Groups[2].Value))
            .ToLookup(pair => pair.Old, pair => pair.New);
        Assert.That(EntryPoints().Where(newer.Contains).Select(name => $"{name}: the header has {string.Join(", ", newer[name])}"), Is.Empty);
    }

    [TestCase(typeof(CUresult), "CUDA_ERROR_")]
    [TestCase(typeof(DeviceAttribute), "CU_DEVICE_ATTRIBUTE_")]
    [TestCase(typeof(FunctionAttribute), "CU_FUNC_ATTRIBUTE_")]
    public void Values_are_the_headers(Type enumeration, string prefix)
    {
        var values = Values(Header());
        var known = Enum.GetNames(enumeration).Select(name => (Name: name, Header: Expected(values, enumeration, prefix, name))).ToList();

        Assert.That(known.Where(pair => pair.Header is null).Select(pair => pair.Name), Is.Empty, "no such name");
        Assert.That(known.Where(pair => values[pair.Header!] != Number(enumeration, pair.Name))
            .Select(pair => $"{pair.Name} is {values[pair.Header!]}"), Is.Empty);
    }

    [Test]
    public void Values_that_bear_the_headers_names_are_the_headers()
    {
        var values = Values(Header());
        var ours = s_bindings.GetTypes().Where(type => type.IsEnum)
            .SelectMany(type => Enum.GetNames(type).Where(name => name.StartsWith("CU_", StringComparison.Ordinal))
                .Select(name => (Name: name, Value: Number(type, name))))
            .ToList();

        Assert.That(ours.Where(value => !values.TryGetValue(value.Name, out var number) || number != value.Value), Is.Empty);
    }

    [Test]
    public void A_launch_in_clusters_is_laid_out_as_in_the_header()
    {
        Assert.That(Ours(typeof(CUlaunchConfig)), Is.EqualTo(Fields(Header(), nameof(CUlaunchConfig))));
        Assert.That(Unsafe.SizeOf<CUlaunchConfig>(), Is.EqualTo(56));

        // "char pad[8 - sizeof(CUlaunchAttributeID)]" puts the value at 8; it is a
        // union of 64 bytes, in which a cluster's dimensions and a flag are at 0.
        Assert.That(Header(), Does.Match(
            @"struct CUlaunchAttribute_st \{\s*CUlaunchAttributeID id;[^;}]*?char pad\[8 - sizeof\(CUlaunchAttributeID\)\];\s*"
            + "CUlaunchAttributeValue value;"));
        Assert.That(Header(), Does.Match(@"union CUlaunchAttributeValue_union \{\s*char pad\[64\];"));
        Assert.That(Header(), Does.Match(@"struct \{\s*unsigned int x;\s*unsigned int y;\s*unsigned int z;\s*\} clusterDim;"));
        Assert.That(Ours(typeof(CUlaunchAttribute)), Is.EqualTo(new[] { ("id", 0), ("x", 8), ("y", 12), ("z", 16) }));
        Assert.That(Unsafe.SizeOf<CUlaunchAttribute>(), Is.EqualTo(8 + 64));
    }

    [Test]
    public void Another_layout_is_seen()
    {
        const string Excerpt = """
            typedef struct CUlaunchConfig_st {
                unsigned int gridDimX; /**< Width; of the grid */
                CUstream hStream;
                unsigned int numAttrs;
            } CUlaunchConfig;
            """;
        Assert.That(Fields(Excerpt, nameof(CUlaunchConfig)), Is.EqualTo(new[] { ("griddimx", 0), ("hstream", 8), ("numattrs", 16) }));
        Assert.That(Ours(typeof(CUlaunchConfig)), Is.Not.EqualTo(Fields(Excerpt, nameof(CUlaunchConfig))));
    }

    [Test]
    public void A_wrong_value_a_missing_function_and_an_old_revision_are_seen()
    {
        const string Excerpt = """
            #define cuMemAlloc cuMemAlloc_v2
            typedef enum cudaError_enum { CUDA_ERROR_INVALID_VALUE = 7, CU_LAST = 0x10 } CUresult;
            CUresult CUDAAPI cuMemAlloc(CUdeviceptr *dptr, size_t bytesize);
            """;
        var values = Values(Excerpt);

        Assert.That(values[Expected(values, typeof(CUresult), "CUDA_ERROR_", nameof(CUresult.InvalidValue))!],
            Is.Not.EqualTo(Number(typeof(CUresult), nameof(CUresult.InvalidValue))));
        Assert.That(values["CU_LAST"], Is.EqualTo(16));
        Assert.That(IsDeclared(Excerpt, "cuMemAlloc_v2"), Is.True);
        Assert.That(IsDeclared(Excerpt, "cuMemFree_v2"), Is.False);
        Assert.That(Revision().Match(Excerpt).Groups[2].Value, Is.EqualTo("cuMemAlloc_v2"));
    }

    // LibraryImport leaves its entry point in the DllImport that it generates.
    private static List<string> EntryPoints() =>
    [
        .. s_bindings.GetTypes().SelectMany(
            type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<DllImportAttribute>())
            .Where(import => import?.Value == "cuda" && import.EntryPoint!.StartsWith("cu", StringComparison.Ordinal))
            .Select(import => import!.EntryPoint!)
            .Where(name => !name.StartsWith("cudatts_", StringComparison.Ordinal))
            .Distinct(),
    ];

    private static bool IsDeclared(string header, string name) =>
        Regex.IsMatch(header, $@"\bCUDAAPI\s+{name}\s*\(") || Revision().Matches(header).Any(match => match.Groups[2].Value == name);

    private static List<(string Name, int Offset)> Ours(Type type) =>
        [.. type.GetFields().Select(field => (field.Name.ToLowerInvariant(), (int)Marshal.OffsetOf(type, field.Name)))];

    // A structure of unsigned numbers, pointers and handles, which are pointers, laid out as C does.
    private static List<(string Name, int Offset)> Fields(string header, string name)
    {
        var body = Regex.Match(header, $@"typedef struct {name}_st \{{(.*?)\}} {name};", RegexOptions.Singleline).Groups[1].Value;
        var fields = new List<(string Name, int Offset)>();
        var end = 0;
        foreach (Match match in Field().Matches(Comment().Replace(body, "")))
        {
            var size = match.Groups[1].Value == "unsigned int" ? sizeof(uint) : 8;
            var offset = (end + size - 1) / size * size;
            fields.Add((match.Groups[2].Value.ToLowerInvariant(), offset));
            end = offset + size;
        }

        return fields;
    }

    private static long Number(Type enumeration, string name) => Convert.ToInt64(Enum.Parse(enumeration, name), CultureInfo.InvariantCulture);

    // MaxSharedMemoryPerBlockOptin is MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: the same letters, wherever the header puts its underscores.
    private static string? Expected(Dictionary<string, long> values, Type enumeration, string prefix, string name) =>
        s_spelled.TryGetValue($"{enumeration.Name}.{name}", out var spelled)
            ? spelled
            : values.Keys.FirstOrDefault(key => key.StartsWith(prefix, StringComparison.Ordinal)
                && key[prefix.Length..].Replace("_", "", StringComparison.Ordinal).Equals(name, StringComparison.OrdinalIgnoreCase));

    private static Dictionary<string, long> Values(string header)
    {
        var values = new Dictionary<string, long>();
        foreach (Match match in Value().Matches(header))
        {
            var text = match.Groups[2].Value;
            values.TryAdd(match.Groups[1].Value, text.StartsWith("0x", StringComparison.Ordinal)
                ? long.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                : long.Parse(text, CultureInfo.InvariantCulture));
        }

        return values;
    }

    private static string Header()
    {
        var path = Folders().Select(folder => Path.Combine(folder, "include", "cuda.h")).FirstOrDefault(File.Exists);
        if (path is null)
        {
            const string Reason = "cuda.h is not here; ./build.sh toolchain installs it";
            Assert.That(Environment.GetEnvironmentVariable("CUDATTS_REQUIRE_NVCC"), Is.Not.EqualTo("1"), Reason);
            Assert.Ignore(Reason);
        }

        return File.ReadAllText(path!);
    }

    // The order of kernels/Kernels.targets: a toolkit's folder has bin and include.
    private static IEnumerable<string> Folders()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var nvcc = OperatingSystem.IsWindows() ? "nvcc.exe" : "nvcc";
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(folder => File.Exists(Path.Combine(folder, nvcc))).Select(folder => Path.Combine(folder, ".."));
        return [Environment.GetEnvironmentVariable("CUDA_PATH") ?? "", .. onPath, "/usr/local/cuda", Path.Combine(cache, "cudatts", "cuda")];
    }

    [GeneratedRegex(@"\b(CU(?:DA)?_\w+)(?:\s*=\s*|[ \t]+)(0x[0-9a-fA-F]+|-?\d+)")]
    private static partial Regex Value();

    [GeneratedRegex(@"(unsigned int|CU\w+\s*\*?)\s*(\w+);")]
    private static partial Regex Field();

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^\s*#\s*define\s+(cu\w+)\s+(cu\w+)\s*$", RegexOptions.Multiline)]
    private static partial Regex Revision();
}
