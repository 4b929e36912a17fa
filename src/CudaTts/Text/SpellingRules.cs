namespace CudaTts.Text;

/// <summary>
/// Pronounces words that no dictionary holds, from their spelling. Context rules in the manner of Elovitz et al., "Automatic translation of
/// English text to phonetics" (NRL report 7948, 1976), with rules of our own; then one primary stress is placed.
/// </summary>
internal static class SpellingRules
{
    // left[letters]right=phones; the first rule of a letter that fits is used. In contexts: '_' word edge, '#' one or more vowels, '^' one consonant,
    // ':' any number of consonants, '+' one of e i y, '.' one of b d g l m n r v w z; other letters are themselves. AH0 and the like are never
    // stressed.
    private const string Table = """
        _[a]_=AH0;[aa]=AA;[ae]=IY;_[abo]=AH0 B AW;[augh]=AO;[au]=AO;[aw]=AO;[air]=EH R;[aire]=EH R;[ai]=EY;[ay]=EY;[ally]_=AH0 L IY0;[al]k=AO;
        [alk]=AO K;[alm]=AA M;
        #:[al]_=AH0 L;#:[als]_=AH0 L Z;[all]=AO L;[able]_=AH0 B AH0 L;[age]_=IH0 JH;[ang]e=EY N JH;[arr]=EH R;[are]_=EH R;[ar]#=EH R;#:[ard]_=ER0 D;
        #:[ar]_=ER0;[ar]=AA R;
        _:[a]_=AA;[a]_=AH0;w[a]t=AA;w[a]s=AA;[a]^e_=EY;[a]^es_=EY;[a]^ed_=EY;[a]^ing=EY;[a]tion=EY;[ation]=EY SH AH0 N;[a]sion=EY;[a]cious=EY;
        [a]^+^#=AE;[a]ble=EY;
        #:[an]_=AH0 N;#:[ant]_=AH0 N T;#:[ance]_=AH0 N S;[a]^i#=EY;[a]=AE;
        [bb]=B;m[b]_=;[b]=B;
        [cch]=K;[ch]^=K;[chr]=K R;_s[ch]=K;[ch]=CH;[ci]a=SH;[ci]o=SH;[ci]en=SH;s[c]+=;[cc]+=K S;[cc]=K;[ck]=K;[cqu]=K W;[c]+=S;[cz]=CH;[c]=K;
        [dd]=D;[dge]=JH;[dg]+=JH;#:^e[d]_=D;[dj]=JH;[d]=D;
        #:[e]_=;^:[e]_=IY;[eau]=OW;[ea]d=EH;[ear]^=ER;[ear]=IH R;[ea]=IY;[eer]=IH R;[ee]=IY;[eigh]=EY;[ei]=IY;[eu]=UW;[ewe]=UW;r[ew]=UW;l[ew]=UW;
        ch[ew]=UW;[ew]=Y UW;
        [ey]_=IY0;[ey]=EY;t[ed]_=AH0 D;d[ed]_=AH0 D;#:[ed]_=D;s[es]_=AH0 Z;z[es]_=AH0 Z;x[es]_=AH0 Z;c[es]_=AH0 Z;g[es]_=AH0 Z;ch[es]_=AH0 Z;
        sh[es]_=AH0 Z;#:[e]s_=;
        #:[ely]_=L IY0;#:[ement]=M AH0 N T;#:[ent]_=AH0 N T;#:[ence]_=AH0 N S;#:[en]_=AH0 N;#:[el]_=AH0 L;#:[ess]_=AH0 S;#:[et]_=AH0 T;[err]=EH R;
        [ere]_=IH R;[er]i=IH R;
        #:[er]=ER0;[er]#=EH R;[er]=ER;_[e]^^=EH;_r[e]^#=IY0;_d[e]^#=IH0;_b[e]^#=IH0;_[ex]#=IH0 G Z;_[ex]=EH K S;[e]^e_=IY;[eo]=IY OW;[e]o=IY;[e]a=IY;
        [e]u=IY;[e]^i#=IY;[e]=EH;
        [ff]=F;[f]=F;
        [gh]_=;i[gh]=;[gh]t=;_[gh]=G;[gh]=G;[gg]=G;_[gn]=N;[gn]_=N;n[g]_=;[ge]_=JH;[gi]o=JH;[gu]#=G;[g]+=JH;[g]=G;
        _[h]=HH;#[h]#=HH;[h]#=HH;[h]=;
        _[in]=IH N;[igh]=AY;[ign]_=AY N;[ild]_=AY L D;[ind]_=AY N D;[ier]_=IY0 ER0;[ie]ld=IY;[ie]_=IY0;[ies]_=IY0 Z;[ied]_=IY0 D;[iew]=Y UW;[ieu]=UW;
        [ie]=IY;
        [ing]_=IH0 NG;[ine]_=IY N;[ique]=IY K;[ir]#=IH R;[ire]_=AY ER0;[ir]=ER;[ish]_=IH0 SH;[ism]_=IH0 Z AH0 M;[ist]_=IH0 S T;[isk]_=IH0 S K;
        [ive]_=IH0 V;[ize]=AY Z;[ise]_=AY Z;
        #:[ity]_=AH0 T IY0;[ity]_=IH T IY0;[ical]_=IH0 K AH0 L;#:[ic]_=IH0 K;[io]n=Y AH0;[ious]=IY0 AH0 S;[ia]_=IY0 AH0;[ian]_=IY0 AH0 N;[ia]=IY0 AE;
        [iu]=IY0 AH0;[io]=IY0 OW;
        [i]^e_=AY;[i]^es_=AY;[i]^ed_=AY;[i]^ing_=AY;[i]ble_=AH0;_:[i]_=AY;[i]_=IY0;[i]=IH;
        [j]=JH;
        _[kn]=N;[kk]=K;[kh]=K;[k]=K;
        #:^[le]_=AH0 L;#:^[led]_=AH0 L D;#:^[les]_=AH0 L Z;[ll]=L;[l]=L;
        [mm]=M;[mc]#=M AH0 K;_[mc]=M AH0 K;[mn]_=M;[m]=M;
        [nn]=N;[ng]th=NG K;[ng]_=NG;[nger]_=NG ER0;[ng]+=N JH;[ng]r=NG G;[ng]#=NG G;[nge]=N JH;[ng]=NG;[nk]=NG K;[nc]t=NG K;[nx]=NG K S;[n]=N;
        [oa]=OW;[oar]=AO R;[oe]_=OW;[oe]=OW;[oi]=OY;[oy]=OY;[oo]k=UH;[oor]=AO R;[oo]d_=UH;[oo]=UW;[ough]t=AO;[ough]=OW;[ould]=UH D;[oul]d=UH;
        [oun]=AW N;[ous]_=AH0 S;[our]_=ER0;
        [our]=AO R;[ou]p=UW;[ou]=AW;[ow]_=OW;[own]=AW N;[ow]l=AW;[ow]=OW;[old]=OW L D;[olk]=OW K;[oll]_=OW L;[ost]_=OW S T;[oss]_=AO S;[ong]=AO NG;
        [off]=AO F;#:[or]_=ER0;#:[ors]_=ER0 Z;[ore]=AO R;[or]=AO R;
        #:[on]_=AH0 N;#:[ons]_=AH0 N Z;#:[om]_=AH0 M;#:[ol]_=AO L;[o]_=OW;[os]_=OW Z;[o]^e_=OW;[o]^es_=OW;[o]^ed_=OW;[o]^ing_=OW;[o]^i#=OW;[o]a=OW;
        [o]gy=AA;[o]=AA;
        [ph]=F;[pp]=P;_[ps]=S;_[pn]=N;[p]=P;
        [qu]e_=K;[que]_=K;[qu]=K W;[q]=K;
        [rrh]=R;_[rh]=R;[rr]=R;[r]=R;
        [sch]=SH;[ssion]=SH AH0 N;#[sion]=ZH AH0 N;[sion]=SH AH0 N;[sh]=SH;[ssu]r=SH;[ss]=S;#[su]r=ZH ER;_[s]=S;[sc]+=S;[sm]_=Z AH0 M;#[s]e_=Z;
        #[s]_=Z;.[s]_=Z;e[s]_=Z;[s]_=S;[s]=S;
        [tch]=CH;[tt]=T;[ti]on=SH;s[ti]on=CH;[tion]=SH AH0 N;[tia]=SH AH0;[tie]n=SH;[tious]=SH AH0 S;[th]m=DH;_[th]e=DH;[th]er=DH;[th]=TH;
        [tu]r=CH ER0;[tu]al=CH UW0;[t]=T;
        _[un]=AH N;_[uni]=Y UW N AH0;_[u]^+=Y UW;[ur]#=Y UH R;[ur]=ER;[ui]=UW;[uy]=AY;[ue]_=UW;[ue]=UW;g[u]#=;q[u]=W;[u]^e_=UW;[u]^es_=UW;[u]^ed_=UW;
        [um]_=AH0 M;[us]_=AH0 S;
        r[u]^#=UW;l[u]^#=UW;j[u]^#=UW;[u]^^=AH;[u]^_=AH;[u]_=UW;[u]a=UW;[u]^#=Y UW;[u]=AH;
        [vv]=V;[v]=V;
        _[wr]=R;_[wh]o=HH;[wh]=W;[w]#=W;[w]y=W;[w]=;
        _[x]=Z;[xc]+=K S;[x]=K S;
        _[y]#=Y;_:[y]_=AY;[yr]_=ER0;#:[y]_=IY0;[y]e=Y;[y]a=Y;[y]o=Y;[y]u=Y;_:[y]^e=AY;_:[y]^#=AY;#[y]=;[y]^e_=AY;[y]=IH;
        [zz]=Z;[z]=Z
        """;

