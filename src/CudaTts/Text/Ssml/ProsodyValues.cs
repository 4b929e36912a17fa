using System.Globalization;

namespace CudaTts.Text.Ssml;

/// <summary>
/// The values of the attributes of <c>prosody</c> and <c>break</c> (W3C, Speech
/// Synthesis Markup Language 1.1, section 3.2); null when a value is malformed.
/// </summary>
internal static class ProsodyValues
{
    /// <summary>The longest break, milliseconds; a longer one is cut to it.</summary>
    public const int LongestBreak = 60_000;

    /// <summary>The slowest rate; a slower one becomes it.</summary>
    public const double SlowestRate = 0.25;

    /// <summary>The fastest rate; a faster one becomes it.</summary>
    public const double FastestRate = 4;

    /// <summary>The most that the pitch rises or falls.</summary>
    public const double MostSemitones = 24;

    // Some services count a change without its sign. A rate or pitch of nothing cannot be meant.
    private const string NoChange = "0%";

    // The middle of the range of speaking voices: what a pitch in hertz is taken to be relative to.
    private const double NominalPitch = 200;

    /// <summary>A keyword, a factor (1.2), a percentage (120%) or a change (+20%).</summary>
    public static double? Rate(string value) => value switch
    {
        "x-slow" => 0.5,
        "slow" => 0.75,
        "medium" or "default" or NoChange => 1,
        "fast" => 1.25,
        "x-fast" => 1.5,
        _ => Percentage(value) ?? (Parse(value, "") is > 0 and var factor ? factor : null),
    };

    /// <summary>Decibels: a keyword, +6dB, or an absolute 0 to 100, where 100 is no change.</summary>
    public static double? Volume(string value) => value switch
    {
        "silent" => double.NegativeInfinity,
        "x-soft" => -12,
        "soft" => -6,
        "medium" or "default" or NoChange => 0,
        "loud" => 6,
        "x-loud" => 12,
        _ when Parse(value, "dB") is { } decibels => Math.Clamp(decibels, -100, 40),
        _ when Parse(value, "") is >= 0 and <= 100 and var level => level == 0 ? double.NegativeInfinity : 20 * Math.Log10(level / 100),
        _ when Percentage(value) is > 0 and var factor => 20 * Math.Log10(factor),
        _ => null,
    };

    /// <summary>Semitones: a keyword, +2st, +10%, +20Hz.</summary>
    public static double? Pitch(string value) => value switch
    {
        "x-low" => -6,
        "low" => -3,
        "medium" or "default" or NoChange => 0,
        "high" => 3,
        "x-high" => 6,
        _ when Parse(value, "st") is { } steps => steps,
        _ when Parse(value, "Hz") is { } hertz => Semitones((value[0] is '+' or '-' ? NominalPitch + hertz : hertz) / NominalPitch),
        _ when Percentage(value) is { } factor => Semitones(factor),
        _ => null,
    };

    /// <summary>Milliseconds of 250ms or 1.5s.</summary>
    public static double? Time(string value) => (Parse(value, "ms") ?? Parse(value, "s") * 1000) is >= 0 and var length ? length : null;

    /// <summary>Milliseconds of a break's strength.</summary>
    public static int? Strength(string value) => value switch
    {
        "none" or "x-weak" => 0,
        "weak" => 250,
        "medium" => 500,
        "strong" => 1000,
        "x-strong" => 1500,
        _ => null,
    };

    private static double Semitones(double factor) => 12 * Math.Log2(Math.Max(factor, 0.01));

    /// <summary>120% and +20% are both a factor of 1.2.</summary>
    private static double? Percentage(string value)
    {
        var factor = Parse(value, "%") / 100 + (value.StartsWith('+') || value.StartsWith('-') ? 1 : 0);
        return factor > 0 ? factor : null;
    }

    private static double? Parse(string value, string unit) =>
        value.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
            && double.TryParse(value.AsSpan(0, value.Length - unit.Length), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
            ? number
            : null;
}
