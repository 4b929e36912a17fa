namespace CudaTts.Text;

/// <summary>
/// Reads what begins with a digit or a currency sign: cardinals, ordinals, decimals, years, decades, times, fractions, ranges, dates, telephone
/// numbers, amounts of money and units. American wording: no "and" in numbers.
/// </summary>
internal static class EnglishNumberReader
{
    private const int MostDigitsWithAName = 15;

    private static readonly Dictionary<char, (string One, string Many, string Cent, string Cents)> Currencies =
        new Dictionary<char, (string, string, string, string)>
        {
            ['$'] = ("dollar", "dollars", "cent", "cents"),
            ['£'] = ("pound", "pounds", "penny", "pence"),
            ['€'] = ("euro", "euros", "cent", "cents"),
            ['¥'] = ("yen", "yen", "sen", "sen"),
        };

    private static readonly Dictionary<string, (string One, string Many)> Units = new Dictionary<string, (string, string)>
    {
        ["km"] = ("kilometer", "kilometers"), ["m"] = ("meter", "meters"), ["cm"] = ("centimeter", "centimeters"),
        ["mm"] = ("millimeter", "millimeters"),
        ["mi"] = ("mile", "miles"), ["ft"] = ("foot", "feet"), ["lb"] = ("pound", "pounds"), ["lbs"] = ("pound", "pounds"),
        ["oz"] = ("ounce", "ounces"),
        ["kg"] = ("kilogram", "kilograms"), ["g"] = ("gram", "grams"), ["mg"] = ("milligram", "milligrams"),
        ["mph"] = ("mile per hour", "miles per hour"),
        ["kph"] = ("kilometer per hour", "kilometers per hour"), ["km/h"] = ("kilometer per hour", "kilometers per hour"),
        ["m/s"] = ("meter per second", "meters per second"), ["Hz"] = ("hertz", "hertz"), ["kHz"] = ("kilohertz", "kilohertz"),
        ["MHz"] = ("megahertz", "megahertz"), ["GHz"] = ("gigahertz", "gigahertz"), ["KB"] = ("kilobyte", "kilobytes"),
        ["kB"] = ("kilobyte", "kilobytes"),
        ["MB"] = ("megabyte", "megabytes"), ["GB"] = ("gigabyte", "gigabytes"), ["TB"] = ("terabyte", "terabytes"),
        ["ms"] = ("millisecond", "milliseconds"),
        ["sec"] = ("second", "seconds"), ["min"] = ("minute", "minutes"), ["hr"] = ("hour", "hours"), ["hrs"] = ("hour", "hours"),
        ["ml"] = ("milliliter", "milliliters"),
        ["L"] = ("liter", "liters"), ["V"] = ("volt", "volts"), ["W"] = ("watt", "watts"), ["kW"] = ("kilowatt", "kilowatts"),
        ["kWh"] = ("kilowatt hour", "kilowatt hours"),
        ["x"] = ("times", "times"), ["k"] = ("thousand", "thousand"), ["%"] = ("percent", "percent"), ["°"] = ("degree", "degrees"),
        ["°C"] = ("degree celsius", "degrees celsius"), ["°F"] = ("degree fahrenheit", "degrees fahrenheit"), ["€"] = ("euro", "euros"),
        ["£"] = ("pound", "pounds"),
        ["USD"] = ("U S dollar", "U S dollars"), ["EUR"] = ("euro", "euros"), ["GBP"] = ("pound", "pounds"),
    };

    private static readonly HashSet<string> Magnitudes =
        ["thousand", "million", "billion", "trillion"];

    private static readonly Dictionary<string, string> ShortMagnitudes = new Dictionary<string, string>
    {
        ["k"] = "thousand", ["K"] = "thousand", ["m"] = "million", ["M"] = "million", ["bn"] = "billion", ["B"] = "billion", ["b"] = "billion",
    };

    private static readonly string[] Months =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

    /// <summary>Whether a character is a currency sign that is read.</summary>
    public static bool IsCurrency(char character) => Currencies.ContainsKey(character);

    /// <summary>The name of a currency whose sign stands alone.</summary>
    public static string CurrencyName(char sign) => Currencies[sign].Many;

