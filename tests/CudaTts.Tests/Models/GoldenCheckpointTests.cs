using CudaTts.Models;
using CudaTts.Models.HifiGan;
using CudaTts.Weights;
using CudaTts.Weights.PyTorch;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models;

/// <summary>Checkpoint files of the public, and files in the layouts that PyTorch gave such.</summary>
internal sealed class GoldenCheckpointTests
{
    private static readonly string[] s_hifiGans = ["folded", "weight_norm", "weight_norm_legacy"];

    private static readonly Dictionary<string, Func<byte[]>> s_layouts = new()
    {
        ["mel_zip_strided.pt"] = TorchSaveFile.StridedZip,
        ["legacy_38_storages.bin"] = TorchSaveFile.LegacyStateDict,
    };

    [Test]
    public void Three_spellings_of_one_hifi_gan_convert_to_the_same_tensors()
    {
        using var folder = new TemporaryFolder();
        var converted = new List<SafetensorsFile>();
        foreach (var spelling in s_hifiGans)
        {
            var output = folder.Path(spelling);
            var summary = CheckpointConverter.Convert(Golden.Path($"checkpoints/hifigan_v3_lj_{spelling}.pt"), output);
            Assert.That(summary.ModelType, Is.EqualTo("hifigan"));
            Assert.That(summary.Tensors, Is.EqualTo(46));
            var config = ConfigJson.Read<HifiGanConfig>(Path.Combine(output, ConfigJson.FileName));
            Assert.That(config.ResidualBlock, Is.EqualTo("2"));
            Assert.That(config.UpsampleRates, Is.EqualTo((int[])[8, 8, 4]));
            Assert.That(config.ResidualDilations, Is.EqualTo((int[][])[[1, 2], [2, 6], [3, 12]]));
            Assert.That(config.Mel, Is.EqualTo(new Audio.MelContract()));
            converted.Add(SafetensorsFile.Open(Path.Combine(output, ModelFolder.WeightsFileName)));
        }

        foreach (var (name, shape) in HifiGanTensors.Expected(ConfigJson.Read<HifiGanConfig>(folder.Path("folded/config.json"))))
        {
            var expected = converted[0].Weights.Take(name, shape).Span.ToArray();
            foreach (var other in converted.Skip(1))
            {
                Assert.That(other.Weights.Take(name, shape).Span.ToArray(), Is.EqualTo(expected).Within(1e-6f), name);
            }
        }
    }

    [TestCase("mel_zip_strided.pt", "PyTorch zip", 1)]
    [TestCase("legacy_38_storages.bin", "PyTorch legacy", 38)]
    [TestCase("hifigan_v3_lj_weight_norm.pt", "PyTorch zip", 69)]
    public void Tensors_of_every_layout_are_listed(string file, string format, int count)
    {
        using var folder = new TemporaryFolder();
        var listing = TensorListing.Read(s_layouts.ContainsKey(file) ? Write(folder, file) : Golden.Path($"checkpoints/{file}"));
        Assert.That(listing.Format, Is.EqualTo(format));
        Assert.That(listing.Tensors, Has.Count.EqualTo(count));
    }

    [Test]
    public void A_strided_tensor_is_listed_with_its_shape()
    {
        using var folder = new TemporaryFolder();
        var listing = TensorListing.Read(Write(folder, "mel_zip_strided.pt"));
        Assert.That(listing.Tensors[0].Type, Is.EqualTo(DataType.F32));
        Assert.That(listing.Tensors[0].Shape, Is.EqualTo((int[])[1, 80, 780]));
    }

    [Test]
    public void Public_layouts_keep_their_values()
    {
        var strided = Weights("mel_zip_strided.pt").Take("tensor", 1, 80, 780).Span;
        Assert.That(new[] { strided[0], strided[1], strided[780], strided[^1] }, Is.EqualTo(new[] { 0f, 80, 1, 62_399 }));
        var legacy = Weights("legacy_38_storages.bin");
        for (var i = 0; i < TorchSaveFile.LegacyTensors; i++)
        {
            var expected = Enumerable.Range(100 * i, 2 * (i + 1)).Select(value => (float)value);
            Assert.That(legacy.Take($"layer.{i}.weight", i + 1, 2).Span.ToArray(), Is.EqualTo(expected), $"tensor {i}");
        }
    }

    [Test]
    public void A_truncated_real_file_is_refused()
    {
        using var folder = new TemporaryFolder();
        foreach (var (file, make) in s_layouts)
        {
            var path = folder.Path(file);
            File.WriteAllBytes(path, make()[..^1]);
            Assert.That(() => TensorListing.Read(path), Throws.TypeOf<WeightsException>());
        }
    }

    private static string Write(TemporaryFolder folder, string layout)
    {
        var path = folder.Path(layout);
        File.WriteAllBytes(path, s_layouts[layout]());
        return path;
    }

    private static ModelWeights Weights(string layout) => new(layout, TorchCheckpoint.Parse(FileBytes.Wrap(layout, s_layouts[layout]())).Entries);
}
