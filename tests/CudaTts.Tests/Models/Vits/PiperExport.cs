using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using CudaTts.Weights;

namespace CudaTts.Tests.Models.Vits;

/// <summary>
/// The small Piper voices that tests/checkpoints/make_voices.py exported with PyTorch: their graphs as they are, and the weights put in that each
/// constant's doc_string names.
/// </summary>
internal static class PiperExport
{
    /// <summary>The exports of the voice of <c>vits_piper_tiny</c>.</summary>
    public static readonly string[] Spellings = ["folded", "unfolded", "weight_norm"];

    private const int ModelGraph = 7;
    private const int GraphNode = 1;
    private const int GraphInitialiser = 5;
    private const int NodeInput = 1;
    private const int NodeName = 3;
    private const int NodeOperator = 4;
    private const int TensorName = 8;
    private const int TensorRaw = 9;
    private const int TensorDoc = 12;

    /// <summary>An exported voice with its weights.</summary>
    /// <param name="spelling">Which file.</param>
    /// <param name="golden">The golden file of the same network, whose weights it gets.</param>
    /// <param name="namesOperations">Whether operations keep the paths of their modules, which exporters before PyTorch 1.13 did not write.</param>
    public static byte[] Read(string spelling, VitsGolden golden, bool namesOperations = true)
    {
        var path = Path.Combine(VocoderCheckpoints.Folder, $"piper_tiny_{spelling}.onnx.gz");
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var model = new MemoryStream();
        file.CopyTo(model);
        var trained = VitsProcedural.Trained(golden.Config);
        return Rewritten(model.ToArray(), tensor => WithWeights(tensor, trained), namesOperations ? node => node : WithoutPath);
    }

    /// <summary>A voice with its initialisers and operations changed, or left out where null comes back.</summary>
    public static byte[] Rewritten(byte[] model, Func<byte[], byte[]?> initialiser, Func<byte[], byte[]?> node)
    {
        var rewritten = new ProtobufBytes();
        foreach (var (number, value, whole) in ProtobufBytes.Fields(model))
        {
            _ = number == ModelGraph ? rewritten.Bytes(ModelGraph, Graph(value, initialiser, node)) : rewritten.Raw(whole);
        }

        return rewritten.ToArray();
    }

    /// <summary>A voice whose operations have no names, and some of whose constants have numbers instead of theirs.</summary>
    public static byte[] WithoutNames(byte[] model, Func<string, bool> isLost)
    {
        var numbers = new Dictionary<string, string>();
        byte[] Number(byte[] message, int field) => Mapped(message, field, name => numbers.GetValueOrDefault(name, name));
        var lost = Rewritten(
            model, tensor =>
            {
                if (isLost(NameOf(tensor, isNode: false)))
                {
                    numbers.Add(NameOf(tensor, isNode: false), $"{numbers.Count + 7}");
                }

                return tensor;
            }, node => Mapped(node, NodeName, _ => ""));
        return Rewritten(lost, tensor => Number(tensor, TensorName), node => Number(node, NodeInput));
    }

    /// <summary>The name of an initialiser or of an operation.</summary>
    public static string NameOf(byte[] message, bool isNode) => Text(message, isNode ? NodeName : TensorName);

    private static byte[] Graph(byte[] graph, Func<byte[], byte[]?> initialiser, Func<byte[], byte[]?> node)
    {
        var rewritten = new ProtobufBytes();
        foreach (var (number, value, whole) in ProtobufBytes.Fields(graph))
        {
            var changed = number switch
            {
                GraphNode => node(value),
                GraphInitialiser => initialiser(value),
                _ => value,
            };
            _ = changed is null ? rewritten : ReferenceEquals(changed, value) ? rewritten.Raw(whole) : rewritten.Bytes(number, changed);
        }

        return rewritten.ToArray();
    }

    private static byte[] WithWeights(byte[] tensor, ModelWeights trained)
    {
        float[] Values(ModelWeights weights, string name) => weights.Take(name, weights.Entry(name).Shape).Span.ToArray();
        var values = Text(tensor, TensorDoc).Split(' ') switch
        {
            ["weight", var name] => Values(trained.Contains(name) ? trained : WeightNorm.Fold(trained), name),
            ["negated", var name] => Array.ConvertAll(Values(trained, name), value => -value),
            ["folded", var name] => Values(WeightNorm.Fold(trained), name),
            var other => throw new InvalidDataException($"a constant is made of '{string.Join(' ', other)}'"),
        };
        return new ProtobufBytes().Raw(tensor).Bytes(TensorRaw, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()).ToArray();
    }

    private static byte[] WithoutPath(byte[] node)
    {
        var rewritten = new ProtobufBytes();
        foreach (var (number, _, whole) in ProtobufBytes.Fields(node))
        {
            _ = number == NodeName ? rewritten.Text(NodeName, $"{Text(node, NodeOperator)}_{node.Length}") : rewritten.Raw(whole);
        }

        return rewritten.ToArray();
    }

    private static byte[] Mapped(byte[] message, int field, Func<string, string> name)
    {
        var mapped = new ProtobufBytes();
        foreach (var (number, value, whole) in ProtobufBytes.Fields(message))
        {
            _ = number == field ? mapped.Text(number, name(Encoding.UTF8.GetString(value))) : mapped.Raw(whole);
        }

        return mapped.ToArray();
    }

    private static string Text(byte[] message, int field) =>
        Encoding.UTF8.GetString(ProtobufBytes.Fields(message).First(each => each.Number == field).Value);
}
