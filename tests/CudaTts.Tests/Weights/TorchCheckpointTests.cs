using System.Numerics;
using CudaTts.Weights;
using CudaTts.Weights.PyTorch;

namespace CudaTts.Tests;

/// <summary>PyTorch's containers, pickles and tensors, rule by rule.</summary>
internal sealed class TorchCheckpointTests
{
    private static readonly byte[] s_none = [0x80, 2, (byte)'N', (byte)'.'];
    private static readonly byte[] s_six = TorchFileBuilder.Floats(0, 1, 2, 3, 4, 5);

    [Test]
    public void Reads_both_containers([Values] bool isLegacy)
    {
        var pickle = new PickleBuilder().Dictionary(root => root.Text("state_dict").Dictionary(state => state
            .Text("a.weight").Tensor("0", 6, [2, 3], isLegacy: isLegacy)
            .Text("b").Tensor("1", 1, [], isLegacy: isLegacy)
            .Text("empty").Tensor("2", 0, [0, 3], isLegacy: isLegacy)).Text("epoch").Integer(7)).Finish();
        var one = TorchFileBuilder.Floats(9);
        var checkpoint = Parse(isLegacy
            ? TorchFileBuilder.Legacy(pickle, ("0", 6, s_six), ("1", 1, one), ("2", 0, []))
            : TorchFileBuilder.Zip(pickle, ("0", s_six), ("1", one), ("2", [])));

        Assert.That(checkpoint.Format, Is.EqualTo(isLegacy ? "PyTorch legacy" : "PyTorch zip"));
        Assert.That(checkpoint.Entries.Keys, Is.EqualTo((string[])["state_dict.a.weight", "state_dict.b", "state_dict.empty"]));
        Assert.That(Floats(checkpoint, "state_dict.a.weight"), Is.EqualTo((float[])[0, 1, 2, 3, 4, 5]));
        Assert.That(Floats(checkpoint, "state_dict.b"), Is.EqualTo((float[])[9]));
        Assert.That(checkpoint.Entries["state_dict.empty"].Shape, Is.EqualTo((int[])[0, 3]));
        Assert.That(((DictionaryNode)checkpoint.Root!).Get("epoch"), Is.EqualTo(7L));
    }

    [Test]
    public void Gathers_strides_and_shares_storages()
    {
        var pickle = new PickleBuilder().Dictionary(root => root
            .Text("transposed").Tensor("0", 6, [3, 2], [1, 3])
            .Text("tail").Tensor("0", 6, [2], [1], offset: 4)
            .Text("every second").Tensor("1", 6, [3], [2])
            .Text("one row").Tensor("0", 6, [1, 2], [77, 1])).Finish();
        var checkpoint = Parse(TorchFileBuilder.Zip(pickle, ("0", s_six), ("1", s_six)));

        Assert.That(() => Parse(TorchFileBuilder.Zip(Expanding(7), ("0", s_six))), Throws.TypeOf<WeightsException>().With.Message.Contains("expand"));
        Assert.That(Floats(Parse(TorchFileBuilder.Zip(Expanding(6), ("0", s_six))), "tensor"), Is.EqualTo((float[])[0, 0, 0, 0, 0, 0]));
        Assert.That(Floats(checkpoint, "tail"), Is.EqualTo((float[])[4, 5]));
        Assert.That(Floats(checkpoint, "one row"), Is.EqualTo((float[])[0, 1]));
        Assert.That(Floats(checkpoint, "every second"), Is.EqualTo((float[])[0, 2, 4]));
        Assert.That(Floats(checkpoint, "transposed"), Is.EqualTo((float[])[0, 3, 1, 4, 2, 5]));

        static byte[] Expanding(int count) => new PickleBuilder().Tensor("0", 6, [count], [0]).Finish();
    }