    /// <summary>Reads an amount that begins with a currency sign followed by a digit; returns where it ends.</summary>
    public static int ReadMoney(string text, int start, SpokenText spoken)
    {
        var currency = Currencies[text[start]];
        var end = ReadWhole(text, start + 1, out var whole);
        var fraction = FractionAt(text, end);
        var afterNumber = end + (fraction.Length > 0 ? fraction.Length + 1 : 0);
        if (MagnitudeAt(text, afterNumber, out var magnitude) is var afterMagnitude && magnitude is not null)
        {
            spoken.AddWords(NumberWords.Cardinal(whole));
            AddFraction(fraction, spoken);
            spoken.AddWords($"{magnitude} {currency.Many}");
            return afterMagnitude;
        }

        var isOne = whole.TrimStart('0') == "1";
        if (fraction.Length is not (0 or 2))
        {
            spoken.AddWords(NumberWords.Cardinal(whole));
            AddFraction(fraction, spoken);
            spoken.AddWord(currency.Many);
            return afterNumber;
        }

        var cents = fraction.Length == 0 ? 0 : int.Parse(fraction, provider: null);
        if (whole.Trim('0').Length > 0 || cents == 0)
        {
            spoken.AddWords($"{NumberWords.Cardinal(whole)} {(isOne ? currency.One : currency.Many)}{(cents > 0 ? " and" : "")}");
        }

        if (cents > 0)
        {
            spoken.AddWords($"{NumberWords.Cardinal(cents)} {(cents == 1 ? currency.Cent : currency.Cents)}");
        }

        return afterNumber;
    }

    /// <summary>Reads a number that begins with a digit; returns where it ends.</summary>
    public static int Read(string text, int start, SpokenText spoken)
    {
        return TryReadDate(text, start, spoken) ?? TryReadTelephone(text, start, spoken) ?? TryReadTime(text, start, spoken)
            ?? TryReadFraction(text, start, spoken) ?? ReadPlain(text, start, spoken);
    }

    private static int ReadPlain(string text, int start, SpokenText spoken)
    {
        var end = ReadWhole(text, start, out var digits);
        var isGrouped = end - start != digits.Length;
        if (OrdinalEndingAt(text, end))
        {
            spoken.AddWords(NumberWords.Ordinal(NumberWords.Cardinal(digits)));
            return end + 2;
        }

        if (!isGrouped && IsDecade(text, end, digits))
        {
            spoken.AddWords(Plural(YearOrCardinal(digits)));
            return end + 1;
        }

        if (FractionAt(text, end).Length > 0)
        {
            end = ReadDecimal(text, end, digits, spoken);
            return ReadUnit(text, end, isOne: false, spoken);
        }

        var isDayOfMonth = !isGrouped && digits.Length <= 2 && int.Parse(digits, provider: null) is >= 1 and <= 31
            && Array.IndexOf(Months, spoken.LastWord) >= 0 && !IsRange(text, end);
        var words = isDayOfMonth ? NumberWords.Ordinal(NumberWords.Cardinal(digits))
            : isGrouped || UnitAt(text, end, out _) > end ? Cardinal(digits)
            : YearOrCardinal(digits);
        spoken.AddWords(words);
        if (IsRange(text, end))
        {
            spoken.AddWord("to");
            return ReadRangeEnd(text, end + 1, spoken);
        }

        return ReadUnit(text, end, digits == "1", spoken);
    }

    // Not Read again: a chain of hyphens must not become a chain of calls.
    private static int ReadRangeEnd(string text, int start, SpokenText spoken)
    {
        var end = ReadWhole(text, start, out var digits);
        spoken.AddWords(YearOrCardinal(digits));
        return ReadUnit(text, end, digits == "1", spoken);
    }

    /// <summary>Digits with correct groups of thousands lose their commas; a comma elsewhere ends the number.</summary>
    private static int ReadWhole(string text, int start, out string digits)
    {
        var end = DigitsEnd(text, start);
        if (end - start > 3)
        {
            digits = text[start..end];
            return end;
        }

        while (end + 3 < text.Length && text[end] == ',' && DigitsEnd(text, end + 1) == end + 4)
        {
            end += 4;
        }

        digits = text[start..end].Replace(",", "", StringComparison.Ordinal);
        return end;
    }

    private static int DigitsEnd(string text, int start)
    {
        var length = text.AsSpan(start).IndexOfAnyExceptInRange('0', '9');
        return length < 0 ? text.Length : start + length;
    }

