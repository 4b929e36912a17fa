namespace CudaTts.Text.English.Normalization;

/// <summary>
/// Short forms of words, with their dot or, where that is usual, without: Mr., Dr. (doctor or drive), St. (saint or street), etc., pp. 5.
/// </summary>
internal sealed class Abbreviations : SemioticClass
{
    private const int LongestName = 80;

    // Followed by a name: the dot may be missing.
    private static readonly Dictionary<string, string> Titles = Table("""
        Mr mister;Mrs missus;Ms miz;Messrs messieurs;Dr doctor;Prof professor;Rev reverend;Hon honorable;Gen general;Lt lieutenant;Col colonel
        Capt captain;Sgt sergeant;
        Maj major;Cmdr commander;Cdr commander;Adm admiral;Cpl corporal;Pvt private;Gov governor;Sen senator;Rep representative;Pres president
        Supt superintendent;
        Mt mount;Ft fort;St saint;Sr senor;Fr father
        """);

    // Behind a street's name.
    private static readonly Dictionary<string, string> Streets = Table("""
        St street;Ave avenue;Blvd boulevard;Rd road;Dr drive;Ln lane;Ct court;Pl place;Sq square;Pkwy parkway;Hwy highway;Ter terrace
        """);

    private static readonly Dictionary<string, string> Dotted = Table("""
        jr junior;sr senior;esq esquire;inc incorporated;ltd limited;co company;corp corporation;bros brothers;dept department;univ university
        assn association;
        ave avenue;blvd boulevard;rd road;hwy highway;apt apartment;ste suite;bldg building;rte route;etc et_cetera;approx approximately
        misc miscellaneous;
        vol volume;vols volumes;fig figure;figs figures;ed edition;eds editors;est established;ch chapter;sec section;eq equation;ref reference;
        cf compare;viz namely;ca circa;tel telephone;ext extension;govt government;intl international;natl national;max maximum;min minimum
        avg average;
        temp temperature;anon anonymous;attn attention;acct account;admin administration;adj adjective;adv adverb;abbr abbreviation;orig original;
        incl including;excl excluding;tbsp tablespoon;tsp teaspoon;lb pound;lbs pounds;oz ounces;yr year;yrs years;hr hour;hrs hours;mins minutes
        secs seconds;
        mt mount;ft fort;jan january;feb february;mar march;apr april;jun june;jul july;aug august;sept september;sep september;oct october
        nov november;dec december;
        mon monday;tue tuesday;tues tuesday;wed wednesday;thu thursday;thur thursday;thurs thursday;fri friday;sat saturday;sun sunday;
        ariz arizona;calif california;conn connecticut;fla florida;mass massachusetts;mich michigan;minn minnesota;tenn tennessee;wash washington
        """);

    // Ordinary words too: only a capital, or a number behind, makes them short forms.
    private static readonly HashSet<string> NeedsCapital =
        ["jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "wed", "thu", "fri", "sat", "sun", "tue", "ed", "co",
        "mass", "wash", "conn"];

    private static readonly HashSet<string> NeedsNumber = ["ch", "sec", "eq", "ca", "max", "min", "ext", "fig", "figs", "ref", "mar", "jun", "jul",
        "sat", "sun", "mass"];

    private static readonly HashSet<string> BeforeStreetNames = ["on", "at", "along", "near", "off", "from", "down", "up", "across", "in", "to",
        "of", "and"];

    private static readonly Dictionary<string, string> BeforeNumber = Table("""
        no number;nos numbers;p page;pp pages;vol volume;vols volumes;ch chapter;sec section;fig figure;figs figures;eq equation;ext extension
        art article;ver version;v version;pt part;op opus
        """);

    public override bool MayBeginWith(char first) => char.IsAsciiLetter(first);