    [Test]
    public void Walks_a_pickled_module_by_its_parts()
    {
        // The whole network saved in place of its state dict: a class of the author's, whose parts are plain dicts.
        var pickle = new PickleBuilder().Dictionary(root => root.Text("model").Global("glow", "WaveGlow").Op(')').Op('\x81').Dictionary(state => state
            .Text("training").True()
            .Text("_parameters").Ordered()
            .Text("_buffers").Dictionary(buffers => buffers.Text("window").Tensor("0", 6, [6]))
            .Text("_modules").Dictionary(modules => modules
                .Text("conv").Global("torch.nn.modules.conv", "Conv1d").Op(')').Op('\x81').Dictionary(conv => conv
                .Text("_parameters").Dictionary(parameters => parameters
                    .Text("weight").Global("torch._utils", "_rebuild_parameter").Op('(').Tensor("0", 6, [2, 3]).True().Ordered().Op('t').Op('R')
                    .Text("bias").None())).Op('b'))).Op('b')).Finish();
        var checkpoint = Parse(TorchFileBuilder.Zip(pickle, ("0", s_six)));

        Assert.That(checkpoint.Entries.Keys, Is.EqualTo((string[])["model.window", "model.conv.weight"]));
        Assert.That(((DictionaryNode)checkpoint.Root!).Get("model"), Is.TypeOf<InertNode>());
    }

    [Test]
    public void Reads_legacy_views_and_source_texts()
    {
        var pickle = new PickleBuilder().Dictionary(root => root
            .Text("class").Op('(').Text("module").Global("glow", "WaveGlow").Text("glow.py").Text("import os").Op('t').Op('Q')
            .Text("view").Global("torch._utils", "_rebuild_tensor").Op('(')
            .Op('(').Text("storage").Global("torch", "FloatStorage").Text("k").Text("cuda:0").Integer(6)
            .Op('(').Text("v").Integer(2).Integer(3).Op('t').Op('t').Op('Q').Integer(1).Integers(2).Integers(1).Op('t').Op('R')).Finish();
        var checkpoint = Parse(TorchFileBuilder.Legacy(pickle, ("k", 6, s_six)));

        Assert.That(Floats(checkpoint, "view"), Is.EqualTo((float[])[3, 4]));
        Assert.That(((DictionaryNode)checkpoint.Root!).Get("class"), Is.EqualTo(new GlobalNode("glow", "WaveGlow")));
    }

    [Test]
    public void Reads_untyped_storages_and_numpy_scalars()
    {
        var pickle = new PickleBuilder().Dictionary(root => root
            .Text("t").Global("torch._utils", "_rebuild_tensor_v3").Op('(')
            .Op('(').Text("storage").Global("torch.storage", "UntypedStorage").Text("0").Text("cpu").Integer(24).Op('t').Op('Q')
            .Integer(1).Integers(5).Integers(1).Op('\x89').Ordered().Global("torch", "float32").Op('t').Op('R')
            .Text("loss").Global("numpy.core.multiarray", "scalar").Op(')').Op('R')).Finish();
        var checkpoint = Parse(TorchFileBuilder.Zip(pickle, ("0", s_six)));
        Assert.That(Floats(checkpoint, "t"), Is.EqualTo((float[])[1, 2, 3, 4, 5]));
    }

    [Test]
    public void A_call_that_is_not_known_is_inert()
    {
        var pickle = new PickleBuilder().Dictionary(root => root
            .Text("x").Global("glow", "restore").Op('(').Text("touch pwned").Op('t').Op('R')
            .Text("w").Tensor("0", 6, [6])).Finish();
        var checkpoint = Parse(TorchFileBuilder.Zip(pickle, ("0", s_six)));
        Assert.That(((InertNode)((DictionaryNode)checkpoint.Root!).Get("x")!).Type.FullName, Is.EqualTo("glow.restore"));
        Assert.That(checkpoint.NotCalled, Is.EqualTo((string[])["glow.restore"]));
        Assert.That(checkpoint.Entries.Keys, Is.EqualTo((string[])["w"]));
    }

