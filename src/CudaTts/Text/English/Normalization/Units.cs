namespace CudaTts.Text.English.Normalization;

/// <summary>Names of the units of measurement, from the table <c>units</c>.</summary>
internal static class Units
{
    private const int LongestSymbol = 7;

    private static readonly Dictionary<string, Unit> Named = ReadingTable.Rows("units")
        .ToDictionary(row => row[0], row => new Unit(row[1], row[2], row.Length > 3 ? row[3] : ""));

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
        if (!TryReadPrefixed(passage, start, hasSpace, out end, out one, out many) && !TryReadOne(passage, start, hasSpace, out end, out one, out many))
        {
            end = at;
            return false;
        }

        var power = PowerAt(passage, end, out var powerEnd);
        if (power > 1)
        {
            var word = power == 2 ? "square " : "cubic ";
            (one, many, end) = (word + one, word + many, powerEnd);
        }

        end = ReadPer(passage, end, out var per);
        (one, many) = (one + per, many + per);
        return true;
    }

    /// <summary>Whether a symbol of two letters or more can be nothing but a unit, and stands behind a number in words: two million kWh.</summary>
    public static bool TryReadBehindWord(Passage passage, int at, out int end, out string many)
    {
        end = passage.LettersEnd(at);
        var symbol = passage.Text[at..end];
        var isUnit = symbol.Length > 1 && Named.TryGetValue(symbol, out var unit) && unit.Stands.Length == 0 && (symbol.AsSpan().ContainsAnyInRange('A', 'Z') || !EnglishPronunciation.IsKnown(symbol));
        many = isUnit ? Named[symbol].Many : "";
        return isUnit;
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
        words = power == 1 ? $" per {one}" : isTime ? $" per {one} {(power == 2 ? "squared" : "cubed")}" : $" per {(power == 2 ? "square" : "cubic")} {one}";
        return power > 1 ? powerEnd : end;
    }

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
            if (Named.TryGetValue(symbol, out var unit) ? unit.MayStand(hasSpace) : InAnyCase.TryGetValue(symbol.ToLowerInvariant(), out unit))
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
        var power = prefix switch { "sq" or "SQ" or "Sq" => "square ", "cu" or "CU" or "Cu" => "cubic ", _ => "" };
        if (power.Length == 0)
        {
            return false;
        }

        var next = start + 2 + (passage[start + 2] == '.' ? 1 : 0);
        if (passage[next] != ' ' || !TryReadOne(passage, next + 1, hasSpace, out end, out one, out many))
        {
            return false;
        }

        (one, many) = (power + one, power + many);
        return true;
    }

    private static int PowerAt(Passage passage, int place, out int end)
    {
        var isDigit = passage[place] is '2' or '3' && passage[place - 1] is 'm' or 't';
        var power = passage[place] switch
        {
            '\u00B2' => 2,
            '\u00B3' => 3,
            '^' when passage[place + 1] is '2' or '3' => passage[place + 1] - '0',
            _ when isDigit => passage[place] - '0',
            _ => 1,
        };
        end = place + (power == 1 ? 0 : passage[place] == '^' ? 2 : 1);
        return power > 1 && passage.IsLetter(place - 1) && !passage.IsLetterOrDigit(end) ? power : 1;
    }

    // A letter, a digit or an apostrophe behind makes another word of it; so does a dot before a letter.
    private static bool Ends(Passage passage, int end) =>
        !(passage.IsLetter(end - 1) && (passage.IsLetter(end) || (passage.IsDigit(end) && passage[end] is not ('2' or '3'))
            || (passage[end] == '\'' && passage.IsLetter(end + 1))))
        && !(passage.IsLetter(end - 1) && passage[end] is '2' or '3' && (passage[end - 1] is not ('m' or 't') || passage.IsLetterOrDigit(end + 1)))
        && !(passage[end - 1] == '.' && passage.IsLetterOrDigit(end));

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
