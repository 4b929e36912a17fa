namespace CudaTts.Text.English.Normalization;

/// <summary>Names of the units of measurement, from the table <c>units</c>.</summary>
internal static class Units
{
    private const int LongestSymbol = 7;

    private static readonly Dictionary<string, Unit> Named = ReadingTable.Rows("units")
        .ToDictionary(row => row[0], row => new Unit(row[1], row[2], row.Length > 3 ? row[3] : ""));

    private static readonly Dictionary<string, Unit>.AlternateLookup<ReadOnlySpan<char>> NamedBySpan =
        Named.GetAlternateLookup<ReadOnlySpan<char>>();

    // 12KG, 5 mbps: capitals of a symbol of several letters are often wrong; the first that fits is meant.
    private static readonly Dictionary<string, Unit> InAnyCase = Named.Where(unit => unit.Key.Length > 1 && unit.Value.Stands.Length == 0)
        .DistinctBy(unit => unit.Key.ToLowerInvariant()).ToDictionary(unit => unit.Key.ToLowerInvariant(), unit => unit.Value);

    /// <summary>The names of a unit by its symbol; false when there is none.</summary>
    public static bool TryName(string symbol, out (string One, string Many) names)
    {
        var isKnown = Named.TryGetValue(symbol, out var unit) || Named.TryGetValue(symbol + '.', out unit);
        names = isKnown ? (unit!.One, unit.Many) : default;
        return isKnown;
    }

    /// <summary>The unit at a place, with or without a space in front, with its power and what it is "per"; false when there is none.</summary>
    public static bool TryRead(Passage passage, int at, out int end, out string one, out string many)
    {
        var hasSpace = passage[at] == ' ';
        var start = at + (hasSpace ? 1 : 0);
        if (!TryReadPrefixed(passage, start, hasSpace, out end, out one, out many)
            && !TryReadOne(passage, start, hasSpace, out end, out one, out many))
        {
            end = at;
            return false;
        }

        var power = PowerAt(passage, end, out var powerEnd);
        if (power > 1)
        {
            (one, many, end) = (PowerInFront(power) + one, PowerInFront(power) + many, powerEnd);
        }

        end = ReadPer(passage, end, out var per);
        (one, many) = (one + per, many + per);
        return true;
    }

    /// <summary>The dot of "2 lbs of" written short belongs to the unit when the sentence goes on with a small letter.</summary>
    public static int DotEnd(Passage passage, int end) =>
        passage.IsLetter(end - 1) && passage[end] == '.' && passage[end + 1] == ' ' && char.IsAsciiLetterLower(passage[end + 2]) ? end + 1 : end;

    /// <summary>The slash of "$5/hr" is "per"; returns the place behind, and what is said.</summary>
    public static int ReadPer(Passage passage, int at, out string words)
    {
        words = "";
        var start = passage[at] == '/' ? at + 1 : at;
        if (start == at || !(passage.IsLetter(start) || passage[start] is '\u00B5'))
        {
            return at;
        }

        if (!TryReadOne(passage, start, hasSpace: null, out var end, out var one, out _))
        {
            // "$9.99/month": a word behind is what it is per.
            var word = passage.Text[start..passage.LettersEnd(start)];
            words = word.Length > 2 && EnglishPronunciation.IsKnown(word.ToLowerInvariant()) ? " per" : "";
            return words.Length > 0 ? start : at;
        }

        // Of time the power comes behind, "per second squared"; of a length in front.
        var power = PowerAt(passage, end, out var powerEnd);
        var isTime = one is "second" or "hour" or "minute";
        words = power == 1 ? $" per {one}"
            : isTime ? $" per {one} {(power == 2 ? "squared" : "cubed")}"
            : $" per {PowerInFront(power)}{one}";
        return power > 1 ? powerEnd : end;
    }

    /// <summary>The longest symbol at a place that may stand so; <paramref name="hasSpace"/> is null behind a slash.</summary>
    private static bool TryReadOne(Passage passage, int start, bool? hasSpace, out int end, out string one, out string many)
    {
        for (var length = Math.Min(LongestSymbol, passage.Text.Length - start); length > 0; length--)
        {
            end = start + length;
            if (!Ends(passage, end))
            {
                continue;
            }

            var symbol = passage.Text[start..end];
            var isUnit = Named.TryGetValue(symbol, out var unit)
                ? unit.MayStand(hasSpace)
                : InAnyCase.TryGetValue(symbol.ToLowerInvariant(), out unit);
            if (isUnit && unit is not null)
            {
                (one, many) = (unit.One, unit.Many);
                return true;
            }
        }

        (end, one, many) = (start, "", "");
        return false;
    }

    /// <summary>"sq. ft.", "cu m": a power as a word in front of the unit.</summary>
    private static bool TryReadPrefixed(Passage passage, int start, bool hasSpace, out int end, out string one, out string many)
    {
        (end, one, many) = (start, "", "");
        var prefix = passage.Text.AsSpan(start, passage.LettersEnd(start) - start);
        var power = prefix switch
        {
            "sq" or "SQ" or "Sq" => PowerInFront(2),
            "cu" or "CU" or "Cu" => PowerInFront(3),
            _ => "",
        };
        var next = start + 2 + (passage[start + 2] == '.' ? 1 : 0);
        if (power.Length == 0 || passage[next] != ' ' || !TryReadOne(passage, next + 1, hasSpace, out end, out one, out many))
        {
            return false;
        }

        (one, many) = (power + one, power + many);
        return true;
    }

    private static string PowerInFront(int power) => power == 2 ? "square " : "cubic ";

    /// <summary>The power behind a unit, 1 where there is none: m², m^2, m2, ft3.</summary>
    private static int PowerAt(Passage passage, int place, out int end)
    {
        var mark = passage[place];
        var power = mark switch
        {
            '\u00B2' => 2,
            '\u00B3' => 3,
            '^' when passage[place + 1] is '2' or '3' => passage[place + 1] - '0',
            '2' or '3' when TakesDigit(passage[place - 1]) => mark - '0',
            _ => 1,
        };
        end = place + (power == 1 ? 0 : mark == '^' ? 2 : 1);
        return power > 1 && passage.IsLetter(place - 1) && !passage.IsLetterOrDigit(end) ? power : 1;
    }

    // Of meters and feet an area and a volume are often written with a plain digit: m2, ft3.
    private static bool TakesDigit(char lastOfUnit) => lastOfUnit is 'm' or 't';

    /// <summary>Whether a symbol can end at a place: a letter, a digit or an apostrophe behind makes another word of it.</summary>
    private static bool Ends(Passage passage, int end)
    {
        if (!passage.IsLetter(end - 1))
        {
            // A dot in front of a letter stands within a name.
            return !(passage[end - 1] == '.' && passage.IsLetterOrDigit(end));
        }

        return passage[end] switch
        {
            '2' or '3' => TakesDigit(passage[end - 1]) && !passage.IsLetterOrDigit(end + 1),
            '\'' => !passage.IsLetter(end + 1),
            var next => !char.IsAsciiLetterOrDigit(next),
        };
    }

    /// <summary>The names of a unit, and how its symbol may stand.</summary>
    private sealed record Unit(string One, string Many, string Stands)
    {
        // Behind a slash any symbol may stand.
        public bool MayStand(bool? hasSpace) => Stands switch
        {
            "glued" => hasSpace is not true,
            "apart" => hasSpace is not false,
            "none" => false,
            _ => true,
        };
    }
}
