using System.Buffers.Binary;
using System.Runtime.InteropServices;
using CudaTts.Text.English.Lexicon;
using CudaTts.Text.English.Normalization;

namespace CudaTts.Text.English.Tagging;

/// <summary>
/// Tells from the words around a word whether a noun, an adjective, a verb or a past form stands there: a linear model over hashed features of
/// the sentence (weights/lexicon/README.md). The word itself is no feature, but for its final s.
/// </summary>
internal sealed class RoleModel
{
    /// <summary>What the file begins with.</summary>
    public static ReadOnlySpan<byte> Magic => "CTR1"u8;

    private const int HeaderBytes = 12;
    private const int WordBytes = sizeof(uint) + sizeof(ushort);

    private static readonly Lazy<RoleModel> Shipped = new(() => new RoleModel("roles.bin"));

    private readonly string? _resource;
    private readonly byte[]? _file;

    /// <summary>A model whose file is in memory.</summary>
    public RoleModel(byte[] file) => _file = file;

    private RoleModel(string resource) => _resource = resource;

    /// <summary>The model inside the assembly, read where the loader has mapped it.</summary>
    public static RoleModel Instance => Shipped.Value;

    /// <summary>How well each role fits a place, in the order of <see cref="Role"/>; more is better.</summary>
    public RoleScores Score(IReadOnlyList<SpokenItem> items, int index)
    {
        var file = _file ?? EmbeddedData.Open(_resource!);
        var words = BinaryPrimitives.ReadInt32LittleEndian(file[4..]);
        var weights = file[(HeaderBytes + (words * WordBytes))..];
        var buckets = (uint)BinaryPrimitives.ReadInt32LittleEndian(file[8..]);
        var scores = default(RoleScores);
        foreach (var feature in RoleFeatures.Of(this, items, index))
        {
            scores.Add(MemoryMarshal.Cast<byte, sbyte>(weights.Slice((int)(feature % buckets) * RoleScores.Count, RoleScores.Count)));
        }

        return scores;
    }

    /// <summary>What a word of the sentence can be.</summary>
    public WordClasses ClassesOf(in SpokenItem item) => item.Kind switch
    {
        SpokenKind.Pause => WordClasses.None,
        SpokenKind.Word => Find(RoleFeatures.Hash(item.Text)) ?? Guess(item.Text, item.IsCapitalised),
        _ => WordClasses.Noun,
    };

    /// <summary>What a word that is not listed can be, by its ending.</summary>
    public static WordClasses Guess(string word, bool isCapitalised)
    {
        bool Ends(string ending) => word.Length > ending.Length + 1 && word.EndsWith(ending, StringComparison.Ordinal);
        return word switch
        {
            _ when Ends("'s") || Ends("s'") => Closed(ClosedClass.Possessive),
            _ when isCapitalised => WordClasses.Noun,
            _ when Ends("ly") => WordClasses.Adverb,
            _ when Ends("ing") => WordClasses.Ing,
            _ when Ends("ed") => WordClasses.Past | WordClasses.Participle,
            _ when Ends("ous") || Ends("ful") || Ends("able") || Ends("ible") || Ends("less") || Ends("ive") || Ends("ical") || Ends("ish") =>
                WordClasses.Adjective,
            _ when Ends("ness") || Ends("ss") || Ends("us") || Ends("is") => WordClasses.Noun,
            _ when Ends("izes") || Ends("ifies") => WordClasses.ThirdPerson,
            _ when Ends("s") => WordClasses.Plural,
            _ when Ends("ize") || Ends("ify") => WordClasses.Verb,
            _ => WordClasses.Noun,
        };
    }

    /// <summary>A closed class, as it is stored.</summary>
    public static WordClasses Closed(ClosedClass one) => (WordClasses)((int)one << 8);

    private WordClasses? Find(uint hash)
    {
        var file = _file ?? EmbeddedData.Open(_resource!);
        var (low, high) = (0, BinaryPrimitives.ReadInt32LittleEndian(file[4..]) - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var entry = file.Slice(HeaderBytes + (middle * WordBytes), WordBytes);
            var found = BinaryPrimitives.ReadUInt32LittleEndian(entry);
            if (found == hash)
            {
                return (WordClasses)BinaryPrimitives.ReadUInt16LittleEndian(entry[sizeof(uint)..]);
            }

            (low, high) = found < hash ? (middle + 1, high) : (low, middle - 1);
        }

        return null;
    }
}
