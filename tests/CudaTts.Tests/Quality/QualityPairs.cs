using System.Text.Json;
using CudaTts.Audio;
using CudaTts.Quality.Signals;
using CudaTts.Quality.Statistics;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Quality;

/// <summary>
/// The pairs of <c>golden/quality/scores.json</c>: signals made by recipes, and the scores that the original programs gave them. The shared folder
/// has more pairs than the repository, which holds only recordings that are free.
/// </summary>
internal static class QualityPairs
{
    private static readonly Lazy<Dictionary<string, JsonElement>> s_pairs = new(() => Read("pairs"));
    private static readonly Lazy<Dictionary<string, JsonElement>> s_errors = new(() => Read("errors"));

    /// <summary>Names of all pairs with scores.</summary>
    public static IEnumerable<string> Names => s_pairs.Value.Keys;

    /// <summary>Names of the pairs that PESQ refuses.</summary>
    public static IEnumerable<string> Refused => s_errors.Value.Keys;

    /// <summary>Names of pairs of one rate, Hz.</summary>
    public static IEnumerable<string> NamesAt(int rate) => Names.Where(name => Pair(name).GetProperty("rate").GetInt32() == rate);

    /// <summary>Makes the two signals of a pair; ends the test as skipped where a recording is not there.</summary>
    public static (Signal Reference, Signal Degraded) Make(string name)
    {
        var pair = Pair(name);
        var reference = SignalRecipe.Make(pair.GetProperty("reference"), null);
        var degraded = SignalRecipe.Make(pair.GetProperty("degraded"), reference);
        return (reference, degraded);
    }

    /// <summary>The score that the original program gave.</summary>
    public static double? Score(string name, string measure) => Number(Pair(name).GetProperty("scores"), measure);

    /// <summary>What else the original program said: utterances, counts.</summary>
    public static JsonElement Tool(string name) => Pair(name).GetProperty("tool");

    /// <summary>Why PESQ refuses a pair.</summary>
    public static string Refusal(string name) => Pair(name).GetProperty("pesq").GetString()!;

    private static double? Number(JsonElement scores, string measure) =>
        scores.TryGetProperty(measure, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static JsonElement Pair(string name) => s_pairs.Value.TryGetValue(name, out var pair) ? pair : s_errors.Value[name];

    private static Dictionary<string, JsonElement> Read(string list)
    {
        var pairs = new Dictionary<string, JsonElement>();
        foreach (var file in Golden.All("quality/scores.json"))
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var pair in document.RootElement.GetProperty(list).EnumerateArray())
            {
                pairs[pair.GetProperty("name").GetString()!] = pair.Clone();
            }
        }

        return pairs;
    }
}

/// <summary>
/// Makes a signal from operations in order, on float64 on the scale of 16-bit integers, rounded at the end; the scores were computed of such signals.
/// </summary>
internal sealed class SignalRecipe
{
    private double[] _x = [];
    private int _rate;

    private SignalRecipe()
    {
    }

    /// <summary>Runs the operations.</summary>
    /// <param name="operations">A list of lists: the name of the operation, then its numbers.</param>
    /// <param name="reference">What the operation <c>reference</c> copies.</param>
    public static Signal Make(JsonElement operations, Signal? reference)
    {
        var recipe = new SignalRecipe();
        foreach (var operation in operations.EnumerateArray())
        {
            recipe.Run(operation.EnumerateArray().ToArray(), reference);
        }

        recipe.Round();
        return new Signal(Array.ConvertAll(recipe._x, value => value / Signal.Int16Scale), recipe._rate);
    }

    private void Run(JsonElement[] operation, Signal? reference)
    {
        double N(int i) => operation[i].GetDouble();
        int I(int i) => operation[i].GetInt32();
        string S(int i) => operation[i].GetString()!;
        switch (S(0))
        {
            case "load": (_x, _rate) = Load(S(1)); break;
            case "tensor": (_x, _rate) = (LoadTensor(S(1), S(2)), I(3)); break;
            case "reference": (_x, _rate) = (Array.ConvertAll(reference!.Samples, value => value * Signal.Int16Scale), reference.SampleRate); break;
            case "append": _x = [.. _x, .. Load(S(1)).Samples]; break;
            case "to": (_x, _rate) = (RationalResampler.Apply(_x, _rate, I(1)), I(1)); break;
            case "round": Round(); break;
            case "noise": AddNoise(S(1), N(2)); break;
            case "noise_abs": AddNoise(S(1), gain: N(2)); break;
            case "gain": Each((value, _) => value * N(1)); break;
            case "offset": Each((value, _) => value + N(1)); break;
            case "clip": var limit = N(1) * _x.Max(Math.Abs); Each((value, _) => Math.Clamp(value, -limit, limit)); break;
            case "lowpass": Filter(N(1), I(2), isHighPass: false); break;
            case "highpass": Filter(N(1), I(2), isHighPass: true); break;
            case "delay": Delay(I(1)); break;
            case "cut": _x = _x[I(1)..I(2)]; break;
            case "remove": _x = [.. _x[..I(1)], .. _x[(I(1) + I(2))..]]; break;
            case "insert": _x = [.. _x[..I(1)], .. new double[I(2)], .. _x[I(1)..]]; break;
            case "mulaw": Each((value, _) => MuLaw(value)); break;
            case "quantize": var step = Math.Pow(2, 16 - I(1)); Each((value, _) => Math.Floor((value / step) + 0.5) * step); break;
            case "drop": Each((value, i) => i / I(2) > 0 && i / I(2) % I(1) == 0 ? 0 : value); break;
            case "echo": var dry = _x; Each((value, i) => value + (i >= I(1) ? N(2) * dry[i - I(1)] : 0)); break;
            case "reverb": Reverberate(S(1), I(2), N(3), N(4)); break;
            case "tone": Each((value, i) => value + (N(2) * Math.Sin(2 * Math.PI * N(1) * i / _rate))); break;
            case "clicks": Each((value, i) => i > 0 && i % I(1) == 0 ? value + (N(2) * (i / I(1) % 2 == 1 ? 1 : -1)) : value); break;
            case "am": Each((value, i) => value * (1 + (N(2) * Math.Sin(2 * Math.PI * N(1) * i / _rate)))); break;
            case "speed": _x = RationalResampler.Apply(_x, I(2), I(1)); break;
            case "mix": var other = Load(S(1)).Samples; Each((value, i) => value + (i < other.Length ? N(2) * other[i] : 0)); break;
            case "reverse": Array.Reverse(_x); break;
            default: throw new InvalidOperationException($"no operation '{S(0)}'");
        }
    }