    private static readonly Dictionary<char, Rule[]> Rules = ReadTable();

    // Endings that put the stress on the syllable before them, and the number of vowels they hold themselves.
    private static readonly (string Ending, int Vowels)[] StressedBefore =
    [
        ("ically", 3), ("ical", 2), ("ics", 1), ("ic", 1), ("ality", 3), ("ity", 2), ("tions", 1), ("tion", 1), ("sions", 1), ("sion", 1),
        ("cious", 1), ("tious", 1), ("ious", 2),
        ("ian", 2), ("ians", 2), ("ia", 2), ("graphy", 2), ("logy", 2), ("meter", 2),
    ];

    /// <summary>Phones of a word of small ASCII letters with one primary stress; empty when every letter is silent.</summary>
    public static List<string> Pronounce(string word)
    {
        var phones = new List<string>(word.Length);
        for (var position = 0; position < word.Length;)
        {
            var rule = Array.Find(Rules.GetValueOrDefault(word[position], []), candidate => candidate.Fits(word, position));
            phones.AddRange(rule.Phones ?? []);
            position += Math.Max(1, rule.Letters?.Length ?? 0);
        }

        PlaceStress(word, phones);
        return phones;
    }

    private static void PlaceStress(string word, List<string> phones)
    {
        var vowels = new List<int>();
        for (var i = 0; i < phones.Count; i++)
        {
            if (Arpabet.IsVowel(phones[i]))
            {
                vowels.Add(i);
            }
        }

        var stressed = StressedVowel(word, phones, vowels);
        for (var i = 0; i < vowels.Count; i++)
        {
            var bare = phones[vowels[i]].TrimEnd('0');
            var isReduced = i != stressed && vowels[i] > 0 && bare is "AE";
            phones[vowels[i]] = i == stressed ? bare + "1" : isReduced ? "AH0" : bare + "0";
        }
    }

