using CudaTts.Models.WaveGlow;
using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Tests.Models.WaveGlow;

/// <summary>WaveGlow's training direction as its paper defines it (arXiv:1811.00002, section 2), in double precision: audio to noise.</summary>
internal static class ReferenceWaveGlow
{
    /// <summary>The noise that the audio [1, N] is made of, by the names of the generating direction; each [C, T].</summary>
    public static List<(string Name, float[] Values)> Analyze(WaveGlowConfig config, ModelWeights weights, Tensor mel, Tensor audio)
    {
        Tensor Take(string name) => weights.Take(name, weights.Entry(name).Shape);
        var group = config.Group;
        var steps = audio.Length / group;
        var conditioning = Conditioning(config, Take, mel, steps);
        var channels = Enumerable.Range(0, group).Select(j => Enumerable.Range(0, steps).Select(t => (double)audio.Span[(t * group) + j]).ToArray())
            .ToList();
        var found = new List<(string, float[])>();
        var early = Enumerable.Range(0, config.Flows).Count(flow => flow > 0 && flow % config.EarlyEvery == 0);
        for (var flow = 0; flow < config.Flows; flow++)
        {
            if (flow > 0 && flow % config.EarlyEvery == 0)
            {
                found.Add(($"early_z.{--early}", Flat(channels[..config.EarlySize])));
                channels = channels[config.EarlySize..];
            }

            channels = Mixed(Take($"convinv.{flow}.conv.weight"), channels);
            var half = channels.Count / 2;
            var transformed = config.AlternateHalves && flow % 2 == 1 ? 0 : half;
            var kept = Sequence(channels[(half - transformed)..(channels.Count - transformed)]);
            var coupling = Coupling(config, flow, Take, kept, conditioning);
            for (var i = 0; i < half; i++)
            {
                var (shift, logScale) = (coupling[(i * steps)..((i + 1) * steps)], coupling[((half + i) * steps)..((half + i + 1) * steps)]);
                channels[transformed + i] = [.. channels[transformed + i].Select((x, t) => (Math.Exp(logScale[t]) * x) + shift[t])];
            }
        }

        found.Add(("z", Flat(channels)));
        return found;
    }

    private static Tensor Conditioning(WaveGlowConfig config, Func<string, Tensor> take, Tensor mel, int steps)
    {
        var spread = ReferenceOperations.ConvTranspose1d(mel, take("upsample.weight"), take("upsample.bias"), config.Mel.HopLength, 0, 1);
        var length = spread.Length / mel[1];
        var conditioning = new Tensor(1, mel[1] * config.Group, steps);
        for (var i = 0; i < conditioning.Length; i++)
        {
            var (channel, t) = (i / steps, i % steps);
            conditioning.Span[i] = (float)spread[(channel / config.Group * length) + (t * config.Group) + (channel % config.Group)];
        }

        return conditioning;
    }

    private static double[] Coupling(WaveGlowConfig config, int flow, Func<string, Tensor> take, Tensor kept, Tensor conditioning)
    {
        var prefix = $"WN.{flow}.";
        var x = ToTensor(ReferenceOperations.Conv1d(kept, take(prefix + "start.weight"), take(prefix + "start.bias"), 1, 0, 1), config.Channels);
        var product = ReferenceOperations.Conv1d(conditioning, take(prefix + "cond_layer.weight"), take(prefix + "cond_layer.bias"), 1, 0, 1);
        var (width, steps) = (config.Channels, kept[2]);
        var skip = new double[width * steps];
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var name = $"{prefix}in_layers.{layer}";
            var padding = (1 << layer) * (config.Kernel - 1) / 2;
            var sums = ReferenceOperations.Conv1d(x, take(name + ".weight"), take(name + ".bias"), 1 << layer, padding, 1);
            var offset = layer * 2 * width * steps;
            var gated = Enumerable.Range(0, width * steps).Select(i =>
                Math.Tanh(sums[i] + product[offset + i]) / (1 + Math.Exp(-(sums[(width * steps) + i] + product[offset + (width * steps) + i]))))
                    .ToArray();
            name = $"{prefix}res_skip_layers.{layer}";
            var both = ReferenceOperations.Conv1d(ToTensor(gated, width), take(name + ".weight"), take(name + ".bias"), 1, 0, 1);
            var isLast = layer == config.Layers - 1;
            for (var i = 0; i < skip.Length; i++)
            {
                skip[i] += both[i + (isLast ? 0 : skip.Length)];
                x.Span[i] += isLast ? 0 : (float)both[i];
            }
        }

        return ReferenceOperations.Conv1d(ToTensor(skip, width), take(prefix + "end.weight"), take(prefix + "end.bias"), 1, 0, 1);
    }

    private static List<double[]> Mixed(Tensor weight, List<double[]> channels) =>
        [.. Enumerable.Range(0, channels.Count).Select(row => Enumerable.Range(0, channels[0].Length).Select(t =>
            Enumerable.Range(0, channels.Count).Sum(channel => weight.Span[(row * channels.Count) + channel] * channels[channel][t])).ToArray())];

    private static float[] Flat(List<double[]> channels) => [.. channels.SelectMany(channel => channel).Select(value => (float)value)];

    private static Tensor Sequence(List<double[]> channels) => Tensor.From(Flat(channels), 1, channels.Count, channels[0].Length);

    private static Tensor ToTensor(double[] values, int channels) =>
        Tensor.From(Array.ConvertAll(values, value => (float)value), 1, channels, values.Length / channels);
}
