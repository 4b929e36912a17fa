using System.Globalization;

namespace CudaTts.Cli.Reports;

/// <summary>Numbers as a report prints them: the invariant culture's, with a minus that is as wide as a plus.</summary>
internal static class NumberText
{
    /// <summary>What stands for a number that is not there.</summary>
    public const string Missing = "\u2013";

    private const string Minus = "\u2212";

    /// <summary>A number, or the dash of a missing one.</summary>
    /// <param name="value">Null and what is not finite are missing.</param>
    /// <param name="decimals">Digits behind the point.</param>
    public static string Of(double? value, int decimals)
    {
        if (value is not { } number || !double.IsFinite(number))
        {
            return Missing;
        }

        var digits = Math.Abs(number).ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return number < 0 && !IsZero(digits) ? Minus + digits : digits;
    }

    /// <summary>Digits as .NET writes them, with this report's minus.</summary>
    public static string OfDigits(string digits) => digits.Replace("-", Minus, StringComparison.Ordinal);

    /// <summary>A difference, which always has its sign; none where it rounds to zero.</summary>
    public static string Signed(double? value, int decimals)
    {
        var digits = Of(value, decimals);
        return value > 0 && digits != Missing && !IsZero(digits) ? "+" + digits : digits;
    }

    /// <summary>An interval in words, since a dash between numbers reads as a minus.</summary>
    public static string Interval(double? low, double? high, int decimals) =>
        low is null || high is null ? Missing : $"{Of(low, decimals)} to {Of(high, decimals)}";

    /// <summary>A number for a program: an attribute's value.</summary>
    /// <param name="value">A finite number.</param>
    public static string Plain(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A place in a drawing, to a hundredth.</summary>
    public static string Coordinate(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A place within a drawing, as a share of its width.</summary>
    public static string Percent(double share) => Coordinate(100 * share) + "%";

    private static bool IsZero(string digits) => !digits.AsSpan().ContainsAnyInRange('1', '9');
}
