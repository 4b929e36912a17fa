using CudaTts.Models.FastPitch;
using CudaTts.Weights;

namespace CudaTts.Tests.Models.FastPitch;

/// <summary>FastPitch by its definition, in float64 and step by step: sequences are lists of steps, each a vector of channels.</summary>
internal sealed class ReferenceFastPitch(FastPitchConfig config, ModelWeights weights)
{
    /// <summary>What the network makes of ids, 0 of which is padding wherever it stands.</summary>
    public (double[][] EncoderOut, double[] LogDurations, double[] Pitch, double[] Energy, double[][] Mel) Run(int[] ids, int speaker, float pace)
    {
        var keep = Array.ConvertAll(ids, id => id == config.PaddingId ? 0.0 : 1);
        var symbols = Rows("encoder.word_emb.weight");
        var voice = config.SpeakerCount > 1 ? Rows("speaker_emb.weight")[speaker] : new double[config.Width];
        var tokens = Transformer(
            "encoder", config.Encoder, [.. ids.Select(id => Add(symbols[id], voice, config.SpeakerWeight))], keep);
        var encoderOut = tokens;
        var logDurations = Predictor(config.Duration, tokens, keep);
        var pitch = Predictor(config.Pitch, tokens, keep);
        tokens = Embedded("pitch_emb", tokens, pitch);
        var energy = Predictor(config.Energy!, tokens, keep);
        tokens = Embedded("energy_emb", tokens, energy);
        var frames = new List<double[]>();
        for (var token = 0; token < ids.Length; token++)
        {
            var duration = Math.Clamp(Math.Exp(logDurations[token]) - 1, 0, 75);
            frames.AddRange(Enumerable.Repeat(tokens[token], (int)Math.Floor((duration / pace) + 0.5)));
        }

        var decoded = Transformer("decoder", config.Decoder, [.. frames], [.. frames.Select(_ => 1.0)]);
        return (encoderOut, logDurations, pitch, energy, Convolution("proj", decoded));
    }

    private double[][] Transformer(string name, TransformerSizes sizes, double[][] x, double[] keep)
    {
        var frequencies = Values($"{name}.pos_emb.inv_freq");
        double Position(int step, int channel) => channel < frequencies.Length ? Math.Sin(step * frequencies[channel])
            : Math.Cos(step * frequencies[channel - frequencies.Length]);
        x = [.. x.Select((step, i) => step.Select((value, channel) => value + (keep[i] * Position(i, channel))).ToArray())];
        for (var layer = 0; layer < sizes.Layers; layer++)
        {
            var part = $"{name}.layers.{layer}.dec_attn";
            var attended = Convolution($"{part}.o_net", Attention(Convolution($"{part}.qkv_net", x), sizes, keep));
            x = Keep(Norm($"{part}.layer_norm", [.. x.Zip(attended, (a, b) => Add(a, b))]), keep);
            part = $"{name}.layers.{layer}.pos_ff";
            var convolved = Convolution($"{part}.CoreNet.2", Relu(Convolution($"{part}.CoreNet.0", x)));
            x = Keep(Norm($"{part}.layer_norm", [.. x.Zip(convolved, (a, b) => Add(a, b))]), keep);
        }

        return x;
    }

    private static double[][] Attention(double[][] projected, TransformerSizes sizes, double[] keep)
    {
        var output = projected.Select(_ => new double[sizes.Attention]).ToArray();
        for (var head = 0; head < sizes.Heads; head++)
        {
            double[] Part(double[] step, int third) => step[((third * sizes.Attention) + (head * sizes.HeadWidth))..][..sizes.HeadWidth];
            for (var i = 0; i < projected.Length; i++)
            {
                var query = Part(projected[i], 0);
                var weights = projected.Select((step, j) => keep[j] * Math.Exp(Dot(query, Part(step, 1)) / Math.Sqrt(sizes.HeadWidth))).ToArray();
                for (var j = 0; j < projected.Length; j++)
                {
                    var value = Part(projected[j], 2);
                    for (var channel = 0; channel < value.Length; channel++)
                    {
                        output[i][(head * sizes.HeadWidth) + channel] += weights[j] / weights.Sum() * value[channel];
                    }
                }
            }
        }

        return output;
    }

    private double[] Predictor(PredictorSizes sizes, double[][] x, double[] keep)
    {
        x = Keep(x, keep);
        for (var layer = 0; layer < sizes.Layers; layer++)
        {
            x = Norm($"{sizes.Name}.layers.{layer}.norm", Relu(Convolution($"{sizes.Name}.layers.{layer}.conv", x)));
        }

        return [.. Keep(Convolution($"{sizes.Name}.fc", x), keep).Select(step => step[0])];
    }

    private double[][] Embedded(string name, double[][] tokens, double[] values) =>
        [.. tokens.Zip(Convolution(name, [.. values.Select(value => new[] { value })]), (token, embedding) => Add(token, embedding))];

    // A linear layer is a convolution of one tap.
    private double[][] Convolution(string name, double[][] x)
    {
        var shape = weights.Entry($"{name}.weight").Shape;
        var (taps, kernel) = (Values($"{name}.weight"), shape.Length == 3 ? shape[2] : 1);
        var bias = weights.Contains($"{name}.bias") ? Values($"{name}.bias") : new double[shape[0]];
        return [.. x.Select((_, step) => bias.Select((shift, output) =>
        {
            for (var tap = 0; tap < kernel; tap++)
            {
                var at = step + tap - (kernel / 2);
                for (var input = 0; at >= 0 && at < x.Length && input < shape[1]; input++)
                {
                    shift += taps[(((output * shape[1]) + input) * kernel) + tap] * x[at][input];
                }
            }

            return shift;
        }).ToArray())];
    }

    private double[][] Norm(string name, double[][] x)
    {
        var (scale, shift) = (Values($"{name}.weight"), Values($"{name}.bias"));
        return Array.ConvertAll(x, step =>
        {
            var mean = step.Average();
            var deviation = Math.Sqrt(step.Average(value => (value - mean) * (value - mean)) + 1e-5);
            return step.Select((value, channel) => ((value - mean) / deviation * scale[channel]) + shift[channel]).ToArray();
        });
    }

    private double[][] Rows(string name) => [.. Values(name).Chunk(weights.Entry(name).Shape[1])];

    private double[] Values(string name) =>
        Array.ConvertAll(weights.Take(name, weights.Entry(name).Shape).Span.ToArray(), value => (double)value);

    private static double[][] Keep(double[][] x, double[] keep) =>
        [.. x.Zip(keep, (step, factor) => Array.ConvertAll(step, value => value * factor))];

    private static double[][] Relu(double[][] x) => Array.ConvertAll(x, step => Array.ConvertAll(step, value => Math.Max(value, 0)));

    private static double[] Add(double[] a, double[] b, double factor = 1) => [.. a.Zip(b, (x, y) => x + (factor * y))];

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