    private static (double[] Samples, int Rate) Load(string file)
    {
        var recording = AudioFile.Read(Golden.Path(file));
        return (Array.ConvertAll(recording.Samples, sample => sample * Signal.Int16Scale), recording.SampleRate);
    }

    private static double[] LoadTensor(string file, string name)
    {
        var weights = SafetensorsFile.Open(Golden.Path(file)).Weights;
        var tensor = weights.Take(name, weights.Entry(name).Shape);
        return Array.ConvertAll(tensor.Span.ToArray(), sample => sample * Signal.Int16Scale);
    }

    private void Each(Func<double, int, double> change) => _x = [.. _x.Select(change)];

    private void Round() => Each((value, _) => Math.Clamp(Math.Floor(value + 0.5), -32768, 32767));

    private void AddNoise(string name, double? decibels = null, double gain = 0)
    {
        var noise = White(name, _x.Length);
        if (decibels is { } ratio)
        {
            gain = Math.Sqrt(_x.Sum(value => value * value) / (noise.Sum(value => value * value) * Math.Pow(10, ratio / 10)));
        }

        Each((value, i) => value + (gain * noise[i]));
    }

    private static double[] White(string name, int count)
    {
        var uniform = new UniformSequence(name);
        return [.. Enumerable.Range(0, count).Select(i => (2 * uniform[i]) - 1)];
    }

    private void Filter(double cutoff, int count, bool isHighPass)
    {
        var centre = (count - 1) / 2;
        var taps = new double[count];
        for (var j = 0; j < count; j++)
        {
            var x = 2 * cutoff / _rate * (j - centre);
            var sinc = j == centre ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
            taps[j] = 2 * cutoff / _rate * sinc * (0.54 - (0.46 * Math.Cos(2 * Math.PI * j / (count - 1))));
        }

        var sum = taps.Sum();
        taps = [.. taps.Select((tap, j) => ((isHighPass ? -1 : 1) * tap / sum) + (isHighPass && j == centre ? 1 : 0))];
        var x0 = _x;
        Each((_, i) => Enumerable.Range(0, count).Sum(j => i + centre - j is var at && at >= 0 && at < x0.Length ? taps[j] * x0[at] : 0));
    }

    private void Delay(int count) => _x = count > 0 ? [.. new double[count], .. _x[..^count]] : [.. _x[-count..], .. new double[-count]];

    private static double MuLaw(double x)
    {
        var v = Math.Sign(x) * Math.Log(1 + (255 * Math.Abs(x) / 32768)) / Math.Log(256);
        v = (2 * Math.Floor(((v + 1) / 2 * 255) + 0.5) / 255) - 1;
        return Math.Sign(v) * (Math.Pow(256, Math.Abs(v)) - 1) / 255 * 32768;
    }

    private void Reverberate(string name, int count, double seconds, double gain)
    {
        var noise = White(name, count);
        var response = noise.Select((w, i) => i == 0 ? 1 : gain * w * Math.Exp(-Math.Log(1000) * i / (seconds * _rate))).ToArray();
        var transform = new RealFourierTransform(RealFourierTransform.LengthFor(_x.Length + count));
        var (re, im) = (new double[transform.Bins], new double[transform.Bins]);
        var (responseRe, responseIm) = (new double[transform.Bins], new double[transform.Bins]);
        transform.Forward(_x, re, im);
        transform.Forward(response, responseRe, responseIm);
        for (var k = 0; k < re.Length; k++)
        {
            (re[k], im[k]) = ((re[k] * responseRe[k]) - (im[k] * responseIm[k]), (re[k] * responseIm[k]) + (im[k] * responseRe[k]));
        }

        transform.Inverse(re, im, _x);
    }
}