    [Test]
    public void Reads_every_plain_value()
    {
        var pickle = new PickleBuilder().List(items => items.None().True().Op('\x89').Integer(-3).Op('K', 200).Op('M', 1, 2).Real(0.5).Text("\u00e9")
            .Op('U', 1, 0xe9).Op('\x8a', 2, 0xff, 0xff).Op('\x8a', 9, 0, 0, 0, 0, 0, 0, 0, 0, 1).Op(')').Integer(1).Op('\x85').Op('q', 5).Op('h', 5)
            .Op('r', 1, 1, 0, 0).Op('j', 1, 1, 0, 0)).Finish();
        var list = ((ListNode)Read(pickle)!).Items;
        Assert.That(list.Take(10), Is.EqualTo((object?[])[null, true, false, -3L, 200L, 513L, 0.5, "\u00e9", "\u00e9", -1L]));
        Assert.That(list[10], Is.EqualTo(BigInteger.Pow(2, 64)));
        Assert.That(list[12], Is.SameAs(list[13]).And.SameAs(list[14]));
    }

    [TestCase("i", TestName = "INST")]
    [TestCase("o", TestName = "OBJ")]
    [TestCase("\x93", TestName = "STACK_GLOBAL")]
    [TestCase("\x82\x01", TestName = "EXT1")]
    [TestCase("P0\n", TestName = "PERSID")]
    [TestCase("N2", TestName = "DUP")]
    [TestCase("N0", TestName = "POP")]
    [TestCase("\x95\0\0\0\0\0\0\0\0", TestName = "FRAME")]
    [TestCase("I1\n", TestName = "INT")]
    [TestCase("\x80\x02N", TestName = "a second PROTO")]
    [TestCase("", TestName = "empty stack at STOP")]
    [TestCase("NN", TestName = "two values at STOP")]
    [TestCase("(", TestName = "a mark at STOP")]
    [TestCase("t", TestName = "tuple without a mark")]
    [TestCase("\x86", TestName = "tuple of an empty stack")]
    [TestCase("h\x01", TestName = "unknown memo")]
    [TestCase("q\x01", TestName = "memo of an empty stack")]
    [TestCase("N)R", TestName = "call of a value")]
    [TestCase("NNR", TestName = "call without a tuple")]
    [TestCase("NNb", TestName = "state for a value")]
    [TestCase("NNa", TestName = "append to a value")]
    [TestCase("NNNs", TestName = "item of a value")]
    [TestCase("}(Nu", TestName = "key without a value")]
    [TestCase("NQ", TestName = "persistent id that is no tuple")]
    [TestCase("X\xff\xff\xff\xff", TestName = "string of 4 GB")]
    [TestCase("X\x01\0\0\0\xff", TestName = "string that is not UTF-8")]
    [TestCase("U\x05" + "a", TestName = "string that breaks off")]
    [TestCase("cos\n\n", TestName = "nameless global")]
    [TestCase("cos", TestName = "global that breaks off")]
    public void Refuses_in_a_pickle(string body)
    {
        byte[] pickle = [0x80, 2, .. body.Select(c => (byte)c), (byte)'.'];
        Assert.That(() => Read(pickle), Throws.TypeOf<WeightsException>());
        Assert.That(() => Parse(TorchFileBuilder.Zip(pickle)), Throws.TypeOf<WeightsException>());
    }

    [Test]
    public void Refuses_other_pickle_protocols([Values(0, 1, 3, 4, 5)] int protocol) =>
        Assert.That(() => Read([0x80, (byte)protocol, (byte)'N', (byte)'.']), Throws.TypeOf<WeightsException>().With.Message.Contains("protocol 2"));

    [Test]
    public void Bounds_the_number_of_values()
    {
        byte[] many = [0x80, 2, .. Enumerable.Repeat((byte)']', PickleReader.ObjectLimit + 1), (byte)'.'];
        Assert.That(() => Read(many), Throws.TypeOf<WeightsException>().With.Message.Contains("more than"));
    }

