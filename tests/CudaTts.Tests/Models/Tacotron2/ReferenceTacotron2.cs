using CudaTts.Models.Tacotron2;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Tests.Models.Tacotron2;

/// <summary>The decoder as the paper writes it, in scalar float64 without any layout: the specification of the fast one.</summary>
internal sealed class ReferenceTacotron2(Tacotron2Config config, ModelWeights weights)
{
    /// <summary>Runs [steps, 2, prenet] masks over the memory [1, T, E].</summary>
    public (double[] Frames, double[] Gates, double[] Alignments) Decode(Tensor memory, byte[] keep)
    {
        var (tokens, encoder) = (memory[1], memory[2]);
        var values = Array.ConvertAll(memory.Span.ToArray(), value => (double)value);
        var rows = Enumerable.Range(0, tokens).Select(t => values[(t * encoder)..((t + 1) * encoder)]).ToArray();
        var keys = rows.Select(row => Linear("attention_layer.memory_layer.linear_layer", row)).ToArray();
        List<double> frames = [], gates = [], alignments = [];
        var frame = new double[config.StepWidth];
        double[] h1 = new double[config.AttentionRnn], c1 = new double[config.AttentionRnn];
        double[] h2 = new double[config.DecoderRnn], c2 = new double[config.DecoderRnn];
        double[] context = new double[encoder], previous = new double[tokens], cumulative = new double[tokens];
        for (var step = 0; step < keep.Length / (2 * config.Prenet); step++)
        {
            var x = frame;
            for (var layer = 0; layer < 2; layer++)
            {
                var mask = keep.AsSpan(((2 * step) + layer) * config.Prenet, config.Prenet).ToArray();
                x = [.. Linear($"prenet.layers.{layer}.linear_layer", x).Select((value, unit) => mask[unit] * 2 * Math.Max(0, value))];
            }

            (h1, c1) = Lstm("attention_rnn", [.. x, .. context], h1, c1);
            previous = Attend(h1, keys, previous, cumulative);
            cumulative = [.. cumulative.Zip(previous, (sum, weight) => sum + weight)];
            context = [.. Enumerable.Range(0, encoder).Select(e => rows.Zip(previous, (row, weight) => row[e] * weight).Sum())];
            (h2, c2) = Lstm("decoder_rnn", [.. h1, .. context], h2, c2);
            frame = Linear("linear_projection.linear_layer", [.. h2, .. context]);
            frames.AddRange(frame);
            gates.AddRange(Linear("gate_layer.linear_layer", [.. h2, .. context]));
            alignments.AddRange(previous);
        }

        return ([.. frames], [.. gates], [.. alignments]);
    }

    private double[] Attend(double[] query, double[][] keys, double[] previous, double[] cumulative)
    {
        const string Location = "decoder.attention_layer.location_layer.location_conv.conv.weight";
        var (filters, taps) = (config.LocationFilters, config.LocationKernel);
        var kernel = weights.Take(Location, filters, 2, taps);
        var projected = Linear("attention_layer.query_layer.linear_layer", query);
        var energies = new double[keys.Length];
        for (var token = 0; token < keys.Length; token++)
        {
            var features = new double[filters];
            for (var filter = 0; filter < filters; filter++)
            {
                for (var tap = 0; tap < taps; tap++)
                {
                    var at = token + tap - (taps / 2);
                    if (at >= 0 && at < keys.Length)
                    {
                        features[filter] += kernel.Span[(filter * 2 * taps) + tap] * previous[at];
                        features[filter] += kernel.Span[(((filter * 2) + 1) * taps) + tap] * cumulative[at];
                    }
                }
            }

            var location = Linear("attention_layer.location_layer.location_dense.linear_layer", features);
            double[] sum = [.. keys[token].Select((key, a) => Math.Tanh(key + projected[a] + location[a]))];
            energies[token] = Linear("attention_layer.v.linear_layer", sum)[0];
        }

        var largest = energies.Max();
        double[] powers = [.. energies.Select(energy => Math.Exp(energy - largest))];
        return [.. powers.Select(power => power / powers.Sum())];
    }

    private (double[] Hidden, double[] Cell) Lstm(string name, double[] input, double[] hidden, double[] cell)
    {
        static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
        var units = hidden.Length;
        var gates = Product($"decoder.{name}.weight_ih", $"decoder.{name}.bias_ih", input)
            .Zip(Product($"decoder.{name}.weight_hh", $"decoder.{name}.bias_hh", hidden), (a, b) => a + b).ToArray();
        double[] next = [.. cell.Select((c, u) => (Sigmoid(gates[units + u]) * c) + (Sigmoid(gates[u]) * Math.Tanh(gates[(2 * units) + u])))];
        return ([.. next.Select((c, u) => Sigmoid(gates[(3 * units) + u]) * Math.Tanh(c))], next);
    }

    private double[] Linear(string name, double[] input) =>
        Product($"decoder.{name}.weight", weights.Contains($"decoder.{name}.bias") ? $"decoder.{name}.bias" : null, input);

    private double[] Product(string weightName, string? biasName, double[] input)
    {
        var shape = weights.Entry(weightName).Shape;
        var weight = weights.Take(weightName, shape);
        var bias = biasName is null ? null : weights.Take(biasName, shape[0]);
        var output = new double[shape[0]];
        for (var row = 0; row < output.Length; row++)
        {
            output[row] = bias?.Span[row] ?? 0;
            for (var column = 0; column < input.Length; column++)
            {
                output[row] += weight.Span[(row * input.Length) + column] * input[column];
            }
        }

        return output;
    }
}
