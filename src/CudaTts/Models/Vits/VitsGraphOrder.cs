using CudaTts.Tensors;
using CudaTts.Weights;
using CudaTts.Weights.Onnx;

namespace CudaTts.Models.Vits;

/// <summary>
/// Names the constants of an exported VITS whose names an exporter or a later tool lost: by the order in which the graph reads them, which is that of
/// speaking. Names that are left must agree with it.
/// </summary>
internal sealed class VitsGraphOrder
{
    private const string SpeakerInput = "sid";
    private const int PairedLayers = 3;
    private const int SingleLayers = 2;
    private static readonly string[] s_parts = ["enc_p.", "dp.", "flow.", "dec.", "emb_g."];

    private readonly string _source;
    private readonly string _prefix;
    private readonly List<Read> _reads;
    private readonly Read? _speakers;
    private readonly Dictionary<(OnnxNode Node, int Input), string> _names = [];
    private int _next;

    private VitsGraphOrder(string source, OnnxGraph graph, string prefix)
    {
        (_source, _prefix) = (source, prefix);
        _reads = [.. graph.Nodes.SelectMany(node => ReadsOf(graph, node))];
        // The reference takes a speaker's vector after the text, its exports may take it before: only what it is chosen by tells it.
        _speakers = _reads.Find(read => read.Node.Operator == "Gather" && graph.WaysBack(read.Node.Input(1)).Contains(SpeakerInput));
        _reads.RemoveAll(read => read == _speakers);
    }

    private sealed record Read(OnnxNode Node, int Input, string[] Names, WeightEntry Entry)
    {
        public string Origin => Names[^1];

        public int[] Shape => Entry.Shape;

        public bool IsConvolution => Node.Operator is "Conv" or "ConvTranspose";
    }

    /// <summary>The graph with the names that its constants lost; as it is where none did.</summary>
    /// <param name="source">What error messages call the file.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="prefix">What the names of the network's tensors begin with; null where none is left.</param>
    /// <exception cref="WeightsException">Some did, and the graph reads its constants in another order than a VITS.</exception>
    public static OnnxGraph Named(string source, OnnxGraph graph, string? prefix)
    {
        var isNamed = prefix is not null && graph.Nodes.All(
            node => node.Operator is not ("Conv" or "ConvTranspose") || PyTorchNames.ModuleOf(graph, node) is not null);
        return isNamed ? graph : new VitsGraphOrder(source, graph, prefix ?? "").Walked(graph);
    }

    private static IEnumerable<Read> ReadsOf(OnnxGraph graph, OnnxNode node)
    {
        for (var input = 0; node.Operator is not ("Identity" or "Cast") && input < node.Inputs.Length; input++)
        {
            // A convolution's bias may be one number; other single numbers are of the formulas.
            if (graph.Constant(node.Inputs[input]) is { Shape.Length: > 0, Type: DataType.F16 or DataType.BF16 or DataType.F32 or DataType.F64 } entry
                && (node.Operator is "Conv" or "ConvTranspose" || entry.Shape.Any(size => size > 1)))
            {
                yield return new Read(node, input, [.. graph.WaysBack(node.Inputs[input])], entry);
            }
        }
    }

    private OnnxGraph Walked(OnnxGraph graph)
    {
        if (_speakers is { } speakers)
        {
            Name(speakers, "emb_g.weight");
        }

        TextEncoder();
        Durations();
        for (var coupling = VitsTensors.Couplings - 1; coupling >= 0; coupling--)
        {
            Coupling($"flow.flows.{2 * coupling}");
        }

        Decoder();
        if (_next < _reads.Count)
        {
            throw Unexpected("the end", _reads[_next]);
        }

        var initialisers = graph.Initialisers.ToDictionary();
        foreach (var read in _reads.Append(_speakers).OfType<Read>().Where(read => _names.ContainsKey((read.Node, read.Input))))
        {
            if (PyTorchNames.IsMadeUp(read.Origin))
            {
                initialisers.Remove(read.Origin);
            }

            initialisers[_names[(read.Node, read.Input)]] = read.Entry;
        }

        return new OnnxGraph(graph.Producer, [.. graph.Nodes.Select(Renamed)], initialisers, graph.Inputs, graph.Outputs, graph.Metadata);
    }

    private OnnxNode Renamed(OnnxNode node) => node with
    {
        Inputs = [.. node.Inputs.Select((value, input) => _names.GetValueOrDefault((node, input), value))],
    };

    private void TextEncoder()
    {
        Take("enc_p.emb.weight", 2);
        for (var layer = 0; Ahead(6) is { Shape: [1, (2 * VitsTensors.Window) + 1, _] }; layer++)
        {
            var attention = $"enc_p.encoder.attn_layers.{layer}";
            Convolution($"{attention}.conv_q");
            Convolution($"{attention}.conv_k");
            Convolution($"{attention}.conv_v");
            Take($"{attention}.emb_rel_k", 3);
            Take($"{attention}.emb_rel_v", 3);
            Convolution($"{attention}.conv_o");
            Norm($"enc_p.encoder.norm_layers_1.{layer}");
            Convolution($"enc_p.encoder.ffn_layers.{layer}.conv_1");
            Convolution($"enc_p.encoder.ffn_layers.{layer}.conv_2");
            Norm($"enc_p.encoder.norm_layers_2.{layer}");
        }

        Convolution("enc_p.proj");
    }

