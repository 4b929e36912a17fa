using System.Formats.Tar;
using System.Text;
using CudaTts.Audio;
using CudaTts.Models;
using CudaTts.Models.HifiGan;
using CudaTts.Models.Tacotron2;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests;

/// <summary>
/// Mutated files of every format: whatever they hold, either they are read or a <see cref="WeightsException"/> says why not, and the memory that
/// takes is bounded by the file's size. Mutations are drawn from a fixed seed; a failure prints the seed's file as base64.
/// </summary>
internal sealed class WeightsFuzzTests
{
    private const int FilesPerFormat = 8000;
    private const int OnnxFiles = 20_000;
    private const int ArchiveFiles = 1500;

    /// <summary>Bytes that reading may allocate for one byte of the file: a one-byte opcode makes a container of a few objects.</summary>
    private const int BytesPerByte = 512;

    private const int FixedBytes = 256 << 10;

    private static readonly byte[] s_six = TorchFileBuilder.Floats(0, 1, 2, 3, 4, 5);

    private static readonly byte[] s_interesting = [0, 1, 2, 0x7f, 0x80, 0xff, .. ".(Rbhu{\"9-"u8];

    [Test]
    public void A_safetensors_file() => Fuzz(1, SafetensorsSeed(), bytes => SafetensorsFile.Parse(FileBytes.Wrap("fuzz", bytes)));

    [Test]
    public void A_zip_checkpoint() => Fuzz(2, TorchFileBuilder.Zip(Pickle(isLegacy: false), ("0", s_six), ("1", [])), ReadCheckpoint);

    [Test]
    public void A_legacy_checkpoint() => Fuzz(3, TorchFileBuilder.Legacy(Pickle(isLegacy: true), ("0", 6, s_six), ("1", 0, [])), ReadCheckpoint);

    [Test]
    public void Pickle_within_a_sound_zip() =>
        Fuzz(4, Pickle(isLegacy: false), pickle => ReadCheckpoint(TorchFileBuilder.Zip(pickle, ("0", s_six), ("1", []))));

    [Test]
    public void An_onnx_model() => Fuzz(8, OnnxSeed(), ReadCheckpoint, OnnxFiles);

    [TestCase(false, 9)]
    [TestCase(true, 10)]
    public void A_nemo_archive(bool isCompressed, int seed) => Fuzz(seed, NeMoBytes.Archive(
        TarEntryFormat.Pax, isCompressed, ("model_config.yaml", "input_fft: {n_head: 1}"u8.ToArray()),
        ("model_weights.ckpt", TorchFileBuilder.Zip(Pickle(isLegacy: false), ("0", s_six), ("1", [])))), ReadCheckpoint, ArchiveFiles);

    [Test]
    public void Tacotron_config() => Fuzz(5, Encoding.UTF8.GetBytes(ConfigJson.Write(new Tacotron2Config())), json =>
    {
        var config = ConfigJson.Parse<Tacotron2Config>(json, "fuzz");
        Assert.That(Tacotron2Tensors.Expected(config).SelectMany(tensor => tensor.Shape), Is.All.Positive);
        Tacotron2Layout.CheckAgainst(config, SourceConfig.Parse(json, "fuzz"), "weights");
    });

    [Test]
    public void Hifi_gan_configs() => Fuzz(6, Encoding.UTF8.GetBytes(ConfigJson.Write(new HifiGanConfig())), json =>
    {
        var config = ConfigJson.Parse<HifiGanConfig>(json, "fuzz");
        Assert.That(HifiGanTensors.Expected(config).SelectMany(tensor => tensor.Shape), Is.All.Positive);
        HifiGanLayout.FromSource(SourceConfig.Parse(json, "fuzz"), new MelContract());
    });

    [Test]
    public void The_fuzzer_sees_a_wrong_exception() =>
        Assert.That(() => Fuzz(7, [1, 2, 3], _ => throw new InvalidOperationException("not typed")), Throws.TypeOf<AssertionException>());

    private static void ReadCheckpoint(byte[] bytes)
    {
        var file = CheckpointFile.Parse(FileBytes.Wrap("fuzz", bytes));
        foreach (var (name, entry) in file.Entries)
        {
            Assert.That(entry.Bytes.Length, Is.EqualTo(entry.Type.ByteSize(entry.Shape)), name);
        }

        // The seeds hold no whole network: here only an error of another type is of interest.
        Assert.That(() => CheckpointConverter.Model(file, null), Throws.TypeOf<WeightsException>());
    }

