using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace CudaTts.Cli;

/// <summary>Options that take a number. It has a decimal point in every country: 1,5 would be fifteen in one and one and a half in another.</summary>
internal static class NumberOption
{
    /// <summary>An option that takes a number within a range; null when it is not given.</summary>
    /// <param name="name">The option.</param>
    /// <param name="range">What it takes.</param>
    /// <param name="helpName">What help calls the number.</param>
    /// <param name="description">What help says.</param>
    /// <param name="expected">The range in words, where a float64 cannot hold its end.</param>
    public static Option<T?> Of<T>(string name, NumberRange range, string helpName, string description, string? expected = null)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result => Parse<T>(result, name, range, expected ?? range.Expected),
        };

    private static T? Parse<T>(ArgumentResult result, string name, NumberRange range, string expected)
        where T : struct, INumber<T>
    {
        var text = result.Tokens[0].Value;
        var isWhole = T.One / (T.One + T.One) == T.Zero;
        var style = isWhole ? NumberStyles.AllowLeadingSign : NumberStyles.Float;
        if (T.TryParse(text, style, CultureInfo.InvariantCulture, out var value) && range.Contains(double.CreateSaturating(value)))
        {
            return value;
        }

        var advice = !isWhole && text.Contains(',', StringComparison.Ordinal) ? " with a decimal point, not a comma" : "";
        result.AddError($"{name}: expected a {(isWhole ? "whole " : "")}number, {expected}{advice}, found '{text}'.");
        return null;
    }
}
