using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Cuda.Interop;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;
using CudaTts.Models.WaveNet.Sampling.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>
/// What the kernels' sources and the host both have: constants by <see cref="KernelConstantAttribute"/>, tiles by their kernels' names, and the
/// structures of the persistent decoder's and the WaveNet sampler's parameters. EXPORT_CONSTANT of kernels/common.cuh exports it.
/// </summary>
[TestFixture]
internal sealed partial class KernelConstantTests
{
    [Test]
    public void The_host_has_the_constants_of_the_kernels()
    {
        var kernels = Emulated();
        Assert.That(kernels, Has.Count.GreaterThan(150));
        Assert.That(Differences(Host(), kernels), Is.Empty);
    }

    [Test]
    public void A_constant_that_one_side_changes_or_lacks_is_seen(
        [Values("chunk", "most_polls", "conv1d_128x64_f16_threads", "residual_256x32_f16_rows", "decoder_parameters_launch_first_tag")] string name)
    {
        var (host, kernels) = (Host(), Emulated());
        host[name]++;
        Assert.That(Differences(host, kernels), Is.EqualTo(new[] { $"{name}: {host[name]} in src, {kernels[name]} in kernels" }));

        host.Remove(name);
        Assert.That(Differences(host, kernels), Is.EqualTo(new[] { $"{name}: none in src, {kernels[name]} in kernels" }));

        host = Host();
        kernels.Remove(name);
        Assert.That(Differences(host, kernels), Is.EqualTo(new[] { $"{name}: {host[name]} in src, none in kernels" }));
    }

    private static IEnumerable<string> Differences(Dictionary<string, long> host, Dictionary<string, long> kernels)
    {
        static string Of(Dictionary<string, long> values, string name) =>
            values.TryGetValue(name, out var value) ? value.ToString(CultureInfo.InvariantCulture) : "none";
        return host.Keys.Union(kernels.Keys).Order(StringComparer.Ordinal)
            .Where(name => Of(host, name) != Of(kernels, name))
            .Select(name => $"{name}: {Of(host, name)} in src, {Of(kernels, name)} in kernels");
    }

    private static unsafe Dictionary<string, long> Emulated()
    {
        _ = TestDevice.Open(Precision.Full);
        var image = Marshal.PtrToStringUTF8((nint)DriverApi.cudatts_emulated_image())!;
        return Constant().Matches(image)
            .ToDictionary(match => match.Groups[1].Value, match => long.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    private static Dictionary<string, long> Host()
    {
        var host = new Dictionary<string, long>
        {
            ["decoder_parameters_bytes"] = Marshal.SizeOf<PersistentDecoderParameters>(),
            ["sampler_parameters_bytes"] = Marshal.SizeOf<SamplerParameters>(),
        };
        IEnumerable<(string Name, long Value)>[] others =
            [Attributed(), ConvolutionTiles(), ResidualTiles(), PersistentDecoders(),
                Offsets(typeof(PersistentDecoderParameters), "decoder_parameters", 0), Offsets(typeof(SamplerParameters), "sampler_parameters", 0)];
        foreach (var (name, value) in others.SelectMany(constants => constants))
        {
            // No constant is the host's twice.
            host.Add(name, value);
        }

        return host;
    }

    private static IEnumerable<(string Name, long Value)> Attributed() =>
        from type in typeof(CudaCompute).Assembly.GetTypes().Concat(typeof(CudaKernel).Assembly.GetTypes())
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        from constant in field.GetCustomAttributes<KernelConstantAttribute>()
        select (constant.Name, Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture));

    // Layers of every kind, so that every tile is chosen for one.
    private static IEnumerable<(string Name, long Value)> ConvolutionTiles()
    {
        (ElementType Input, ElementType Output, bool UsesWarpgroups)[] types =
        [
            (ElementType.Float32, ElementType.Float32, false), (ElementType.Float32, ElementType.Float16, false),
            (ElementType.Float16, ElementType.Float16, false), (ElementType.Float16, ElementType.Float16, true),
        ];
        var tiles =
            from type in types
            from inputs in new[] { 8, 9, 16, 64 }
            from outputs in new[] { 1, 8, 16, 32, 64, 128 }
            from tile in ConvolutionTile.Candidates(type.Input, type.Output, new Conv1dSizes(outputs, inputs, 3, 1, 1, 1, false), type.UsesWarpgroups)
            select (Tile: tile, type.Input);
        foreach (var (tile, input) in tiles.DistinctBy(of => of.Tile.Kernel))
        {
            var name = $"conv1d_{tile.Kernel}";
            if (tile.IsNarrow)
            {
                Assert.That((tile.Rows, tile.Columns), Is.EqualTo((tile.Threads, 1)), "a thread a step");
                if (input == ElementType.Float32)
                {
                    yield return ("conv1d_narrow_rows", tile.Rows);
                }

                continue;
            }

            yield return ($"{name}_rows", tile.Rows);
            yield return ($"{name}_columns", tile.Columns);
            yield return ($"{name}_threads", tile.Threads);
            yield return ($"{name}_stages", ConvolutionTile.Stages(input));
            yield return ($"{name}_chunk_bytes", tile.ChunkBytes);
        }
    }

    private static IEnumerable<(string Name, long Value)> ResidualTiles() => ResidualTile.All.SelectMany(tile => new (string, long)[]
    {
        ($"{tile.Kernel}_rows", tile.Rows),
        ($"{tile.Kernel}_columns", tile.Columns),
        ($"{tile.Kernel}_threads", tile.Threads),
        ($"{tile.Kernel}_stages", ResidualTile.Stages),
        ($"{tile.Kernel}_channels", tile.ChunkChannels),
    });

    private static IEnumerable<(string Name, long Value)> PersistentDecoders() =>
        PersistentDecoderPlan.Kernels.SelectMany(kernel => new (string, long)[]
    {
        ($"{kernel.Name}_rows", kernel.Rows),
        ($"{kernel.Name}_kept", kernel.Kept),
        ($"{kernel.Name}_warps", kernel.MostWarps),
        ($"{kernel.Name}_cluster", kernel.Cluster),
        ($"{kernel.Name}_most_tiles", kernel.MostTiles),
        ($"{kernel.Name}_prenet_rows", kernel.PrenetRows),
        ($"{kernel.Name}_query_rows", kernel.QueryRows),
        ($"{kernel.Name}_has_places", kernel.HasPlaces ? 1 : 0),
        ($"{kernel.Name}_component_tiles", PersistentDecoderPlan.ComponentTiles),
    });

    private static IEnumerable<(string Name, long Value)> Offsets(Type structure, string prefix, long start)
    {
        foreach (var field in structure.GetFields())
        {
            var name = $"{prefix}_{WordEnd().Replace(field.Name, "_").ToLowerInvariant()}";
            var offset = start + Marshal.OffsetOf(structure, field.Name);
            foreach (var inner in field.FieldType.DeclaringType == typeof(PersistentDecoderParameters) ? Offsets(field.FieldType, name, offset)
                : [(name, offset)])
            {
                yield return inner;
            }
        }
    }

    [GeneratedRegex(@"^\.const \.align 4 \.u32 exported_(\w+) = (\d+);", RegexOptions.Multiline)]
    private static partial Regex Constant();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordEnd();
}