    private static void Fuzz(int seed, byte[] original, Action<byte[]> read, int files = FilesPerFormat)
    {
        var random = new Random(seed);
        var refused = 0;
        for (var i = 0; i < files; i++)
        {
            var mutated = i == 0 ? original : Mutate(original, random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var failure = FailureOf(() => read(mutated), ref refused);
            Assert.That(i > 0 || refused == 0, "the file is sound before it is mutated");
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (failure is not null || allocated > FixedBytes + ((long)BytesPerByte * mutated.Length))
            {
                throw new AssertionException(
                    $"file {i} of seed {seed}, {allocated} bytes allocated for {mutated.Length}: {failure}\n{Convert.ToBase64String(mutated)}");
            }
        }

        // A mutation that is always or never refused would test nothing.
        Assert.That(refused, Is.GreaterThan(files / 10).And.LessThan(files));
        TestContext.Out.WriteLine($"{refused} of {files} refused");
    }

    private static Exception? FailureOf(Action read, ref int refused)
    {
        try
        {
            read();
            return null;
        }
        catch (WeightsException)
        {
            refused++;
            return null;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return error;
        }
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var mutations = random.Next(1, 4); mutations > 0 && bytes.Count > 0; mutations--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 17), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes[at] = s_interesting[random.Next(s_interesting.Length)]; break;
                case 3: bytes.RemoveRange(at, length); break;
                case 4: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length)); break;
                case 5: bytes.RemoveRange(at, random.Next(8) == 0 ? bytes.Count - at : 1); break;
                default: bytes.Insert(at, s_interesting[random.Next(s_interesting.Length)]); break;
            }
        }

        return [.. bytes];
    }

    private static byte[] SafetensorsSeed()
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(
            stream,
            SafetensorsWriter.Ordered(
            [
                KeyValuePair.Create("weight", new WeightEntry(DataType.F32, [2, 3], s_six)),
                KeyValuePair.Create("steps", new WeightEntry(DataType.I64, [], new byte[8])),
                KeyValuePair.Create("half", new WeightEntry(DataType.F16, [3], new byte[6])),
            ]),
            new Dictionary<string, string> { ["format"] = "pt" });
        return stream.ToArray();
    }

    // The outline of an exported voice: names by bias, by path and by Identity, elements in every field, and what a voice is known by.
    private static byte[] OnnxSeed() => OnnxBytes.Model(graph => graph
        .Message(11, value => value.Text(1, "input")).Message(12, value => value.Text(1, "output"))
        .Floats("enc_p.emb.weight", [2, 1], 1, 2).Floats("flow.b.bias", [1], 1).Floats("onnx::Conv_7", [1, 2, 1], 1, 2)
        .Initialiser("dec.conv_pre.weight", OnnxBytes.Float16, [1, 1, 1], data => data.Integer(5, 15360))
        .Initialiser("dec.ups.0.weight", OnnxBytes.Double, [1], data => data.Double(10, 1))
        .Initialiser("dec.ups.0.bias", OnnxBytes.Float, [2], data => data.Float(4, 1).Float(4, 2))
        .Initialiser("axes", OnnxBytes.Int64, [2], data => data.Bytes(7, 1, 0x80, 1)).Floats("dp.flows.0.m", [2, 1], 1, 2)
        .Floats("onnx::Exp_3", [2, 1], 1, 2).Floats("onnx::MatMul_4", [1, 2], 1, 2)
        .Node("Conv", "Conv_1", "x onnx::Conv_7 flow.b.bias", "y", node => node.Numbers("kernel_shape", 1))
        .Node("ConvTranspose", "/dec/ups.0/ConvTranspose", "y dec.ups.0.weight dec.ups.0.bias", "z", node => node.Numbers("strides", 1))
        .Node("Identity", "", "flow.b.bias", "flow.c.bias").Node("Sub", "", "z dp.flows.0.m", "s").Node("Exp", "", "onnx::Exp_3", "e")
        .Node("Mul", "", "s e", "m").Node("MatMul", "/net/MatMul", "m onnx::MatMul_4", "output")
        .Node("Constant", "", "", "k", node => node.Message(5, attribute => attribute.Text(1, "value").Message(
            5, tensor => tensor.Tensor("", OnnxBytes.Float, [1], data => data.Bytes(9, 0, 0, 0, 0))))));

    private static byte[] Pickle(bool isLegacy) => new PickleBuilder().Dictionary(root => root
        .Text("state_dict").Ordered().Op('q', 1).Op('(')
        .Text("decoder.attention_rnn.weight_ih").Op('r', 2, 0, 0, 0).Tensor("0", 6, [3, 2], [1, 3], isLegacy: isLegacy)
        .Text("empty").Tensor("1", 0, [0], isLegacy: isLegacy)
        .Text("one").Tensor("0", 6, [], offset: 5, isLegacy: isLegacy).Op('u')
        .Dictionary(state => state.Text("_metadata").Ordered()).Op('b')
        .Text("config").Dictionary(config => config.Text("n_symbols").Op('M', 148, 0).Text("lr").Real(0.001).Op('U', 1, 0x61).None())
        .Text("model").Global("glow", "WaveGlow").Op(')').Op('\x81').Dictionary(state => state.Text("_modules").Dictionary(modules => modules
            .Text("conv").Op('h', 1))).Op('b')
        .Text("extra").List(items => items.Integer(-1).Op('\x8a', 1, 5).Integers(1, 2).True())).Finish();
}
