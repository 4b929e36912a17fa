using CudaTts.Text.English.Tagging;

namespace CudaTts.Lexicon.Roles;

/// <summary>The forms of English nouns, verbs and adjectives.</summary>
internal static class Inflection
{
    // Base, past, participle.
    private const string IrregularVerbs = """
        arise arose arisen;awake awoke awoken;bear bore borne;beat beat beaten;become became become;begin began begun;bend bent bent;bet bet bet;
        bind bound bound;bite bit bitten;bleed bled bled;blow blew blown;break broke broken;breed bred bred;bring brought brought;
        build built built;burn burnt burnt;burst burst burst;buy bought bought;cast cast cast;catch caught caught;choose chose chosen;
        cling clung clung;come came come;cost cost cost;creep crept crept;cut cut cut;deal dealt dealt;dig dug dug;dive dove dived;
        draw drew drawn;dream dreamt dreamt;drink drank drunk;drive drove driven;eat ate eaten;fall fell fallen;feed fed fed;feel felt felt;
        fight fought fought;find found found;flee fled fled;fling flung flung;fly flew flown;forbid forbade forbidden;foresee foresaw foreseen;
        forget forgot forgotten;forgive forgave forgiven;freeze froze frozen;get got gotten;give gave given;go went gone;grind ground ground;
        grow grew grown;hang hung hung;hear heard heard;hide hid hidden;hit hit hit;hold held held;hurt hurt hurt;keep kept kept;
        kneel knelt knelt;know knew known;lay laid laid;lead led led;leap leapt leapt;learn learnt learnt;leave left left;lend lent lent;
        let let let;lie lay lain;light lit lit;lose lost lost;make made made;mean meant meant;meet met met;mislead misled misled;
        mistake mistook mistaken;overcome overcame overcome;pay paid paid;prove proved proven;put put put;quit quit quit;read read read;
        rend rent rent;rid rid rid;ride rode ridden;ring rang rung;rise rose risen;run ran run;say said said;see saw seen;seek sought sought;
        sell sold sold;send sent sent;set set set;sew sewed sewn;shake shook shaken;shed shed shed;shine shone shone;shoot shot shot;
        show showed shown;shrink shrank shrunk;shut shut shut;sing sang sung;sink sank sunk;sit sat sat;slay slew slain;sleep slept slept;
        slide slid slid;sling slung slung;slit slit slit;smell smelt smelt;sow sowed sown;speak spoke spoken;speed sped sped;
        spend spent spent;spill spilt spilt;spin spun spun;spit spat spat;split split split;spoil spoilt spoilt;spread spread spread;
        spring sprang sprung;stand stood stood;steal stole stolen;stick stuck stuck;sting stung stung;strike struck struck;
        strive strove striven;swear swore sworn;sweep swept swept;swell swelled swollen;swim swam swum;swing swung swung;take took taken;
        teach taught taught;tear tore torn;tell told told;think thought thought;throw threw thrown;thrust thrust thrust;tread trod trodden;
        undergo underwent undergone;understand understood understood;undertake undertook undertaken;wake woke woken;wear wore worn;
        weave wove woven;weep wept wept;win won won;wind wound wound;withdraw withdrew withdrawn;wring wrung wrung;write wrote written
        """;

    private const string IrregularPlurals = """
        man men;woman women;child children;foot feet;tooth teeth;goose geese;mouse mice;person people;wife wives;life lives;knife knives;
        wolf wolves;leaf leaves;half halves;thief thieves;self selves;shelf shelves;loaf loaves;calf calves
        """;

    private static readonly Dictionary<string, string[]> Verbs = Read(IrregularVerbs);
    private static readonly Dictionary<string, string[]> Plurals = Read(IrregularPlurals);

    /// <summary>The forms of a word as one part of speech, the word itself among them.</summary>
    public static IEnumerable<(string Form, WordClasses Class)> Forms(string word, WordClasses part)
    {
        yield return (word, part);
        switch (part)
        {
            case WordClasses.Noun:
                yield return (Plurals.TryGetValue(word, out var plural) ? plural[1] : WithS(word), WordClasses.Plural);
                break;
            case WordClasses.Verb:
                yield return (WithS(word), WordClasses.ThirdPerson);
                yield return (WithEnding(word, "ing"), WordClasses.Ing);
                if (Verbs.TryGetValue(word, out var parts))
                {
                    yield return (parts[1], WordClasses.Past);
                    yield return (parts[2], WordClasses.Participle);
                }
                else
                {
                    yield return (WithEnding(word, "ed"), WordClasses.Past | WordClasses.Participle);
                }

                break;
            case WordClasses.Adjective when word.Length < 7:
                yield return (WithEnding(word, "er"), WordClasses.Adjective);
                yield return (WithEnding(word, "est"), WordClasses.Adjective);
                break;
        }
    }

    private static Dictionary<string, string[]> Read(string list) => list.Split(';').Select(entry => entry.Trim().Split(' '))
        .ToDictionary(parts => parts[0]);

    private static string WithS(string word) => word switch
    {
        [.., not ('a' or 'e' or 'i' or 'o' or 'u'), 'y'] => word[..^1] + "ies",
        [.., 's' or 'x' or 'z'] or [.., 'c' or 's', 'h'] or [.., not ('o' or 'i'), 'o'] => word + "es",
        _ => word + "s",
    };

    private static string WithEnding(string word, string ending)
    {
        if (word.EndsWith("ie", StringComparison.Ordinal) && ending == "ing")
        {
            return word[..^2] + "ying";
        }

        if (word.EndsWith('e') && !(ending == "ing" && word.EndsWith("ee", StringComparison.Ordinal)))
        {
            return word[..^1] + ending;
        }

        if (ending != "ing" && word.Length > 2 && word.EndsWith('y') && !IsVowel(word[^2]))
        {
            return word[..^1] + "i" + ending;
        }

        return Doubles(word) ? word + word[^1] + ending : word + ending;
    }

    /// <summary>Whether the last consonant is doubled: one vowel before it, and one syllable in all.</summary>
    private static bool Doubles(string word)
    {
        var isShort = word.Length >= 3 && word.Count(IsVowel) == 1 && IsVowel(word[^2]);
        return isShort && word[^1] is not ('w' or 'x' or 'y') && !IsVowel(word[^1]);
    }

    private static bool IsVowel(char letter) => letter is 'a' or 'e' or 'i' or 'o' or 'u';
}
