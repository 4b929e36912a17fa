using System.Runtime.InteropServices;
using CudaTts.Weights;

namespace CudaTts.Tests;

/// <summary>ONNX files of a few fields: what is read of them, and the one line that each broken one is refused with.</summary>
internal sealed class OnnxFileTests
{
    private static readonly byte[] s_six = TorchFileBuilder.Floats(0, 1, 2, 3, 4, 5);

    private static readonly TestCaseData[] s_spellings =
    [
        Spelling("raw_data", OnnxBytes.Float, DataType.F32, s_six, tensor => tensor.Bytes(9, s_six)),
        Spelling("float_data, packed", OnnxBytes.Float, DataType.F32, s_six, tensor => tensor.Bytes(4, s_six)),
        Spelling("float_data, one by one", OnnxBytes.Float, DataType.F32, s_six, tensor => Repeat(value => tensor.Float(4, value))),
        Spelling("float_data, in two parts", OnnxBytes.Float, DataType.F32, s_six, tensor => tensor.Bytes(4, s_six[..8]).Bytes(4, s_six[8..])),
        Spelling("double_data", OnnxBytes.Double, DataType.F64, Elements<double>(value => value),
            tensor => Repeat(value => tensor.Double(10, value))),
        Spelling("half precision in int32_data", OnnxBytes.Float16, DataType.F16, Elements(value => (Half)value),
            tensor => Repeat(value => tensor.Integer(5, BitConverter.HalfToUInt16Bits((Half)value)))),
        Spelling("half precision in raw_data", OnnxBytes.Float16, DataType.F16, Elements(value => (Half)value),
            tensor => tensor.Bytes(9, Elements(value => (Half)value))),
        Spelling("int64_data, packed", OnnxBytes.Int64, DataType.I64, Elements(value => (long)value), tensor => tensor.Bytes(7, 0, 1, 2, 3, 4, 5)),
        Spelling("negative int32_data", OnnxBytes.Int32, DataType.I32, Elements(value => -(int)value),
            tensor => Repeat(value => tensor.Integer(5, -(int)value))),
        Spelling("uint64_data", OnnxBytes.UInt64, DataType.U64, Elements(value => (ulong)value), tensor => tensor.Bytes(11, 0, 1, 2, 3, 4, 5)),
        Spelling("int8 in int32_data", OnnxBytes.Int8, DataType.I8, [0, 1, 2, 3, 4, 5], tensor => tensor.Bytes(5, 0, 1, 2, 3, 4, 5)),
    ];

    private static readonly TestCaseData[] s_broken =
    [
        Broken("truncated", OnnxBytes.Model(graph => graph.Floats("a", [6], 0, 1, 2, 3, 4, 5))[..50], "but 29 follow"),
        Broken("a length beyond the message", Tensor([6], tensor => tensor.Raw(0x4a, 0xff, 0x7f)), "gives field 9 16383 bytes"),
        Broken("a negative length", Tensor([6], tensor => tensor.Raw([0x4a, .. ProtobufBytes.Varint(unchecked((ulong)-5L))])), "but 0 follow"),
        Broken("a number without end", Tensor([6], tensor => tensor.Raw([0x10, .. Enumerable.Repeat((byte)0xff, 11)])), "more than 10 bytes"),
        Broken("a number cut off", Tensor([6], tensor => tensor.Raw(0x10, 0x80)), "ends within a number"),
        Broken("field number 0", Tensor([6], tensor => tensor.Raw(0x00, 0x00)), "field number 0"),
        Broken("groups one within the other", Tensor([6], tensor => tensor.Raw([.. Enumerable.Repeat((byte)0x7b, 1000)])), "wire type 3"),
        Broken("name of the wrong wire type", Tensor([6], tensor => tensor.Integer(8, 1)), "field 8 of wire type 0"),
        Broken("type of the wrong wire type", Tensor([6], tensor => tensor.Text(2, "F32")), "field 2 of wire type 2"),
        Broken("dimension of the wrong wire type", Tensor([6], tensor => tensor.Float(1, 6)), "whole numbers"),
        Broken("a negative dimension", Tensor([-1], tensor => tensor.Bytes(9)), "dimension of -1"),
        Broken("dimensions whose product overflows", Tensor([int.MaxValue, int.MaxValue, int.MaxValue], tensor => tensor.Bytes(9)), "size overflows"),
        Broken("65 dimensions", Tensor([.. Enumerable.Repeat(1, 65)], tensor => tensor.Bytes(9, 0, 0, 0, 0)), "more than 64 numbers"),
        Broken("elements missing", Tensor([7], tensor => tensor.Bytes(9, s_six)), "has 24 bytes, but F32 [7] needs 28"),
        Broken("a huge tensor of no elements", Tensor([1 << 30], tensor => tensor), "has 0 bytes, but F32 [1073741824] needs 4294967296"),
        Broken("elements twice", Tensor([6], tensor => tensor.Bytes(9, s_six).Bytes(4, s_six)), "has its elements twice"),
        Broken("elements in another type's field", Tensor([6], tensor => tensor.Bytes(7, 0, 1, 2, 3, 4, 5)), "has its elements in field 7"),
        Broken("external data", Tensor([6], tensor => tensor.Message(13, _ => { }).Integer(14, 1)), "kept in another file (external data)"),
        Broken("strings", OnnxBytes.Model("a", OnnxBytes.Text, [1], tensor => tensor.Text(6, "a")), "element type 8, which is not supported"),
        Broken("sparse", OnnxBytes.Model(graph => graph.Message(15, _ => { })), "sparse initialisers"),
        Broken("two of one name", OnnxBytes.Model(graph => graph.Floats("a", [1], 1).Floats("a", [1], 2)), "two initialisers called 'a'"),
        Broken(
            "a value made twice", OnnxBytes.Model(graph => graph.Node("Relu", "", "x", "y").Node("Relu", "", "x", "y")),
            "makes 'y', which another one"),
        Broken(
            "an initialiser that is made", OnnxBytes.Model(graph => graph.Floats("a", [1], 1).Node("Relu", "", "x", "a")),
            "'a' as an initialiser and"),
        Broken("no graph", new ProtobufBytes().Integer(1, 8).Text(2, "pytorch").ToArray(), "holds no graph"),
        Broken("two graphs", [.. OnnxBytes.Model(_ => { }), .. new ProtobufBytes().Message(7, _ => { }).ToArray()], "holds two graphs"),
        Broken("a name that is not UTF-8", OnnxBytes.Model(graph => graph.Message(5, tensor => tensor.Bytes(8, 0xff))), "not UTF-8"),
        Broken("a long name", OnnxBytes.Model(graph => graph.Node("Relu", new string('a', 1025), "x", "y")), "text of 1025 bytes"),
    ];

