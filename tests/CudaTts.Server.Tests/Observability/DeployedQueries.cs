using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CudaTts.Server.Tests.Observability;

/// <summary>The queries of the dashboard and of the alert rules, and what they name.</summary>
internal static partial class DeployedQueries
{
    private static readonly string[] s_notOurs = ["up"];

    private static string Deployed => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", "deploy"));

    /// <summary>The page that lists the metrics for people.</summary>
    public static string MetricsPage => File.ReadAllText(
        Path.Combine(Path.GetDirectoryName(Deployed)!, "src", "CudaTts.Server", "Observability", "README.md"));

    /// <summary>Every query, with where it stands.</summary>
    public static IEnumerable<(string Where, string Query)> All() => Dashboard().Concat(Alerts());

    /// <summary>Metrics that a query names, each with the labels that it is chosen by (null for a value that is a pattern).</summary>
    public static IEnumerable<(string Metric, (string Label, string? Value)[] Labels)> MetricsIn(string query)
    {
        // A label's value may have braces, and labels stand behind by and on too.
        var plain = Grouping().Replace(Strings().Replace(query, text => text.Value.Replace('{', '<').Replace('}', '>')), "");
        foreach (Match match in Metric().Matches(plain))
        {
            var name = match.Groups[1].Value;
            if (!s_notOurs.Contains(name))
            {
                yield return (name, [.. Matcher().Matches(match.Groups[2].Value)
                    .Select(label => (label.Groups[1].Value, label.Groups[2].Value == "=" ? label.Groups[3].Value : null))]);
            }
        }
    }

    private static IEnumerable<(string Where, string Query)> Dashboard()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Deployed, "grafana", "cudatts.json")));
        foreach (var panel in document.RootElement.GetProperty("panels").EnumerateArray().Where(panel => panel.TryGetProperty("targets", out _)))
        {
            foreach (var target in panel.GetProperty("targets").EnumerateArray())
            {
                yield return (panel.GetProperty("title").GetString()!, target.GetProperty("expr").GetString()!);
            }
        }

        foreach (var variable in document.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray())
        {
            if (variable.TryGetProperty("definition", out var definition))
            {
                var (metric, label) = LabelValues().Match(definition.GetString()!).Groups is var found ? (found[1].Value, found[2].Value) : default;
                yield return ($"variable {label}", $"{metric}{{{(label == "instance" ? "" : $"{label}=~\".*\"")}}}");
            }
        }
    }

    // An alert's expression is one line, or all lines further in than its key.
    private static IEnumerable<(string Where, string Query)> Alerts()
    {
        var rules = File.ReadAllText(Path.Combine(Deployed, "prometheus", "cudatts-alerts.yml"));
        return Alert().Matches(rules).Select(alert => (alert.Groups[1].Value, alert.Groups[2].Value));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Strings();

    [GeneratedRegex(@"\b(by|on) \([^)]*\)")]
    private static partial Regex Grouping();

    [GeneratedRegex("""(?<![\w"$])((?:cudatts|process|dotnet|http|kestrel)_[a-z0-9_]+|up)\b(?:\{([^}]*)\})?""")]
    private static partial Regex Metric();

    [GeneratedRegex("""([a-z_]+)(=~|!~|!=|=)"([^"]*)" ?""")]
    private static partial Regex Matcher();

    [GeneratedRegex(@"label_values\((\w+), (\w+)\)")]
    private static partial Regex LabelValues();

    [GeneratedRegex(@"- alert: (\w+)\n        expr: ((?:\|\n)?.*?)\n        (?:for|labels):", RegexOptions.Singleline)]
    private static partial Regex Alert();
}