    [Test]
    public void Bounds_trees_that_contain_themselves_or_fan_out()
    {
        var cycle = new PickleBuilder().Op(']').Op('q', 0).Op('h', 0).Op('a').Finish();
        Assert.That(() => Parse(TorchFileBuilder.Zip(cycle)), Throws.TypeOf<WeightsException>().With.Message.Contains("nested"));

        // Each level's tuple replaces the memo, so the last value holds two of the one before, 59 times over.
        var bomb = new PickleBuilder().List(items => items.Op(']').Op('q', 0));
        for (byte level = 1; level < 60; level++)
        {
            bomb.Op('h', 0).Op('h', 0).Op('\x86').Op('q', 0).Op('a');
        }

        Assert.That(Parse(TorchFileBuilder.Zip(bomb.Finish())).Entries, Is.Empty);

        var deep = new PickleBuilder().Tensor("0", 6, [6]);
        for (var level = 0; level < 70; level++)
        {
            deep.Op('\x85');
        }

        Assert.That(() => Parse(TorchFileBuilder.Zip(deep.Finish(), ("0", s_six))),
            Throws.TypeOf<WeightsException>().With.Message.Contains("nested more than 64 deep"));
    }

    [TestCase(6, 7, 0, 1, TestName = "tensor beyond its storage")]
    [TestCase(6, 6, 1, 1, TestName = "offset beyond its storage")]
    [TestCase(6, 3, 0, 3, TestName = "stride beyond its storage")]
    [TestCase(6, 6, -1, 1, TestName = "negative offset")]
    [TestCase(6, -6, 0, 1, TestName = "negative size")]
    [TestCase(6, 6, 0, -1, TestName = "negative stride")]
    [TestCase(6, int.MaxValue, 0, int.MaxValue, TestName = "overflowing span")]
    [TestCase(5, 5, 0, 1, TestName = "storage smaller than its entry")]
    [TestCase(7, 6, 0, 1, TestName = "storage larger than its entry")]
    [TestCase(-1, 1, 0, 1, TestName = "negative storage")]
    public void Refuses_tensors(int storage, int size, int offset, int stride)
    {
        var zip = new PickleBuilder().Tensor("0", storage, [size], [stride], offset).Finish();
        Assert.That(() => Parse(TorchFileBuilder.Zip(zip, ("0", s_six))), Throws.TypeOf<WeightsException>());
        var legacy = new PickleBuilder().Tensor("0", storage, [size], [stride], offset, isLegacy: true).Finish();
        Assert.That(() => Parse(TorchFileBuilder.Legacy(legacy, ("0", 6, s_six))), Throws.TypeOf<WeightsException>());
    }

    [Test]
    public void Refuses_contradicting_storages()
    {
        var twoTypes = new PickleBuilder().List(items => items.Tensor("0", 6, [6]).Tensor("0", 6, [6], type: "IntStorage")).Finish();
        Refused(TorchFileBuilder.Zip(twoTypes, ("0", s_six)), "describes");
        var unknown = new PickleBuilder().Tensor("0", 6, [6], type: "QInt8Storage").Finish();
        Refused(TorchFileBuilder.Zip(unknown, ("0", s_six)), "QInt8Storage");
        var missing = new PickleBuilder().Tensor("1", 6, [6]).Finish();
        Refused(TorchFileBuilder.Zip(missing, ("0", s_six)), "no entry");
    }