    [TestCaseSource(nameof(s_spellings))]
    public void An_initialiser_of_every_spelling(int type, DataType expected, byte[] elements, Action<ProtobufBytes> data)
    {
        var entry = OnnxBytes.Graph(OnnxBytes.Model("a.weight", type, [2, 3], data)).Initialisers["a.weight"];
        Assert.Multiple(() =>
        {
            Assert.That(entry.Type, Is.EqualTo(expected));
            Assert.That(entry.Shape, Is.EqualTo((int[])[2, 3]));
            Assert.That(entry.Bytes.ToArray(), Is.EqualTo(elements));
        });
    }

    [TestCaseSource(nameof(s_broken))]
    public void A_broken_file_is_refused_in_one_line(byte[] model, string because)
    {
        var error = Assert.Throws<WeightsException>(() => OnnxBytes.Checkpoint(model));
        Assert.That(error!.Message, Does.StartWith("voice.onnx: ").And.Contain(because).And.Not.Contain("\n"));
    }

    [Test]
    public void A_scalar_and_an_empty_tensor_are_read()
    {
        var graph = OnnxBytes.Graph(OnnxBytes.Model(graph => graph.Floats("scalar", [], 5).Initialiser("empty", OnnxBytes.Float, [0, 3], _ => { })));
        Assert.That(graph.Initialisers["scalar"].Bytes.Length, Is.EqualTo(4));
        Assert.That(graph.Initialisers["empty"].Bytes.Length, Is.Zero);
    }

    [Test]
    public void A_file_on_disk_is_mapped_and_known_by_what_it_holds()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.Path("voice.bin"), OnnxBytes.Model(graph => graph.Floats("a", [6], 0, 1, 2, 3, 4, 5)));
        var file = CheckpointFile.Open(folder.Path("voice.bin"));
        Assert.That(file.Format, Is.EqualTo("ONNX"));
        Assert.That(file.Entries["a"].Bytes.ToArray(), Is.EqualTo(s_six));
    }

    [Test]
    public void What_is_not_of_the_format_is_not_taken_for_it()
    {
        var error = Assert.Throws<WeightsException>(() => OnnxBytes.Checkpoint("version https://git-lfs.github.com/spec/v1"u8.ToArray()));
        Assert.That(error!.Message, Does.Contain("pointer of Git LFS"));
    }

    [Test]
    public void Operations_attributes_and_metadata_are_read_and_constants_are_no_inputs()
    {
        var model = OnnxBytes.Model(graph => graph
            .Message(11, input => input.Text(1, "x")).Message(11, input => input.Text(1, "w")).Message(12, output => output.Text(1, "y"))
            .Floats("w", [1, 1, 1], 2).Node("Conv", "/conv/Conv", "x w", "y", node => node.Numbers("strides", 3).Numbers("pads", 1, 2)));
        model = [.. model, .. new ProtobufBytes().Message(14, pair => pair.Text(1, "author").Text(2, "somebody")).ToArray()];
        var graph = OnnxBytes.Graph(model);
        var node = graph.Nodes.Single();
        Assert.Multiple(() =>
        {
            Assert.That(graph.Inputs, Is.EqualTo((string[])["x"]));
            Assert.That(graph.Metadata["author"], Is.EqualTo("somebody"));
            Assert.That((node.Operator, node.Name, node.Number("strides", 1), node.Number("pads", 0, 1), node.Number("group", 7)),
                Is.EqualTo(("Conv", "/conv/Conv", 3, 2, 7)));
            Assert.That(graph.Describe(), Is.EqualTo("an ONNX graph of 1 operations by pytorch from 'x' to 'y'"));
        });
    }

    private static byte[] Tensor(int[] shape, Func<ProtobufBytes, ProtobufBytes> data) =>
        OnnxBytes.Model("a", OnnxBytes.Float, shape, tensor => data(tensor));

    private static byte[] Elements<T>(Func<float, T> convert)
        where T : unmanaged =>
        MemoryMarshal.AsBytes<T>(Enumerable.Range(0, 6).Select(value => convert(value)).ToArray()).ToArray();

    private static void Repeat(Action<float> write)
    {
        for (var value = 0; value < 6; value++)
        {
            write(value);
        }
    }

    private static TestCaseData Spelling(string name, int type, DataType expected, byte[] elements, Action<ProtobufBytes> data) =>
        new TestCaseData(type, expected, elements, data).SetArgDisplayNames(name);

    private static TestCaseData Broken(string name, byte[] model, string because) => new TestCaseData(model, because).SetArgDisplayNames(name);
}
