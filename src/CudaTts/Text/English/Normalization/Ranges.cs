namespace CudaTts.Text.English.Normalization;

/// <summary>The readings behind a place that are values, each where it begins: what a range can end with.</summary>
internal sealed class ValuesBehind
{
    private readonly Dictionary<int, Reading[]> _values = [];

    /// <summary>Keeps the values among the readings of a place.</summary>
    public void Keep(int at, ReadingList readings)
    {
        if (readings.HasValue)
        {
            _values[at] = [.. readings.Readings.Where(reading => reading.Value.Kind != ValueKind.None)];
        }
    }

    /// <summary>The values that begin at a place.</summary>
    public ReadOnlySpan<Reading> At(int place) => _values.TryGetValue(place, out var values) ? values : [];
}

/// <summary>
/// A range is made of any two values of one kind with a hyphen or a dash between them: 10-20, $50.00-$100.00, 9am-5pm, 20°C-25°C, 1960s-80s.
/// A number without a unit takes that of the other end.
/// </summary>
internal static class Ranges
{
    /// <summary>What <c>tokens --explain</c> calls it.</summary>
    public const string Name = "range";

    // 50-50: each half.
    private const int Half = 50;

    /// <summary>Adds the ranges that begin with one of the readings of a place.</summary>
    public static void Propose(Passage passage, int at, ValuesBehind values, ReadingList readings)
    {
        readings.Class = Name;
        foreach (var first in values.At(at))
        {
            var isJoined = passage.IsLetter(first.Start - 1) || (passage[first.Start - 1] == '-' && passage.IsLetterOrDigit(first.Start - 2));
            if (isJoined || !TryReadDash(passage, first.End, out var start, out var isApart))
            {
                continue;
            }

            foreach (var second in values.At(start))
            {
                if (Say(passage, first, second, isApart) is { } words)
                {
                    readings.Add(at, second.End, "two ends", words, Math.Min(first.Cost, second.Cost) + CostOfUnits(first, second),
                        second.Value with { Kind = ValueKind.None });
                }
            }
        }
    }

    private static bool TryReadDash(Passage passage, int place, out int next, out bool isApart)
    {
        var dash = passage.SkipSpaces(place);
        next = passage.SkipSpaces(dash + 1);
        isApart = passage[place] == ' ' && passage[dash + 1] == ' ';
        var isOneSided = (passage[place] == ' ') != (passage[dash + 1] == ' ');
        return passage[dash] is '-' or '\u2013' && !(isOneSided && passage[dash] == '-') && dash - place <= 1 && next - dash <= 2;
    }

    /// <summary>What the range says; null when the two are no ends of one.</summary>
    private static string? Say(Passage passage, Reading first, Reading second, bool isApart)
    {
        var (from, to) = (first.Value, second.Value);

        // With spaces around, the hyphen of numbers that go down is a minus; in an equation it always is.
        var goesDown = from.Kind == ValueKind.Number && to.Kind == ValueKind.Number && from.Amount >= to.Amount;
        if (IsEquation(passage, first.Start, second.End) || (goesDown && (isApart || IsPartOfName(passage, first, second))))
        {
            return null;
        }

        var between = passage.WordBefore(first.Start) == "between" ? "and" : "to";
        var plain = $"{first.Words} {between} {second.Words}";
        if (from.Kind == ValueKind.Number && from.Amount == to.Amount && from.Amount == Half)
        {
            return $"{first.Words} {second.Words}";
        }

        if (from.Kind == to.Kind)
        {
            return from.Unit.Length > 0 && from.Unit == to.Unit && from.Bare is { } bareFirst ? $"{bareFirst} {between} {second.Words}" : plain;
        }

        return (from.Kind, to.Kind) switch
        {
            // 1914-18, 2019-20.
            (ValueKind.Year, ValueKind.Number) when to.Amount > from.Amount % 100 && to.Amount < 100 => plain,
            (ValueKind.Date, ValueKind.Number) when from.Amount > 0 && to.Amount is > 0 and <= 31 =>
                $"{first.Words} {between} {NumberWords.Ordinal(second.Words)}",
            (ValueKind.Number, ValueKind.Time) when from.Amount is >= 1 and <= 12 && to.Unit.Length > 0 => plain,
            (ValueKind.Number, ValueKind.Measure or ValueKind.Ordinal or ValueKind.Money) => plain,

            // $5-10: the number takes the currency of the first end.
            (ValueKind.Money, ValueKind.Number) when from.Bare is { } bare => $"{bare} {between} {second.Words}{first.Words[bare.Length..]}",
            _ => null,
        };
    }

    /// <summary>ISO 8859-1, version 1.60-4: what goes down from a large number or from a decimal is part of a name.</summary>
    private static bool IsPartOfName(Passage passage, Reading first, Reading second) =>
        first.Value.Amount >= 1000 || (first.Rule == "decimal" && second.Rule != "decimal")
            || (passage.WrittenBefore(first.Start) is { Length: > 1 } name && Capitals.Are(name));

    /// <summary>A number takes a currency or a unit gladly; a bare range in front of one would lose it.</summary>
    private static int CostOfUnits(Reading first, Reading second) => first.Value.Kind == second.Value.Kind ? 0 : 5;

    private static bool IsEquation(Passage passage, int start, int end) =>
        passage.CharacterAfter(end) is '=' or '\u2260' or '\u2264' or '\u2265' or '\u2248'
            || passage.CharacterBefore(start) is '=' or '\u00D7' or '\u00F7';
}
