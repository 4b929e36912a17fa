using System.Globalization;
using System.Text;

namespace CudaTts.Text.Phonemes;

/// <summary>
/// Characters as a letter and its marks apart (Unicode's form NFD), as Piper's voices know them: ç is c and a cedilla. The program carries no data
/// of cultures, so that .NET's own normalisation leaves everything but ASCII as it is.
/// </summary>
internal static class Decomposition
{
    private const string TableName = "decompositions.tsv";

    // Hangul is made of 19 consonants, 21 vowels and 27 final consonants, or none.
    private const int FirstHangul = 0xAC00;
    private const int HangulVowels = 21;
    private const int HangulFinals = 28;
    private const int HangulSyllables = 19 * HangulVowels * HangulFinals;

    private static readonly Lazy<Table> s_table = new(Table.Read);

    /// <summary>The characters of a stretch of a text, each with its place; those of one letter have the place of the letter.</summary>
    public static List<(Rune Character, int Source)> RunesOf(string text, TextRange place)
    {
        var runes = new List<(Rune Character, int Source)>(place.Length);
        var marks = new List<(Rune Character, int Source)>();
        for (var at = place.Start; at < place.End;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(at, place.End - at), out var written, out var length);
            foreach (var character in Of(written))
            {
                if (s_table.Value.Class(character) == 0)
                {
                    AddInOrder(runes, marks);
                    runes.Add((character, at));
                }
                else
                {
                    marks.Add((character, at));
                }
            }

            at += length;
        }

        AddInOrder(runes, marks);
        return runes;
    }

    /// <summary>The marks of a letter, those of one class in the order in which they are written.</summary>
    private static void AddInOrder(List<(Rune Character, int Source)> runes, List<(Rune Character, int Source)> marks)
    {
        var source = runes.Count > 0 ? runes[^1].Source : 0;
        runes.AddRange(marks.OrderBy(mark => s_table.Value.Class(mark.Character)).Select(mark => (mark.Character, source)));
        marks.Clear();
    }

    private static Rune[] Of(Rune character)
    {
        var syllable = character.Value - FirstHangul;
        if (syllable is < 0 or >= HangulSyllables)
        {
            return character.IsAscii ? [character] : s_table.Value.Parts.GetValueOrDefault(character) ?? [character];
        }

        Rune[] letters =
        [
            new(0x1100 + (syllable / (HangulVowels * HangulFinals))), new(0x1161 + (syllable / HangulFinals % HangulVowels)),
            new(0x11A7 + (syllable % HangulFinals)),
        ];
        return syllable % HangulFinals == 0 ? letters[..2] : letters;
    }

    /// <summary>What characters are made of, and the classes of marks.</summary>
    private sealed class Table
    {
        private readonly Dictionary<Rune, byte> _classes = [];

        public Dictionary<Rune, Rune[]> Parts { get; } = [];

        public static Table Read()
        {
            var table = new Table();
            using var stream = typeof(Table).Assembly.GetManifestResourceStream(TableName)
                ?? throw new InvalidOperationException($"the assembly was built without its resource '{TableName}'");
            using var reader = new StreamReader(stream);
            while (reader.ReadLine() is { } line)
            {
                if (line.Split('\t') is [var character, var value])
                {
                    table.Add(character, value);
                }
            }

            return table;
        }

        public int Class(Rune character) => character.IsAscii ? 0 : _classes.GetValueOrDefault(character);

        private static int Hexadecimal(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

        private void Add(string character, string value)
        {
            if (character.Split('-') is not [var first, var last])
            {
                Parts.Add(new Rune(Hexadecimal(character)), [.. value.Split(' ').Select(part => new Rune(Hexadecimal(part)))]);
                return;
            }

            for (var mark = Hexadecimal(first); mark <= Hexadecimal(last); mark++)
            {
                _classes.Add(new Rune(mark), byte.Parse(value, CultureInfo.InvariantCulture));
            }
        }
    }
}
