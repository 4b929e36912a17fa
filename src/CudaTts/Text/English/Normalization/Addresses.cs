using System.Text.RegularExpressions;

namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Postal addresses: the number of a house in front of its street (708 N 1st St), directions (Main St NE, US-50 W), numbered roads (CT 145, I-95),
/// and the codes of the states behind a town (Austin, TX 78701).
/// </summary>
internal sealed partial class Addresses : SemioticClass
{
    // The first letters of the codes of states, of directions and of roads.
    private const string FirstLetters = "ACDEFGHIKLMNOPRSTUVW";

    private const string DirectionLetters = "N|S|E|W|NE|NW|SE|SW";

    private const string StreetEndings =
        "St|Ave|Av|Blvd|Rd|Dr|Ln|Ct|Pl|Sq|Cir|Terr?|Pkwy|Hwy|Fwy|Expw?y|Tpke|Trl|Aly|Cres|Xing|Plz" // short
        + "|Street|Avenue|Boulevard|Road|Drive|Lane|Court|Place|Square|Way|Highway|Circle|Terrace|Parkway|Alley|Crescent" // in full
        + "|st|ave|rd|blvd|hwy"; // in small letters

    private static readonly Dictionary<string, string> States = ReadingTable.Pairs("states");

    private static readonly Dictionary<string, string> Directions =
        ReadingTable.Rows("streets").Where(row => row is [_, _, "direction"]).ToDictionary(row => row[0], row => row[1]);

    private static readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> DirectionsBySpan =
        Directions.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly HashSet<string> StreetEnds =
        [.. ReadingTable.Rows("streets").Where(row => row is not [_, _, "direction"]).Select(row => row[0])];

    // Codes of states that are words of their own, and stand in front of numbers as such: OR 5.
    private static readonly HashSet<string> StatesLikeWords = ["OR", "IN", "ME", "HI", "OK", "PA", "MS"];

    private static readonly HashSet<string> BeforeRoads = ["take", "on", "along", "via", "route", "highway", "to", "onto", "from"];

    public override string Name => "address";

    // A number, perhaps a direction, up to three words with a capital, and the end of a street's name.
    [GeneratedRegex(@"\G(?<n>\d{1,5})(?<l>[A-Z])?(?: (?<d>" + DirectionLetters + @")(?<dot>\.)?(?= ))?"
        + @"(?<name>(?: (?:[A-Z][a-z]{1,20}\.?|\d{1,3}(?:st|nd|rd|th))){1,3}?) (?<s>" + StreetEndings + ")(?![A-Za-z])")]
    private static partial Regex House { get; }

    [GeneratedRegex(@"\G(?<r>I|US|U\.S\.|SR|CR|FM|Rte\.?|Route|Hwy\.?|Highway|[A-Z]{2})(?<h>[- ])(?<n>\d{1,4})(?<l>[A-Z](?![A-Za-z]))?" // US-50
        + @"(?: (?<d>" + DirectionLetters + @")(?![A-Za-z'0-9]|\.[A-Za-z0-9]))?(?![\d-]|\.\d)")] // W
    private static partial Regex Road { get; }

    [GeneratedRegex(@"\G[A-Z]{2}(?= \d{5}(?!\d)|, ?\d{5}(?!\d)|\s*$|[.,;)?!\n]| [a-z])" // a post code, the end or a small letter behind
        + @"(?<=[A-Z][a-z]{1,20}, [A-Z]{2})")] // a town in front
    private static partial Regex State { get; }

