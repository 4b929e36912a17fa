using System.Globalization;
using System.Text.RegularExpressions;

namespace CudaTts.Models;

/// <summary>
/// The normalisation of mels to the range from 0 to 1 that WaveNets of 2018 read: (20 log10 of the amplitude - reference + range) / range, clipped.
/// </summary>
/// <param name="Reference">Decibels that become 1.</param>
/// <param name="Range">Decibels below it that become 0.</param>
internal sealed partial record UnitRange(double Reference, double Range)
{
    private const double DecibelsOfDecade = 20;

    /// <summary>That of the published models.</summary>
    public static UnitRange Usual { get; } = new(20, 100);

    /// <summary>The normalisation of a mel contract.</summary>
    public string Contract => string.Create(CultureInfo.InvariantCulture, $"unit-range:{Reference}:{Range}");

    /// <summary>The range that a contract's normalisation names; null where it names another.</summary>
    public static UnitRange? Parse(string normalisation)
    {
        var match = Form().Match(normalisation);
        return match.Success && double.Parse(match.Groups["range"].Value, CultureInfo.InvariantCulture) is > 0 and var range
            ? new UnitRange(double.Parse(match.Groups["reference"].Value, CultureInfo.InvariantCulture), range)
            : null;
    }

    /// <summary>The normalised value of a decimal logarithm of an amplitude.</summary>
    public double Of(double logarithm) => Math.Clamp(((DecibelsOfDecade * logarithm) - Reference + Range) / Range, 0, 1);

    [GeneratedRegex(@"^unit-range:(?<reference>-?\d{1,3}(\.\d{1,3})?):(?<range>\d{1,3}(\.\d{1,3})?)$")]
    private static partial Regex Form();
}