    /// <summary>A number in words; codes with a leading zero and endless numbers digit by digit.</summary>
    private static string Cardinal(string digits)
    {
        var isCode = digits.Length > MostDigitsWithAName || (digits.Length > 1 && digits[0] == '0');
        return isCode ? NumberWords.Digits(digits) : NumberWords.Cardinal(digits);
    }

    /// <summary>Four digits from 1100 to 2099 are read as a year unless a unit follows: "nineteen sixty-three", "twelve hundred".</summary>
    private static string YearOrCardinal(string digits)
    {
        var isYear = digits.Length == 4 && int.Parse(digits, provider: null) is >= 1100 and < 2100;
        return isYear ? NumberWords.Pairs(int.Parse(digits, provider: null)) : Cardinal(digits);
    }

    private static ReadOnlySpan<char> FractionAt(string text, int point)
    {
        return point + 1 < text.Length && text[point] == '.' ? text.AsSpan(point + 1, DigitsEnd(text, point + 1) - point - 1) : [];
    }

    private static void AddFraction(ReadOnlySpan<char> fraction, SpokenText spoken)
    {
        if (fraction.Length > 0)
        {
            spoken.AddWords("point " + NumberWords.Digits(fraction));
        }
    }

    /// <summary>A decimal; with more points, as in a version, every part is a cardinal.</summary>
    private static int ReadDecimal(string text, int point, string whole, SpokenText spoken)
    {
        spoken.AddWords(Cardinal(whole));
        var fraction = FractionAt(text, point);
        var end = point + 1 + fraction.Length;
        if (FractionAt(text, end).Length == 0)
        {
            AddFraction(fraction, spoken);
            return end;
        }

        for (end = point; FractionAt(text, end) is { Length: > 0 } part; end += part.Length + 1)
        {
            spoken.AddWords("point " + Cardinal(part.ToString()));
        }

        return end;
    }

    private static bool OrdinalEndingAt(string text, int place) =>
        place + 2 <= text.Length && text[place..(place + 2)].ToLowerInvariant() is "st" or "nd" or "rd" or "th" && !IsLetterAt(text, place + 2);

    private static bool IsDecade(string text, int end, string digits) =>
        end < text.Length && text[end] == 's' && !IsLetterAt(text, end + 1) && digits[^1] == '0' && digits.Length is 2 or 4;

    private static bool IsRange(string text, int end)
    {
        var second = end + 1;
        if (second >= text.Length || text[end] != '-' || !char.IsAsciiDigit(text[second]))
        {
            return false;
        }

        var secondEnd = DigitsEnd(text, second);
        return secondEnd == text.Length || text[secondEnd] != '-';
    }

    private static string Plural(string words) => words.EndsWith('y') ? words[..^1] + "ies" : words + "s";

    private static bool IsLetterAt(string text, int place) => place < text.Length && char.IsAsciiLetter(text[place]);

    private static int MagnitudeAt(string text, int place, out string? magnitude)
    {
        var start = place + (place < text.Length && text[place] == ' ' ? 1 : 0);
        var end = start;
        while (IsLetterAt(text, end) && end - start < 9)
        {
            end++;
        }

        var word = text[start..end];
        magnitude = Magnitudes.Contains(word) ? word : start == place && !IsLetterAt(text, end) ? ShortMagnitudes.GetValueOrDefault(word) : null;
        return end;
    }

    /// <summary>The end of a unit written after a number, with or without a space; <paramref name="place"/> itself when there is none.</summary>
    private static int UnitAt(string text, int place, out (string One, string Many) names)
    {
        var start = place + (place < text.Length && text[place] == ' ' ? 1 : 0);
        for (var length = Math.Min(4, text.Length - start); length > 0; length--)
        {
            var end = start + length;
            if (Units.TryGetValue(text[start..end], out names) && !(IsLetterAt(text, end) && char.IsAsciiLetter(text[end - 1])))
            {
                return end;
            }
        }

        names = default;
        return place;
    }

    private static int ReadUnit(string text, int place, bool isOne, SpokenText spoken)
    {
        var end = UnitAt(text, place, out var names);
        if (end == place)
        {
            return place;
        }

        foreach (var word in (isOne ? names.One : names.Many).Split(' '))
        {
            if (word.Length == 1)
            {
                spoken.AddLetters(word);
            }
            else
            {
                spoken.AddWord(word);
            }
        }

        // The dot of "2 lbs. of": a small letter goes on with the sentence.
        var isShortForm = char.IsAsciiLetter(text[end - 1]) && text.AsSpan(end) is ['.', ' ', >= 'a' and <= 'z', ..];
        return isShortForm ? end + 1 : end;
    }