    private void Durations()
    {
        // Past the speaker's projection, plain durations begin with three taps and drawn ones with one.
        if (Ahead(_speakers is null ? 0 : 2) is { Shape: [_, _, VitsTensors.DurationKernel] })
        {
            Speaker("dp.cond");
            Convolution("dp.conv_1");
            Norm("dp.norm_1");
            Convolution("dp.conv_2");
            Norm("dp.norm_2");
            Convolution("dp.proj");
            return;
        }

        Convolution("dp.pre");
        Speaker("dp.cond");
        SeparableStack("dp.convs");
        Convolution("dp.proj");
        foreach (var flow in VitsTensors.DurationFlows)
        {
            Convolution($"dp.flows.{flow}.pre");
            SeparableStack($"dp.flows.{flow}.convs");
            Convolution($"dp.flows.{flow}.proj");
        }

        Take("dp.flows.0.m", 2);
        if (Ahead(0) is { Node.Operator: "Neg" })
        {
            Take("dp.flows.0.logs", 2);
        }
        else
        {
            // What the exporter made of it is no tensor of the network.
            _next++;
        }
    }

    private void SeparableStack(string name)
    {
        for (var layer = 0; layer < VitsTensors.SeparableLayers; layer++)
        {
            Convolution($"{name}.convs_sep.{layer}");
            Norm($"{name}.norms_1.{layer}");
            Convolution($"{name}.convs_1x1.{layer}");
            Norm($"{name}.norms_2.{layer}");
        }
    }

    private void Coupling(string name)
    {
        Convolution($"{name}.pre");
        Speaker($"{name}.enc.cond_layer");
        for (var layer = 0; layer < VitsTensors.CouplingLayers; layer++)
        {
            Convolution($"{name}.enc.in_layers.{layer}");
            Convolution($"{name}.enc.res_skip_layers.{layer}");
        }

        Convolution($"{name}.post");
    }

    private void Decoder()
    {
        Convolution("dec.conv_pre");
        Speaker("dec.cond");
        var block = 0;
        for (var stage = 0; Ahead(0) is { Node.Operator: "ConvTranspose" }; stage++)
        {
            Convolution($"dec.ups.{stage}");
            var nodes = _reads.Skip(_next).TakeWhile(read => read.Node.Operator == "Conv").Select(read => read.Node).Distinct().ToList();
            // The last convolution of all, dec.conv_post, is in no block.
            var count = nodes.Count == 0 || nodes[^1] != _reads[^1].Node ? nodes.Count : nodes.Count - 1;
            var paired = IsPaired(nodes[..count]);
            var layers = paired ? PairedLayers : SingleLayers;
            for (var done = 0; done < count; done += paired ? 2 * layers : layers, block++)
            {
                for (var layer = 0; layer < layers; layer++)
                {
                    Convolution($"dec.resblocks.{block}.{(paired ? "convs1" : "convs")}.{layer}");
                    if (paired)
                    {
                        Convolution($"dec.resblocks.{block}.convs2.{layer}");
                    }
                }
            }
        }

        Take("dec.conv_post.weight", 3);
    }

    // Blocks of three pairs: one number of taps for all six convolutions, and the second of each pair is not dilated.
    private static bool IsPaired(List<OnnxNode> nodes) => nodes.Count % (2 * PairedLayers) == 0 && nodes.Chunk(2 * PairedLayers).All(block =>
        block.All(node => node.Number("kernel_shape", 0) == block[0].Number("kernel_shape", 0))
        && block.Where((_, place) => place % 2 == 1).All(node => node.Number("dilations", 1) == 1));

    private Read? Ahead(int places) => _next + places < _reads.Count ? _reads[_next + places] : null;

    private void Speaker(string name)
    {
        if (_speakers is not null)
        {
            Convolution(name);
        }
    }

    private void Convolution(string name)
    {
        var weight = Take($"{name}.weight", 3);
        var bias = Take($"{name}.bias", 1);
        if (!weight.IsConvolution || bias.Node != weight.Node)
        {
            throw Unexpected($"{name}.weight", weight);
        }
    }

    private void Norm(string name)
    {
        Take($"{name}.gamma", 1);
        Take($"{name}.beta", 1);
    }

    private Read Take(string name, int rank)
    {
        var read = Ahead(0) ?? throw new WeightsException(
            $"{_source}: expected the constant '{_prefix}{name}', found the end of the ONNX graph; its constants have lost their names, and it reads "
            + "fewer than a VITS.");
        if (read.Shape.Length != rank)
        {
            throw Unexpected(name, read);
        }

        Name(read, name);
        _next++;
        return read;
    }

    private void Name(Read read, string name)
    {
        var left = read.Names.Where(known => s_parts.Any(part => known.StartsWith(_prefix + part, StringComparison.Ordinal))).ToList();
        _names[(read.Node, read.Input)] = left.Count == 0 || left.Contains(_prefix + name) ? _prefix + name : throw Unexpected(name, read);
    }

    private WeightsException Unexpected(string name, Read read) => new(
        $"{_source}: expected '{_prefix}{name}' at this place of the ONNX graph, found the constant '{read.Origin}' {Tensor.Describe(read.Shape)} of "
        + $"the operation {read.Node.Operator} '{read.Node.Name}'; constants have lost their names, and the graph reads them in another order than a "
        + "VITS. Take the file that the exporter wrote.");
}
