namespace CudaTts.Text.English.Normalization;

/// <summary>Names of the units of measurement.</summary>
internal static class Units
{
    private const int LongestSymbol = 5;

    private static readonly Dictionary<string, (string One, string Many)> Names = Read("""
        km kilometer;m meter;cm centimeter;mm millimeter;nm nanometer;µm micrometer;mi mile;mi. mile;ft foot feet;ft. foot feet;in. inch inches;
        yd yard;yds yard;yd. yard;lb pound;lbs pound;lb. pound;lbs. pound;oz ounce;oz. ounce;kg kilogram;kgs kilogram;g gram;mg milligram;
        µg microgram;t ton;mph mile_per_hour miles_per_hour;kph kilometer_per_hour kilometers_per_hour;mpg mile_per_gallon miles_per_gallon;
        km/h kilometer_per_hour kilometers_per_hour;m/s meter_per_second meters_per_second;Hz hertz hertz;kHz kilohertz kilohertz;
        MHz megahertz megahertz;GHz gigahertz gigahertz;KB kilobyte;kB kilobyte;MB megabyte;GB gigabyte;TB terabyte;PB petabyte;
        Mbps megabit_per_second megabits_per_second;Gbps gigabit_per_second gigabits_per_second;kbps kilobit_per_second kilobits_per_second;
        ms millisecond;µs microsecond;ns nanosecond;sec second;secs second;sec. second;min minute;mins minute;min. minute;mins. minute;
        hr hour;hrs hour;hr. hour;hrs. hour;h hour;yr year;yrs year;yr. year;yrs. year;wk week;wks week;mo month;mos month;
        ml milliliter;mL milliliter;cl centiliter;dl deciliter;L liter;l liter;gal gallon;gal. gallon;qt quart;qt. quart;pt pint;pt. pint;
        tsp teaspoon;tsp. teaspoon;tbsp tablespoon;tbsp. tablespoon;V volt;kV kilovolt;mV millivolt;W watt;kW kilowatt;MW megawatt;GW gigawatt;
        kWh kilowatt_hour;MWh megawatt_hour;Wh watt_hour;mAh milliamp_hour;mA milliamp;A amp;Ω ohm;kΩ kilohm;J joule;kJ kilojoule;
        N newton;Pa pascal;kPa kilopascal;psi P_S_I P_S_I;cal calorie;kcal kilocalorie;dB decibel;rpm R_P_M R_P_M
        fps frame_per_second frames_per_second;
        dpi D_P_I D_P_I;px pixel;hp horsepower horsepower;ha hectare;ac acre;sq_ft square_foot square_feet;sqft square_foot square_feet;
        °C degree_celsius degrees_celsius;°F degree_fahrenheit degrees_fahrenheit;°K kelvin kelvins;K kelvin kelvins;° degree;
        % percent percent;‰ per_mille per_mille;x times times;k thousand thousand;bn billion billion;M million million
        """);

    // Letters that mean something else when a space stands between.
    private static readonly HashSet<string> OnlyGlued = ["x", "k", "A", "K", "M", "h", "t", "l", "mo", "in", "ac", "ha", "min."];

    // Names of things that a capital marks: 4K and 5A are no measures.
    private static readonly HashSet<string> OnlyApart = ["K", "A"];

    /// <summary>The names of a unit by its symbol; false when there is none.</summary>
    public static bool TryName(string symbol, out (string One, string Many) names) =>
        Names.TryGetValue(symbol, out names) || Names.TryGetValue(symbol + '.', out names);

    /// <summary>The unit at a place, with or without a space in front; false when there is none.</summary>
    public static bool TryRead(Passage passage, int at, out int end, out string one, out string many)
    {
        var hasSpace = passage[at] == ' ';
        var start = at + (hasSpace ? 1 : 0);
        for (var length = Math.Min(LongestSymbol, passage.Text.Length - start); length > 0; length--)
        {
            end = start + length;
            var symbol = passage.Text[start..end];
            if (!Names.TryGetValue(symbol, out var names) || (hasSpace ? OnlyGlued : OnlyApart).Contains(symbol) || !EndsUnit(passage, end))
            {
                continue;
            }

            (one, many) = names;
            if (passage[end] is '²' or '³' && char.IsAsciiLetter(passage[end - 1]))
            {
                var power = passage[end] == '²' ? "square " : "cubic ";
                (one, many, end) = (power + one, power + many, end + 1);
            }

            return true;
        }

        (end, one, many) = (at, "", "");
        return false;
    }

    /// <summary>The dot of "2 lbs of" written short belongs to the unit when the sentence goes on with a small letter.</summary>
    public static int DotEnd(Passage passage, int end) =>
        passage.IsLetter(end - 1) && passage[end] == '.' && passage[end + 1] == ' ' && char.IsAsciiLetterLower(passage[end + 2]) ? end + 1 : end;

    /// <summary>The slash of "$5/hr" is "per"; returns how many characters that took.</summary>
    public static int ReadPer(Passage passage, int at)
    {
        if (passage[at] != '/' || !passage.IsLetter(at + 1))
        {
            return 0;
        }

        passage.Spoken.AddWord("per");
        if (!TryRead(passage, at + 1, out var end, out var one, out _))
        {
            return 1;
        }

        passage.Spoken.AddSpelt(one);
        return end - at;
    }

    private static bool EndsUnit(Passage passage, int end) =>
        !(passage.IsLetter(end - 1) && (passage.IsLetter(end) || passage.IsDigit(end) || (passage[end] == '\'' && passage.IsLetter(end + 1))))
        && !(passage[end - 1] == '.' && (passage.IsLetter(end) || passage.IsDigit(end)));

    // "symbol one many" with '_' for spaces; without the third, the plural takes an s.
    private static Dictionary<string, (string, string)> Read(string table)
    {
        var names = new Dictionary<string, (string, string)>();
        foreach (var line in table.Split([';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = line.Split(' ');
            var one = parts[1].Replace('_', ' ');
            names.Add(parts[0].Replace('_', ' '), (one, parts.Length > 2 ? parts[2].Replace('_', ' ') : one + "s"));
        }

        return names;
    }
}
