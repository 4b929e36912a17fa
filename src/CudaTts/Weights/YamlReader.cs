using System.Globalization;
using CudaTts.Weights.PyTorch;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace CudaTts.Weights;

/// <summary>
/// Reads a YAML config (kan-bayashi's config.yml) into the nodes that other configs become. Only YamlDotNet's parser is used: no object is made by
/// a tag, and aliases, which could blow a small file up, are refused.
/// </summary>
internal static class YamlReader
{
    private const int DepthLimit = 32;

    /// <summary>The document's mapping.</summary>
    /// <exception cref="WeightsException">Not YAML, not one mapping, or with aliases.</exception>
    public static DictionaryNode Parse(string yaml, string source)
    {
        try
        {
            var parser = new Parser(new StringReader(yaml));
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                throw new WeightsException($"{source}: expected a YAML mapping, found nothing.");
            }

            var mapping = Node(parser, source, depth: 0) as DictionaryNode ?? throw new WeightsException($"{source}: expected a YAML mapping.");
            parser.Consume<DocumentEnd>();
            return parser.TryConsume<StreamEnd>(out _) ? mapping
                : throw new WeightsException($"{source}: expected one YAML document, found another in line {parser.Current?.Start.Line}.");
        }
        catch (YamlException error)
        {
            var place = $"line {error.Start.Line}, column {error.Start.Column}";
            throw new WeightsException(
                $"{source}: is not valid YAML in {place}: look for a bracket, a quotation mark, a tabulator or an indentation there.", error);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or FormatException or IndexOutOfRangeException
            or NullReferenceException or OverflowException or NotSupportedException)
        {
            // The parser has been seen to end so on brackets that do not close.
            throw new WeightsException($"{source}: is not valid YAML: look for a bracket or a quotation mark that does not close.", error);
        }
    }

    private static object? Node(Parser parser, string source, int depth)
    {
        if (depth > DepthLimit)
        {
            throw new WeightsException($"{source}: its mappings are nested more than {DepthLimit} deep.");
        }

        if (parser.TryConsume<MappingStart>(out _))
        {
            return Mapping(parser, source, depth);
        }

        if (parser.TryConsume<SequenceStart>(out _))
        {
            var list = new ListNode();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                list.Items.Add(Node(parser, source, depth + 1));
            }

            return list;
        }

        return parser.TryConsume<Scalar>(out var scalar)
            ? Value(scalar)
            : throw new WeightsException($"{source}: line {parser.Current?.Start.Line}: expected a value; aliases are not read.");
    }

    private static DictionaryNode Mapping(Parser parser, string source, int depth)
    {
        var mapping = new DictionaryNode();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.Consume<Scalar>();
            if (!keys.Add(key.Value))
            {
                throw new WeightsException($"{source}: the key '{key.Value}' is there twice, again at line {key.Start.Line}; remove one.");
            }

            mapping.Set(key.Value, Node(parser, source, depth + 1));
        }

        return mapping;
    }

    // What YAML 1.1, which Python reads, takes a plain scalar to mean; quoted ones are text.
    private static object? Value(Scalar scalar)
    {
        if (scalar.Style != ScalarStyle.Plain)
        {
            return scalar.Value;
        }

        return scalar.Value switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" or "yes" or "on" => true,
            "false" or "False" or "FALSE" or "no" or "off" => false,
            var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) => integer,
            var text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            var text => text,
        };
    }
}