    [Test]
    public void Refuses_bent_zip_headers()
    {
        var bends = new Dictionary<string, Action<bool, byte[]>>
        {
            ["compressed"] = (isLocal, header) => ZipBuilder.Put(header, isLocal ? 8 : 10, 8, 2),
            ["encrypted or"] = (isLocal, header) => ZipBuilder.Put(header, isLocal ? 6 : 8, 0x0809, 2),
            ["contradicts"] = (isLocal, header) => ZipBuilder.Put(header, isLocal ? 6 : 8, isLocal ? 0x0809 : 0x0808, 2),
            ["otherwise"] = (isLocal, header) => header[^1] = isLocal ? (byte)'x' : header[^1],
            ["CRC-32"] = (isLocal, header) => header[16] ^= (byte)(isLocal ? 0 : 1),
            ["stored for"] = (isLocal, header) => header[20] ^= (byte)(isLocal ? 0 : 1),
            ["outside the file"] = (isLocal, header) => ZipBuilder.Put(header, isLocal ? 14 : 42, 1 << 30, 4),
            ["points out"] = (_, header) => "archive/../../x/"u8.CopyTo(header.AsSpan(header.Length - 16)),
        };
        foreach (var (expected, bend) in bends)
        {
            var bytes = new ZipBuilder { Change = (_, isLocal, header) => bend(isLocal, header) }
                .Add("archive/data.pkl", s_none).Finish();
            Refused(bytes, expected);
        }
    }

    [Test]
    public void Refuses_bent_archives()
    {
        var fine = new ZipBuilder().Add("archive/data.pkl", s_none).Finish();
        Assert.That(Parse(fine).Entries, Is.Empty);

        Refused([.. fine, 0], "appended");
        Refused(fine[..^1], "truncated");
        Refused(new ZipBuilder().Add("archive/data.pkl", s_none).Add("archive/data.pkl", s_none).Finish(), "two entries");
        Refused(new ZipBuilder().Add("a/data.pkl", s_none).Add("b/data.pkl", s_none).Finish(), "one folder");
        Refused(new ZipBuilder().Add("archive/model.json", s_none).Finish(), "one folder");
        Refused(new ZipBuilder().Add("archive/data.pkl", s_none).Add("archive/constants.pkl", s_none).Finish(), "TorchScript");
        Refused(new ZipBuilder().Add("archive/data.pkl", s_none).Add("archive/code/x.py", s_none).Finish(), "TorchScript");
        Refused(new ZipBuilder().Add("archive/data.pkl", s_none).Add("archive/byteorder", "big"u8.ToArray()).Finish(), "little-endian");
        Refused(new ZipBuilder().Add("archive/data.pkl", [.. s_none, 0]).Finish(), "after its end");
        Refused(new ZipBuilder().Add("/archive/data.pkl", s_none).Finish(), "name");
    }

    [Test]
    public void Refuses_overlapping_entries()
    {
        // Both directory records point at the first entry, whose local name is made to match neither: the span check needs equal names, so the
        // second entry's header is hidden inside the first one's bytes instead.
        var inner = new ZipBuilder().Add("a/x", s_none).Finish()[..(30 + 3 + 4)];
        var shift = 30 + "a/data.pkl".Length;
        var bytes = new ZipBuilder
        {
            Change = (name, isLocal, header) => ZipBuilder.Put(header, isLocal ? 14 : 42, isLocal || name != "a/x" ? 0 : shift, 4),
        }.Add("a/data.pkl", inner).Add("a/x", s_none).Finish();
        Refused(bytes, "overlapping");
    }

    [Test]
    public void Refuses_bent_legacy_files()
    {
        var pickle = new PickleBuilder().Tensor("0", 6, [6], isLegacy: true).Finish();
        var fine = TorchFileBuilder.Legacy(pickle, ("0", 6, s_six));
        Assert.That(Floats(Parse(fine), "tensor"), Has.Length.EqualTo(6));

        Refused([.. fine, 0], "appended");
        Refused(fine[..^1], "truncated");
        Refused(TorchFileBuilder.Legacy(pickle, ("0", 5, s_six)), "elements");
        Refused(TorchFileBuilder.Legacy(pickle), "only 0");
        Refused(TorchFileBuilder.Legacy(pickle, ("0", 6, s_six), ("1", 6, s_six)), "no tensor uses");
        Refused(TorchFileBuilder.Legacy(pickle, ("0", 6, s_six), ("0", 6, s_six)), "twice");
        fine[17] = 0xea;
        Refused(fine, "1001");
    }