    private static int StressedVowel(string word, List<string> phones, List<int> vowels)
    {
        var fixedEnding = Array.Find(StressedBefore, entry => word.EndsWith(entry.Ending, StringComparison.Ordinal));
        if (fixedEnding.Ending is not null && vowels.Count > fixedEnding.Vowels)
        {
            return vowels.Count - fixedEnding.Vowels - 1;
        }

        var first = vowels.FindIndex(index => !phones[index].EndsWith('0'));
        return vowels.Count <= 3 ? Math.Max(0, first) : Math.Max(first, vowels.Count - 3);
    }

    private static Dictionary<char, Rule[]> ReadTable() =>
        Table.Split([';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(Rule.Read)
            .GroupBy(rule => rule.Letters[0])
            .ToDictionary(group => group.Key, group => group.ToArray());

    /// <summary>One rule of the table.</summary>
    private readonly record struct Rule(string Left, string Letters, string Right, string[] Phones)
    {
        public static Rule Read(string line)
        {
            var (open, close, equals) = (line.IndexOf('['), line.IndexOf(']'), line.IndexOf('='));
            var phones = line[(equals + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return new Rule(line[..open], line[(open + 1)..close], line[(close + 1)..equals], phones);
        }

        public bool Fits(string word, int position) =>
            string.CompareOrdinal(word, position, Letters, 0, Letters.Length) == 0
            && ContextFits(Right, word, position + Letters.Length, 1)
            && ContextFits(Left, word, position - 1, -1);

        /// <summary>Walks a context away from the letters: rightwards with step 1, leftwards with step -1.</summary>
        private static bool ContextFits(string context, string word, int place, int step)
        {
            for (var i = step > 0 ? 0 : context.Length - 1; i >= 0 && i < context.Length; i += step)
            {
                var letter = place >= 0 && place < word.Length ? word[place] : '_';
                switch (context[i])
                {
                    case '#' when IsVowelLetter(letter):
                        place = SkipWhile(word, place, step, vowels: true);
                        continue;
                    case ':':
                        place = SkipWhile(word, place, step, vowels: false);
                        continue;
                    case '^' when letter != '_' && !IsVowelLetter(letter):
                    case '+' when letter is 'e' or 'i' or 'y':
                    case '.' when "bdglmnrvwz".Contains(letter, StringComparison.Ordinal):
                        break;
                    case var exact when exact == letter:
                        break;
                    default:
                        return false;
                }

                place += step;
            }

            return true;
        }

        // A context looks a few letters far, so that a word of any length is read in linear time.
        private static int SkipWhile(string word, int place, int step, bool vowels)
        {
            for (var i = 0; i < 4 && place >= 0 && place < word.Length && IsVowelLetter(word[place]) == vowels; i++)
            {
                place += step;
            }

            return place;
        }

        private static bool IsVowelLetter(char letter) => letter is 'a' or 'e' or 'i' or 'o' or 'u' or 'y';
    }
}