    public override int Read(Passage passage, int at)
    {
        var end = passage.LettersEnd(at);
        var hasDot = passage[end] == '.' && !char.IsAsciiLetterOrDigit(passage[end + 1]);
        if (end - at > 6 || passage.IsLetter(at - 1) || passage[at - 1] == '\'' || passage[end] == '\'')
        {
            return at;
        }

        var word = passage.Text[at..end];
        var lower = word.ToLowerInvariant();
        var reading = NumberReading(passage, end + (hasDot ? 1 : 0), lower, hasDot)
            ?? StreetReading(passage, at, end, word, hasDot)
            ?? TitleReading(passage, end, word, hasDot)
            ?? (lower is "vs" ? "versus" : hasDot ? DottedReading(passage, end, word, lower) : MonthReading(passage, end, word));
        if (reading is null)
        {
            return at;
        }

        passage.Spoken.AddWords(reading);
        SentenceEnds.AfterAbbreviation(passage, end + 1, hasDot && !Titles.ContainsKey(word));
        return end + (hasDot ? 1 : 0);
    }

    /// <summary>"No. 5", "pp. 10-12": a number must follow.</summary>
    private static string? NumberReading(Passage passage, int end, string lower, bool hasDot) =>
        hasDot && passage.IsDigit(passage[end] == ' ' ? end + 1 : end) ? BeforeNumber.GetValueOrDefault(lower) : null;

    private static string? StreetReading(Passage passage, int at, int end, string word, bool hasDot)
    {
        if (!Streets.TryGetValue(word, out var street) || (!hasDot && word is not ("St" or "Ave" or "Blvd" or "Rd" or "Dr" or "Ln")))
        {
            return null;
        }

        // The words with a capital that stand directly in front, and what is in front of these.
        var text = passage.Text.AsSpan(Math.Max(0, at - LongestName), at - Math.Max(0, at - LongestName));
        var names = 0;
        for (; text.Length > 1 && text[^1] == ' '; names++)
        {
            var name = text[(text[..^1].LastIndexOfAny(" \n") + 1)..^1];
            if (!Letters.IsCapitalised(name) && !(name.Length > 2 && char.IsAsciiDigit(name[0]) && char.IsAsciiLetter(name[^1])))
            {
                var isPlace = name.Length > 0 && (char.IsAsciiDigit(name[0]) || BeforeStreetNames.Contains(name.ToString()));
                return names > 0 && (isPlace || !IsBeforeName(passage, end, hasDot)) ? street : null;
            }

            text = text[..^(name.Length + 1)];
        }

        return names > 0 && !IsBeforeName(passage, end, hasDot) ? street : null;
    }

    private static string? TitleReading(Passage passage, int end, string word, bool hasDot) =>
        Titles.TryGetValue(word, out var title)
            && (IsBeforeName(passage, end, hasDot) || (hasDot && word is not ("Sr" or "Fr" or "St" or "Ft" or "Mt"))) ? title : null;

    private static bool IsBeforeName(Passage passage, int end, bool hasDot)
    {
        var next = passage[end + (hasDot ? 1 : 0)] is ' ' or '\n' ? passage.WordAfter(end + (hasDot ? 2 : 1)) : [];
        return Letters.IsCapitalised(next) && !SentenceEnds.IsStarter(next);
    }

    /// <summary>A month before a number, "Jan 3".</summary>
    private static string? MonthReading(Passage passage, int end, string word) =>
        Letters.IsCapitalised(word) && passage[end] == ' ' && passage.IsDigit(end + 1) ? Calendar.MonthOf(word) : null;

    private static string? DottedReading(Passage passage, int end, string word, string lower)
    {
        var isCapital = char.IsAsciiLetterUpper(word[0]);
        var isBeforeNumber = passage[end + 1] == ' ' && passage.IsDigit(end + 2);
        if (lower == "al" && passage.Spoken.LastWord == "et")
        {
            return "al";
        }

        var isOrdinaryWord = (NeedsCapital.Contains(lower) && !isCapital) || (NeedsNumber.Contains(lower) && !isBeforeNumber);
        return isOrdinaryWord ? null : Dotted.GetValueOrDefault(lower) ?? (isCapital ? Streets.GetValueOrDefault(word) : null);
    }

    private static Dictionary<string, string> Table(string lines) =>
        lines.Split([';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(parts => parts[0], parts => parts[1].Replace('_', ' '));
}
