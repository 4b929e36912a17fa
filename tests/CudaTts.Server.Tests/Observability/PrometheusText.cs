using System.Globalization;
using System.Text.RegularExpressions;

namespace CudaTts.Server.Tests.Observability;

/// <summary>One line of Prometheus's text format.</summary>
/// <param name="Name">The metric's name, with a histogram's _bucket, _sum or _count.</param>
/// <param name="Labels">The labels, unescaped.</param>
/// <param name="Value">The value that stands there.</param>
internal sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>
/// A strict reader of Prometheus's text format, version 0.0.4, written from its description and not from our writer. What the format does not allow
/// throws <see cref="FormatException"/>.
/// </summary>
internal sealed partial class PrometheusText
{
    private PrometheusText(Dictionary<string, string> types, List<Sample> samples) => (Types, Samples) = (types, samples);

    /// <summary>The type of each metric.</summary>
    public IReadOnlyDictionary<string, string> Types { get; }

    /// <summary>All lines with values, in order.</summary>
    public IReadOnlyList<Sample> Samples { get; }

    public static PrometheusText Parse(string text)
    {
        Require(text.EndsWith('\n'), "the last line has no end");
        var (types, samples, helped, series) = (new Dictionary<string, string>(), new List<Sample>(), new HashSet<string>(), new HashSet<string>());
        string? current = null;
        foreach (var line in text[..^1].Split('\n'))
        {
            if (HelpLine().Match(line) is { Success: true } help)
            {
                Require(helped.Add(help.Groups[1].Value), $"two HELP lines: {line}");
            }
            else if (TypeLine().Match(line) is { Success: true } type)
            {
                current = type.Groups[1].Value;
                var isNew = helped.Contains(current) && types.TryAdd(current, type.Groups[2].Value);
                Require(isNew, $"TYPE without HELP before it, or a second one: {line}");
            }
            else
            {
                var sample = SampleOf(line);
                Require(current is not null && Family(sample.Name, current, types[current]), $"not within its metric: {line}");
                Require(series.Add(sample.Name + string.Join(',', sample.Labels.OrderBy(label => label.Key))), $"twice: {line}");
                samples.Add(sample);
            }
        }

        return new PrometheusText(types, samples);
    }

    /// <summary>The value of the only series that has these labels, among others.</summary>
    public double this[string name, params (string Key, string Value)[] labels] => Samples
        .Single(sample => sample.Name == name && labels.All(label => sample.Labels.TryGetValue(label.Key, out var value) && value == label.Value))
        .Value;

    public bool Has(string name) => Samples.Any(sample => sample.Name == name);

    private static bool Family(string name, string family, string type) =>
        type == "histogram" ? name == family + "_bucket" || name == family + "_sum" || name == family + "_count" : name == family;

    private static Sample SampleOf(string line)
    {
        var match = SampleLine().Match(line);
        Require(match.Success, $"no line of the format: '{line}'");
        var labels = new Dictionary<string, string>();
        foreach (Match label in Label().Matches(match.Groups[2].Value))
        {
            var value = label.Groups[2].Value.Replace("\\n", "\n").Replace("\\\"", "\"").Replace("\\\\", "\\");
            Require(labels.TryAdd(label.Groups[1].Value, value), $"a label twice: {line}");
        }

        return new Sample(match.Groups[1].Value, labels, match.Groups[3].Value switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            var number => double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture),
        });
    }

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new FormatException(problem);
        }
    }

    [GeneratedRegex(@"^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\]|\\\\|\\n)*)$")]
    private static partial Regex HelpLine();

    [GeneratedRegex("^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^\\"\n]|\\\\|\\"|\\n)*",?)*)\})? (\S+)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("""([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^\\"]|\\\\|\\"|\\n)*)""")]
    private static partial Regex Label();
}