    [Test]
    public void Advises_on_other_formats()
    {
        var tar = new byte[512];
        "ustar"u8.CopyTo(tar.AsSpan(257));
        Refused(tar, "tar archive");
        Refused([0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10], "HDF5");
        Refused([], "neither");
    }

    [TestCase("\u0089HDF\r\n", "HDF5")]
    [TestCase("\u0093NUMPY\u0001", "NumPy array")]
    [TestCase("GGUF", "GGUF")]
    [TestCase("\u001f\u008b\b", "gzip")]
    [TestCase("version https://git-lfs.github.com/spec/v1\n", "git lfs pull")]
    [TestCase("<!DOCTYPE html>", "web page")]
    [TestCase("{\"a\": 1}", "--config")]
    [TestCase("\u0080\u0004N.", "pickle of protocol 4")]
    public void Says_what_a_file_is(string start, string what) => Refused([.. start.Select(character => (byte)character), .. new byte[64]], what);

    [TestCase("m/code/__torch__.py", "TorchScript")]
    [TestCase("m/constants.pkl", "TorchScript")]
    [TestCase("m/bytecode.pkl", "TorchScript")]
    [TestCase("m/.data/extern_modules", "torch.package")]
    [TestCase("arr_0.npy", "NumPy arrays")]
    [TestCase("model.weights.h5", "Keras")]
    [TestCase("[Content_Types].xml", "office document")]
    public void Says_what_an_archive_is_even_if_it_is_compressed(string entry, string what)
    {
        foreach (var method in (int[])[0, 8])
        {
            var bytes = new ZipBuilder { Change = (_, isLocal, header) => ZipBuilder.Put(header, isLocal ? 8 : 10, method, 2) }
                .Add("m/data.pkl", s_none).Add(entry, s_none).Finish();
            Refused(bytes, what);
        }
    }

    [Test]
    public void A_name_cannot_command_a_terminal_or_fill_it()
    {
        var escape = new PickleBuilder().Dictionary(root => root.Text("\u001b[2J\r\n").Tensor("0", 6, [7])).Finish();
        Assert.That(() => Parse(TorchFileBuilder.Zip(escape, ("0", s_six))),
            Throws.TypeOf<WeightsException>().With.Message.Contains("'\u001b[2J ' (F32 [7])"));
        var entry = new ZipBuilder().Add("archive/" + new string('x', 5000), s_none).Finish();
        Assert.That(() => Parse(entry), Throws.TypeOf<WeightsException>().With.Message.Length.LessThan(3000));
        Assert.That(() => Read([0x80, 2, .. "cos\u001b\nx\n."u8]), Throws.TypeOf<WeightsException>().With.Message.Contains("names a class"));
    }

    [Test]
    public void Checksums_as_the_standard_does()
    {
        Assert.That(Crc32.Of("123456789"u8), Is.EqualTo(0xCBF43926));
        Assert.That(Crc32.Of([]), Is.Zero);
        Assert.That(Crc32.Of("12345678"u8), Is.EqualTo(0x9AE0DAAF));
    }

    private static void Refused(byte[] bytes, string because) =>
        Assert.That(() => Parse(bytes), Throws.TypeOf<WeightsException>().With.Message.Contains(because));

    private static TorchCheckpoint Parse(byte[] bytes) => TorchCheckpoint.Parse(FileBytes.Wrap("test", bytes));

    private static object? Read(byte[] pickle) => PickleReader.Read("test", pickle, new StorageTable("test").Resolve).Root;

    private static float[] Floats(TorchCheckpoint checkpoint, string name) =>
        new ModelWeights("test", checkpoint.Entries).Take(name, checkpoint.Entries[name].Shape).Span.ToArray();
}
