using System.Runtime.InteropServices;
using CudaTts.Weights;
using CudaTts.Weights.Onnx;
using CudaTts.Weights.PyTorch;

namespace CudaTts.Models.Vits;

/// <summary>
/// A VITS that was exported to ONNX, as Piper's voices are: what its graph says that a training checkpoint has in its state dict and among its
/// hyper-parameters. Voices for streaming come in two files, encoder.onnx and decoder.onnx, of which either is given.
/// </summary>
internal sealed class VitsGraph
{
    private const string FirstConvolution = "dec.conv_pre.weight";
    private const string FirstUpsampling = "dec.ups.0.bias";
    private const string Mean = "dp.flows.0.m";
    private const string LogDeviation = "dp.flows.0.logs";
    private const string EncoderName = "encoder.onnx";
    private const string DecoderName = "decoder.onnx";
    private static readonly string[] s_parts = ["enc_p.", "enc_q.", "dp.", "flow.", "dec.", "emb_g."];
    private readonly CheckpointFile _checkpoint;
    private readonly string _prefix;
    private readonly Dictionary<string, WeightEntry> _entries;
    private readonly Dictionary<string, OnnxNode> _convolutions = [];

    private VitsGraph(CheckpointFile checkpoint, string prefix, params OnnxGraph[] graphs)
    {
        (_checkpoint, _prefix) = (checkpoint, prefix);
        // The other constants are numbers of the graph itself.
        _entries = checkpoint.Entries
            .Where(entry => s_parts.Any(part => entry.Key.StartsWith(prefix + part, StringComparison.Ordinal))).ToDictionary();
        foreach (var graph in graphs)
        {
            foreach (var node in graph.Nodes.Where(node => node.Operator is "Conv" or "ConvTranspose"))
            {
                if (PyTorchNames.ModuleOf(graph, node) is { } module)
                {
                    _convolutions.TryAdd(module, node);
                }
            }
        }

        if (_entries.ContainsKey(prefix + Mean) && !_entries.ContainsKey(prefix + LogDeviation))
        {
            var logs = graphs.Select(LogDeviationOf).OfType<WeightEntry>().FirstOrDefault();
            _entries.Add(prefix + LogDeviation, logs ?? throw new WeightsException(
                $"{checkpoint.Path}: tensor '{prefix}{LogDeviation}' is missing, and the ONNX graph has no constant instead of it."));
        }
    }

    /// <summary>Whether an ONNX model has the inputs of a Piper: noise, length and duration noise are one vector.</summary>
    public static bool IsPiper(CheckpointFile checkpoint) => checkpoint.Graph?.Inputs.Contains("scales") == true;

    /// <summary>
    /// The checkpoint with its whole state dict, and with the sizes of its decoder as the config within it; as it is when it is no ONNX model, or
    /// one of another network.
    /// </summary>
    /// <exception cref="WeightsException">A half of it is missing, or the graph does not have what the tensors stand for.</exception>
    public static CheckpointFile Complete(CheckpointFile checkpoint)
    {
        if (checkpoint.Graph is null)
        {
            return checkpoint;
        }

        checkpoint = Named(checkpoint);
        var graph = checkpoint.Graph!;
        var (encoder, decoder) = (PrefixOf(checkpoint, VitsLayout.Landmark), PrefixOf(checkpoint, FirstConvolution));
        var isDecoder = decoder is not null && PrefixOf(checkpoint, FirstUpsampling) is not null;
        var hasOtherDecoder = decoder is null && checkpoint.Entries.Keys.Any(name => name.StartsWith($"{encoder}dec.", StringComparison.Ordinal));
        if (encoder is null ? !isDecoder : hasOtherDecoder)
        {
            return checkpoint;
        }

        if (encoder is not null && decoder is not null)
        {
            return new VitsGraph(checkpoint, encoder, graph).Completed();
        }

        var other = OtherHalf(checkpoint.Path, decoder is null ? DecoderName : EncoderName, decoder is null ? FirstConvolution : VitsLayout.Landmark);
        var joined = checkpoint.Entries.Concat(other.Entries).DistinctBy(entry => entry.Key).ToDictionary();
        return new VitsGraph(checkpoint with { Entries = joined }, encoder ?? decoder!, graph, other.Graph!).Completed();
    }

    // Of a graph with no name left only what it is given says that it is a Piper.
    private static CheckpointFile Named(CheckpointFile checkpoint)
    {
        var (graph, prefix) = (checkpoint.Graph!, PrefixOf(checkpoint, VitsLayout.Landmark));
        var isPiper = IsPiper(checkpoint) && graph.Inputs.Contains("input") && graph.Inputs.Contains("input_lengths");
        var isDecoder = PrefixOf(checkpoint, FirstUpsampling) is { } decoder && !checkpoint.Entries.Keys.Any(
            name => name.StartsWith($"{decoder}enc_p.", StringComparison.Ordinal));
        if (prefix is null && (!isPiper || isDecoder))
        {
            return checkpoint;
        }

        var ordered = VitsGraphOrder.Named(checkpoint.Path, graph, prefix);
        return ReferenceEquals(ordered, graph)
            ? checkpoint : checkpoint with { Graph = ordered, Entries = new PyTorchNames(checkpoint.Path, ordered).Entries() };
    }

