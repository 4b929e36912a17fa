using CudaTts.Weights;
using CudaTts.Weights.Onnx;

namespace CudaTts.Tests;

/// <summary>ONNX models of a few fields, sound or not.</summary>
internal static class OnnxBytes
{
    /// <summary>Element types by ONNX's numbers.</summary>
    public const int Float = 1;
    public const int UInt8 = 2;
    public const int Int8 = 3;
    public const int Int32 = 6;
    public const int Int64 = 7;
    public const int Text = 8;
    public const int Float16 = 10;
    public const int Double = 11;
    public const int UInt64 = 13;
    public const int BrainFloat = 16;

    /// <summary>A model whose graph is written by <paramref name="graph"/>.</summary>
    public static byte[] Model(Action<ProtobufBytes> graph) =>
        new ProtobufBytes().Integer(1, 8).Text(2, "pytorch").Text(3, "1.13.0").Message(7, graph).Message(8, opset => opset.Integer(2, 15)).ToArray();

    /// <summary>A model of one initialiser.</summary>
    public static byte[] Model(string name, int type, int[] shape, Action<ProtobufBytes> data) =>
        Model(graph => graph.Initialiser(name, type, shape, data));

    /// <summary>Appends an initialiser to a graph.</summary>
    public static ProtobufBytes Initialiser(this ProtobufBytes graph, string name, int type, int[] shape, Action<ProtobufBytes> data) =>
        graph.Message(5, tensor => tensor.Tensor(name, type, shape, data));

    /// <summary>Appends an initialiser of float32 values.</summary>
    public static ProtobufBytes Floats(this ProtobufBytes graph, string name, int[] shape, params float[] values) =>
        graph.Initialiser(name, Float, shape, tensor => tensor.Bytes(9, TorchFileBuilder.Floats(values)));

    /// <summary>Writes a tensor's fields.</summary>
    public static void Tensor(this ProtobufBytes tensor, string name, int type, int[] shape, Action<ProtobufBytes> data)
    {
        foreach (var size in shape)
        {
            tensor.Integer(1, size);
        }

        data(tensor.Integer(2, type).Text(8, name));
    }

    /// <summary>Appends an operation to a graph; inputs and outputs are separated by spaces.</summary>
    public static ProtobufBytes Node(
        this ProtobufBytes graph, string kind, string name, string inputs, string outputs, Action<ProtobufBytes>? attributes = null) =>
        graph.Message(1, node =>
        {
            foreach (var input in inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                node.Text(1, input);
            }

            foreach (var output in outputs.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                node.Text(2, output);
            }

            node.Text(3, name).Text(4, kind);
            attributes?.Invoke(node);
        });

    /// <summary>Appends an attribute of whole numbers to an operation.</summary>
    public static ProtobufBytes Numbers(this ProtobufBytes node, string name, params int[] numbers) => node.Message(5, attribute =>
    {
        attribute.Text(1, name);
        foreach (var number in numbers)
        {
            attribute.Integer(8, number);
        }
    });

    /// <summary>Reads a model.</summary>
    public static OnnxGraph Graph(byte[] model) => OnnxFile.Parse(FileBytes.Wrap("voice.onnx", model));

    /// <summary>Reads a model as the converter does.</summary>
    public static CheckpointFile Checkpoint(byte[] model) => CheckpointFile.Parse(FileBytes.Wrap("voice.onnx", model));
}