    /// <summary>A date such as 2024-05-17.</summary>
    private static int? TryReadDate(string text, int start, SpokenText spoken)
    {
        if (text.Length < start + 10 || text[start + 4] != '-' || text[start + 7] != '-' || DigitsEnd(text, start) != start + 4
            || DigitsEnd(text, start + 5) != start + 7 || DigitsEnd(text, start + 8) != start + 10)
        {
            return null;
        }

        var (month, day) = (int.Parse(text.AsSpan(start + 5, 2), provider: null), int.Parse(text.AsSpan(start + 8, 2), provider: null));
        if (month is < 1 or > 12 || day is < 1 or > 31)
        {
            return null;
        }

        spoken.AddWords($"{Months[month - 1]} {NumberWords.Ordinal(NumberWords.Cardinal(day))} {YearOrCardinal(text[start..(start + 4)])}");
        return start + 10;
    }

    /// <summary>Three and four digits, with an area code or without: 555-0123, 212-555-0123; said digit by digit.</summary>
    private static int? TryReadTelephone(string text, int start, SpokenText spoken)
    {
        var end = start;
        while (DigitsEnd(text, end) == end + 3 && end + 4 < text.Length && text[end + 3] == '-' && end - start < 8)
        {
            end += 4;
        }

        if (end == start || DigitsEnd(text, end) != end + 4)
        {
            return null;
        }

        foreach (var part in text[start..(end + 4)].Split('-'))
        {
            spoken.AddWords(NumberWords.Digits(part));
            spoken.AddPause(',');
        }

        return end + 4;
    }

    /// <summary>A time of day such as 9:05 or 12:40:30.</summary>
    private static int? TryReadTime(string text, int start, SpokenText spoken)
    {
        var colon = DigitsEnd(text, start);
        if (colon - start > 2 || colon + 2 >= text.Length || text[colon] != ':' || DigitsEnd(text, colon + 1) != colon + 3)
        {
            return null;
        }

        var (hour, minute) = (int.Parse(text.AsSpan(start, colon - start), provider: null), int.Parse(text.AsSpan(colon + 1, 2), provider: null));
        if (hour > 24 || minute > 59)
        {
            return null;
        }

        spoken.AddWords(NumberWords.Cardinal(hour));
        var end = colon + 3;
        if (minute > 0)
        {
            spoken.AddWords((minute < 10 ? "oh " : "") + NumberWords.Cardinal(minute));
        }
        else if (hour is >= 1 and <= 12 && !IsHalfOfDay(text, end))
        {
            spoken.AddWord("o'clock");
        }

        return end;
    }

    private static bool IsHalfOfDay(string text, int place)
    {
        var start = place + (place < text.Length && text[place] == ' ' ? 1 : 0);
        return text.AsSpan(start) is ['a' or 'p' or 'A' or 'P', 'm' or 'M' or '.', ..];
    }

    /// <summary>A fraction: halves, quarters and so on up to tenths by name, others with "over".</summary>
    private static int? TryReadFraction(string text, int start, SpokenText spoken)
    {
        var slash = DigitsEnd(text, start);
        var end = slash + 1 < text.Length && text[slash] == '/' ? DigitsEnd(text, slash + 1) : slash;
        if (end <= slash + 1 || slash - start > 3 || end - slash > 4 || (end < text.Length && text[end] == '/'))
        {
            return null;
        }

        var above = int.Parse(text.AsSpan(start, slash - start), provider: null);
        var below = int.Parse(text.AsSpan(slash + 1, end - slash - 1), provider: null);
        var isMixed = start > 1 && text[start - 1] == ' ' && char.IsAsciiDigit(text[start - 2]);
        var part = below switch
        {
            2 => above == 1 ? "half" : "halves",
            4 => above == 1 ? "quarter" : "quarters",
            3 or (>= 5 and <= 10) => NumberWords.Ordinal(NumberWords.Cardinal(below)) + (above == 1 ? "" : "s"),
            _ => "over " + NumberWords.Cardinal(below),
        };
        var count = isMixed && above == 1 && below <= 10 ? "a" : NumberWords.Cardinal(above);
        spoken.AddWords($"{(isMixed ? "and " : "")}{count} {part}");
        return end;
    }
}