    private static CheckpointFile OtherHalf(string path, string name, string landmark)
    {
        var beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, name);
        if (File.Exists(beside) && CheckpointFile.Open(beside) is { Graph: not null } other && PrefixOf(other, landmark) is not null)
        {
            return other;
        }

        throw new WeightsException(
            $"{path}: expected a whole voice, found one half of a voice for streaming; put the other half, {name}, beside it, or take the voice of "
            + "one file.");
    }

    private static string? PrefixOf(CheckpointFile checkpoint, string landmark) => checkpoint.Entries.Keys
        .Where(name => name == landmark || name.EndsWith($".{landmark}", StringComparison.Ordinal)).Select(name => name[..^landmark.Length])
        .FirstOrDefault();

    private CheckpointFile Completed()
    {
        var isPaired = _convolutions.ContainsKey($"{_prefix}dec.resblocks.0.convs1.0");
        var list = isPaired ? "convs1" : "convs";
        var ups = InARow(stage => $"dec.ups.{stage}");
        var blocks = InARow(block => $"dec.resblocks.{block}.{list}.0");
        var perStage = blocks.Count / Math.Max(1, ups.Count);
        var dilations = Enumerable.Range(0, perStage)
            .Select(block => List(InARow(layer => $"dec.resblocks.{block}.{list}.{layer}").Select(layer => (object)Number(layer, "dilations"))));
        var sizes = new DictionaryNode();
        sizes.Set("resblock", isPaired ? "1" : "2");
        sizes.Set("resblock_kernel_sizes", List(blocks.Take(perStage).Select(block => (object)Number(block, "kernel_shape"))));
        sizes.Set("resblock_dilation_sizes", List(dilations));
        sizes.Set("upsample_rates", List(ups.Select(up => (object)Number(up, "strides"))));
        sizes.Set("upsample_kernel_sizes", List(ups.Select(up => (object)Number(up, "kernel_shape"))));
        sizes.Set("upsample_initial_channel", (long)_entries[_prefix + FirstConvolution].Shape.FirstOrDefault());
        sizes.Set("use_sdp", _entries.ContainsKey(_prefix + Mean));
        return _checkpoint with { Entries = _entries, Config = sizes, ConfigName = "convolutions of the graph" };
    }

    // The convolutions of modules that are counted from 0 on.
    private List<OnnxNode> InARow(Func<int, string> module)
    {
        var nodes = new List<OnnxNode>();
        while (_convolutions.TryGetValue(_prefix + module(nodes.Count), out var node))
        {
            nodes.Add(node);
        }

        return nodes;
    }

    // The exporter writes every size of a convolution, those that are 1 as well.
    private long Number(OnnxNode node, string attribute) => node.Number(attribute, 0) is > 0 and var number
        ? number
        : throw new WeightsException($"{_checkpoint.Path}: the ONNX operation '{node.Name}' does not say its {attribute}; was it rewritten?");

    private static ListNode List(IEnumerable<object> items)
    {
        var list = new ListNode();
        list.Items.AddRange(items);
        return list;
    }

    // The flow's (z - m) * exp(-logs) keeps m; the exporter may have changed the sign of logs, or raised e to it.
    private WeightEntry? LogDeviationOf(OnnxGraph graph)
    {
        var difference = graph.ReadersOf(_prefix + Mean).FirstOrDefault(node => node is { Operator: "Sub", Outputs.Length: 1 });
        var scaled = difference is null ? null : graph.ReadersOf(difference.Outputs[0]).FirstOrDefault(node => node.Operator == "Mul");
        var factor = scaled?.Inputs.FirstOrDefault(name => name != difference!.Outputs[0]);
        var power = graph.ProducerOf(factor) is { Operator: "Exp" } exponent ? graph.Constant(exponent.Input(0)) : null;
        if ((power ?? graph.Constant(factor)) is not { } constant)
        {
            return null;
        }

        var weights = new ModelWeights(_checkpoint.Path, new Dictionary<string, WeightEntry> { [LogDeviation] = constant });
        var logs = weights.Take(LogDeviation, 2, 1).Span.ToArray();
        logs = Array.ConvertAll(logs, value => -(power is null ? MathF.Log(value) : value));
        return new WeightEntry(DataType.F32, [2, 1], MemoryMarshal.AsBytes(logs.AsSpan()).ToArray());
    }
}
