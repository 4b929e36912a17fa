using System.Buffers.Binary;
using System.Text;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests;

/// <summary>The safetensors format, rule by rule.</summary>
internal sealed class SafetensorsTests
{
    private const string One = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    [Test]
    public void Reads_tensors_metadata_and_padding()
    {
        const string Header = """
            {"__metadata__":{"k":"v"},"b":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}
            """;
        var file = Parse(Header + "   ", 16);
        Assert.That(file.Metadata["k"], Is.EqualTo("v"));
        Assert.That(file.Entries.Keys, Is.EqualTo((string[])["b", "a"]));
        Assert.That(file.Entries["b"].Shape, Is.Empty);
        Assert.That(file.Entries["a"].Bytes.Length, Is.EqualTo(8));
    }

    [Test]
    public void Reads_empty_tensors_and_no_tensors()
    {
        Assert.That(Parse("""{"a":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]}}""", 0).Entries["a"].Shape, Is.EqualTo((int[])[0, 3]));
        Assert.That(Parse("{}", 0).Entries, Is.Empty);
    }

    [TestCase("", 0, TestName = "header is empty")]
    [TestCase(" {}", 0, TestName = "header does not begin with a brace")]
    [TestCase("[]", 0, TestName = "header is not an object")]
    [TestCase("{", 0, TestName = "JSON breaks off")]
    [TestCase("{}x", 0, TestName = "JSON has something behind it")]
    [TestCase("""
        {"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},
        "a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}
        """, 8, TestName = "name twice")]
    [TestCase("""{"__metadata__":{"a":"1","a":"2"}}""", 0, TestName = "metadata twice")]
    [TestCase("""{"__metadata__":{"a":1}}""", 0, TestName = "metadata is not a string")]
    [TestCase("""{"__metadata__":[]}""", 0, TestName = "metadata is not an object")]
    [TestCase("""{"a":[]}""", 0, TestName = "tensor is not an object")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2]}}""", 8, TestName = "offsets are missing")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, TestName = "one offset")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}""", 8, TestName = "field twice")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}""", 8, TestName = "field unknown")]
    [TestCase("""{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", 8, TestName = "type unknown")]
    [TestCase("""{"a":{"dtype":"9","shape":[2],"data_offsets":[0,8]}}""", 8, TestName = "type is a number")]
    [TestCase("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, TestName = "shape is negative")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, TestName = "shape is a fraction")]
    [TestCase("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, TestName = "shape does not fit the bytes")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4294967296],"data_offsets":[0,8]}}""", 8, TestName = "dimension is too large")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,8]}}""", 8, TestName = "size overflows")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, TestName = "end before begin")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, TestName = "gap at the start")]
    [TestCase("""
        {"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},
        "b":{"dtype":"U8","shape":[8],"data_offsets":[4,12]}}
        """, 12, TestName = "overlap")]
    [TestCase(One, 7, TestName = "data is truncated")]
    [TestCase(One, 9, TestName = "data has something behind it")]
    [TestCase("""{"a":{"dtype":"F32","shape":null,"data_offsets":[0,8]}}""", 8, TestName = "shape is null")]
    [TestCase("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, TestName = "half a surrogate pair")]
    public void A_wrong_header_is_refused(string header, int dataLength) =>
        Assert.That(() => Parse(header, dataLength), Throws.TypeOf<WeightsException>());

    [Test]
    public void Refuses_lengths_that_do_not_fit()
    {
        Assert.That(() => Parse(new byte[7]), Throws.TypeOf<WeightsException>().With.Message.Contains("too few"));
        Assert.That(() => Parse([.. Length(100_000_001), .. new byte[16]]), Throws.TypeOf<WeightsException>().With.Message.Contains("limit"));
        Assert.That(() => Parse([.. Length(ulong.MaxValue), .. new byte[16]]), Throws.TypeOf<WeightsException>().With.Message.Contains("limit"));
        Assert.That(() => Parse([.. Length(17), .. new byte[16]]), Throws.TypeOf<WeightsException>().With.Message.Contains("truncated"));
        Assert.That(() => Parse([.. Length(2), (byte)'{', 0xff]), Throws.TypeOf<WeightsException>().With.Message.Contains("UTF-8"));
    }

    [Test]
    public void Names_and_ranks_are_bounded()
    {
        static string Header(string name, string shape) => $"{{\"{name}\":{{\"dtype\":\"U8\",\"shape\":[{shape}],\"data_offsets\":[0,0]}}}}";
        Assert.That(Parse(Header(new string('n', 1024), "0"), 0).Entries, Has.Count.EqualTo(1));
        Assert.That(() => Parse(Header(new string('n', 1025), "0"), 0),
            Throws.TypeOf<WeightsException>().With.Message.Contains("1025 characters").And.Message.Length.LessThan(300));
        Assert.That(Parse(Header("a", string.Join(',', Enumerable.Repeat("0", 64))), 0).Entries["a"].Shape, Has.Length.EqualTo(64));
        Assert.That(() => Parse(Header("a", string.Join(',', Enumerable.Repeat("0", 100_000))), 0),
            Throws.TypeOf<WeightsException>().With.Message.Contains("64 dimensions").And.Message.Length.LessThan(300));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "pipes have no names in the file system there")]
    public void A_pipe_or_a_device_is_refused_and_not_waited_for()
    {
        using var folder = new TemporaryFolder();
        using (var process = System.Diagnostics.Process.Start("mkfifo", folder.Path("pipe")))
        {
            process.WaitForExit();
        }

        foreach (var path in (string[])[folder.Path("pipe"), "/dev/zero", "/dev/null"])
        {
            Assert.That(() => SafetensorsFile.Open(path), Throws.TypeOf<WeightsException>().With.Message.Contains("a pipe or a device"));
            Assert.That(() => CheckpointFile.Open(path), Throws.TypeOf<WeightsException>().With.Message.Contains("a pipe or a device"));
            Assert.That(() => SourceConfig.Read(path), Throws.TypeOf<WeightsException>().With.Message.Contains("a pipe or a device"));
        }
    }

    [Test]
    public void Writes_in_order_of_width_then_name_and_reads_back()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Path("x.safetensors");
        var entries = new Dictionary<string, WeightEntry>
        {
            ["h"] = new(DataType.F16, [3], new byte[] { 1, 2, 3, 4, 5, 6 }),
            ["b"] = new(DataType.F32, [1], new byte[] { 7, 8, 9, 10 }),
            ["a"] = new(DataType.F32, [0], default),
            ["l\u00e9"] = new(DataType.I64, [], new byte[8]),
        };
        SafetensorsWriter.Write(path, entries, new Dictionary<string, string> { ["source"] = "a test" });

        var file = SafetensorsFile.Open(path);
        Assert.That(file.Entries.Keys, Is.EqualTo((string[])["l\u00e9", "a", "b", "h"]));
        Assert.That(file.Metadata["source"], Is.EqualTo("a test"));
        Assert.That(BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(path)) % 8, Is.Zero);
        foreach (var (name, entry) in entries)
        {
            Assert.That(file.Entries[name].Type, Is.EqualTo(entry.Type));
            Assert.That(file.Entries[name].Shape, Is.EqualTo(entry.Shape));
            Assert.That(file.Entries[name].Bytes.ToArray(), Is.EqualTo(entry.Bytes.ToArray()));
        }
    }

    [Test]
    public void Refuses_to_write_tensors_that_do_not_fill_their_shape()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Path("x.safetensors");
        var wrong = KeyValuePair.Create("a", new WeightEntry(DataType.F32, [2], new byte[4]));
        var fine = KeyValuePair.Create("b", new WeightEntry(DataType.F32, [1], new byte[4]));
        Assert.That(() => SafetensorsWriter.Write(path, [wrong]), Throws.ArgumentException);
        Assert.That(() => SafetensorsWriter.Write(path, [fine, fine]), Throws.ArgumentException);
        Assert.That(File.Exists(path), Is.False);
    }

    [Test]
    public void A_failed_write_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.Path("taken"));
        Assert.That(() => SafetensorsWriter.Write(folder.Path("taken"), []), Throws.TypeOf<WeightsException>());
        Assert.That(() => SafetensorsWriter.Write(folder.Path("absent/x"), []), Throws.TypeOf<WeightsException>());
        Assert.That(Directory.GetFiles(folder.Path("")), Is.Empty);
    }

    [Test]
    public void Mapped_tensors_outlive_their_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Path("x.safetensors");
        SafetensorsWriter.Write(path, [KeyValuePair.Create("a", new WeightEntry(DataType.F32, [2], TorchFileBuilder.Floats(1, 2)))]);
        var weights = SafetensorsFile.Open(path).Weights;
        File.Delete(path);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(weights.Take("a", 2).Span.ToArray(), Is.EqualTo((float[])[1, 2]));
    }

    [Test]
    public void A_missing_file_is_a_typed_error() =>
        Assert.That(
            () => SafetensorsFile.Open("does/not/exist.safetensors"), Throws.TypeOf<WeightsException>().With.Message.Contains("cannot be opened"));

    private static SafetensorsFile Parse(string header, int dataLength)
    {
        var json = Encoding.UTF8.GetBytes(header);
        return Parse([.. Length((ulong)json.Length), .. json, .. new byte[dataLength]]);
    }

    private static SafetensorsFile Parse(byte[] bytes) => SafetensorsFile.Parse(FileBytes.Wrap("test", bytes));

    private static byte[] Length(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }
}