    public override bool MayBeginWith(char first) => char.IsAsciiDigit(first) || FirstLetters.Contains(first, StringComparison.Ordinal);

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage.IsLetterOrDigit(at - 1) || passage[at - 1] is '.' or '$' or '-')
        {
            return;
        }

        if (passage.IsDigit(at))
        {
            ProposeHouse(passage, at, readings);
            return;
        }

        if (passage.LettersEnd(at) - at <= 2)
        {
            ProposeState(passage, at, readings);
            ProposeDirection(passage, at, readings);
        }

        if (Road.Match(passage.Text, at) is { Success: true } road && IsRoad(passage, road))
        {
            ProposeRoad(passage, road, readings);
        }
    }

    /// <summary>Whether letters in capitals are a point of the compass.</summary>
    public static bool IsDirection(ReadOnlySpan<char> letters) => DirectionsBySpan.ContainsKey(letters);

    /// <summary>Whether the code of a state stands in front of a place, behind a comma.</summary>
    public static bool EndsWithState(Passage passage, int at)
    {
        var end = passage.SkipSpacesBack(at);
        end -= passage[end - 1] == ',' ? 1 : 0;
        return end < at && end >= 4 && passage.Has(end - 4, ", ") && States.ContainsKey(passage.Text[(end - 2)..end]);
    }

    private static void ProposeHouse(Passage passage, int at, ReadingList readings)
    {
        if (passage[passage.DigitsEnd(at)] is not (' ' or (>= 'A' and <= 'Z')) || House.Match(passage.Text, at) is not { Success: true } house)
        {
            return;
        }

        var words = Numerals.Name(house.Groups["n"].ValueSpan) + Behind(house.Groups["l"].Value);
        var street = house.Groups["name"].Index;
        if (Directions.TryGetValue(house.Groups["d"].Value, out var direction))
        {
            readings.Add(at, street, "number of a house and direction", $"{words} {direction}", Reading.Certain);
        }
        else
        {
            readings.Add(at, street, "number of a house", words, Reading.Certain);
        }
    }

    /// <summary>A letter behind a number, 12B; empty when there is none.</summary>
    private static string Behind(string letter) => letter.Length > 0 ? " " + letter : "";

    private static void ProposeState(Passage passage, int at, ReadingList readings)
    {
        if (passage.Has(at - 2, ", ") && !passage.IsShouted && at + 2 <= passage.Text.Length
            && States.TryGetValue(passage.Text[at..(at + 2)], out var name) && State.IsMatch(passage.Text, at))
        {
            readings.Add(at, at + 2, "state", name, Reading.Certain);
        }
    }

    /// <summary>A direction in front of a street's name or behind it: "E Arques Ave", "Main St NE".</summary>
    private static void ProposeDirection(Passage passage, int at, ReadingList readings)
    {
        var end = passage.LettersEnd(at);
        if (!Directions.TryGetValue(passage.Text[at..end], out var direction))
        {
            return;
        }

        var before = passage.WrittenBefore(at).ToString();
        var isBehind = passage[at - 1] == ' ' && StreetEnds.Contains(before) && before is not ("Way" or "Place" or "Square" or "Court");
        if (isBehind && passage[end] is not ('\'' or '-'))
        {
            var dot = passage[end] == '.' && !SentenceEnds.Follows(passage, end + 1) && end + 1 < passage.Text.Length ? 1 : 0;
            readings.Add(at, end + dot, "direction behind a street", direction, Reading.Certain);
        }
    }

    private static bool IsRoad(Passage passage, Match road)
    {
        var (name, mark, before) = (road.Groups["r"].Value, road.Groups["h"].Value, passage.WordBefore(road.Index));
        return name switch
        {
            "I" => mark == "-" || before is "on" or "take" or "along",
            { Length: > 2 } => mark == " ",
            "US" or "SR" or "CR" or "FM" => true,
            _ => States.ContainsKey(name) && !StatesLikeWords.Contains(name) && BeforeRoads.Contains(before),
        };
    }

    private static void ProposeRoad(Passage passage, Match road, ReadingList readings)
    {
        var name = road.Groups["r"].Value.Replace(".", "", StringComparison.Ordinal);
        var said = name switch
        {
            "Rte" => "route",
            "Hwy" => "highway",
            "Route" or "Highway" => name.ToLowerInvariant(),
            _ => Spelling.Letters(name),
        };
        var number = $"{said} {Numerals.Name(road.Groups["n"].ValueSpan)}{Behind(road.Groups["l"].Value)}";
        var (direction, end) = (road.Groups["d"], road.Index + road.Length);

        // In "I-95 S 12" the letter belongs to what comes behind.
        var isOther = direction.Value is "E" or "S" && passage[end] == ' ' && passage.IsDigit(end + 1);
        if (direction.Success && !isOther)
        {
            readings.Add(road.Index, end, "numbered road and direction", $"{number} {Directions[direction.Value]}", Reading.Certain);
        }
        else
        {
            readings.Add(road.Index, end, "numbered road", number, Reading.Usual - 10);
        }
    }
}
