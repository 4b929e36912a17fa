using System.Globalization;

namespace CudaTts.Models;

/// <summary>
/// The normalisation of mels to the range from 0 to 1 that WaveNets of 2018 read: (20 log10 of the amplitude - reference + range) / range, clipped.
/// </summary>
/// <param name="Reference">Decibels that become 1.</param>
/// <param name="Range">Decibels below it that become 0.</param>
internal sealed record UnitRange(double Reference, double Range)
{
    private const string Name = "unit-range";
    private const double DecibelsOfDecade = 20;

    // What the shortest text of any number may need that is one again.
    private const NumberStyles Form = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>That of the published models.</summary>
    public static UnitRange Usual { get; } = new(20, 100);

    /// <summary>The normalisation of a mel contract.</summary>
    public string Contract => string.Create(CultureInfo.InvariantCulture, $"{Name}:{Reference}:{Range}");

    /// <summary>The range that a contract's normalisation names; null where it names another.</summary>
    public static UnitRange? Parse(string normalisation)
    {
        return normalisation.Split(':') is [Name, var reference, var range] && Number(reference) is { } one && Number(range) is > 0 and var below
            ? new UnitRange(one, below) : null;
    }

    /// <summary>The normalised value of a decimal logarithm of an amplitude.</summary>
    public double Of(double logarithm) => Math.Clamp(((DecibelsOfDecade * logarithm) - Reference + Range) / Range, 0, 1);

    private static double? Number(string text) =>
        double.TryParse(text, Form, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
