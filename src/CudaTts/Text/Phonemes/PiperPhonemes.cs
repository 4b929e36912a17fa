using System.Text;

namespace CudaTts.Text.Phonemes;

/// <summary>
/// The phonemes of a Piper voice: a map of characters to ids, in which <c>_</c>, <c>^</c> and <c>$</c> are the blank, the beginning and the end.
/// </summary>
internal sealed class PiperPhonemes
{
    /// <summary>What stands between the phonemes of a text, and is none of them.</summary>
    public const string Blank = "_";

    private const string Begin = "^";
    private const string End = "$";

    // An id is an index of the embedding; a phoneme is a handful of them at most.
    private const int MostIds = 16;

    // In the order of their ids.
    private const string UsualPhonemes =
        "_^$ !'(),-.:;?abcdefhijklmnopqrstuvwxyzæçðøħŋœǀǁǂǃɐɑɒɓɔɕɖɗɘəɚɛɜɞɟɠɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏʐʑʒʔʕʘʙʛʜʝʟʡʢʲˈˌːˑ˞βθχᵻⱱ"
        + "0123456789\u0327\u0303\u032a\u032f\u0329ʰˤε↓#\"↑\u033a\u033bgʦX\u031d\u030a";

    /// <summary>Reads a map.</summary>
    /// <param name="ids">Ids of each phoneme.</param>
    /// <param name="replacements">Phonemes that stand for one, if any.</param>
    /// <param name="size">How many symbols the model has.</param>
    /// <exception cref="TextException">The map lacks a sign of the frame, or names what is no phoneme or no id.</exception>
    public PiperPhonemes(IReadOnlyDictionary<string, int[]> ids, IReadOnlyDictionary<string, string[]>? replacements, int size)
    {
        foreach (var (phoneme, own) in ids)
        {
            Own.Add(Character(phoneme), RequireIds(phoneme, own, size));
        }

        Frame = TokenFrame.Piper(FrameId(Blank), FrameId(Begin), FrameId(End));
        foreach (var (phoneme, own) in Own.Where(entry => entry.Key.ToString() is not (Blank or Begin or End)))
        {
            Said.Add(phoneme, own);
        }

        foreach (var (phoneme, others) in replacements ?? new Dictionary<string, string[]>())
        {
            var said = Joined((others ?? []).Where(other => other is not null).SelectMany(other => other.EnumerateRunes()));
            _ = Said.Remove(Character(phoneme));
            if (said.Length > 0)
            {
                Said.Add(Character(phoneme), said);
            }
        }
    }

    /// <summary>The map of the voices that were trained on espeak-ng's phonemes: 159 of them.</summary>
    public static IReadOnlyDictionary<string, int[]> Usual { get; } =
        UsualPhonemes.Select((phoneme, id) => (Name: phoneme.ToString(), Id: id)).ToDictionary(entry => entry.Name, entry => new[] { entry.Id });

    /// <summary>The ids that each phoneme has.</summary>
    public Dictionary<Rune, int[]> Own { get; } = [];

    /// <summary>The ids that are said for each phoneme of a text; no text writes a sign of the frame.</summary>
    public Dictionary<Rune, int[]> Said { get; } = [];

    /// <summary>What stands around phonemes.</summary>
    public TokenFrame Frame { get; }

    private int FrameId(string sign) => Own.TryGetValue(Character(sign), out var ids) && ids.Length == 1
        ? ids[0]
        : throw new TextException($"phoneme_id_map: expected one id for '{sign}', found {ids?.Length ?? 0}: is this the map of a Piper voice?");

    /// <summary>Phonemes with the blanks between them; what has no id is passed over.</summary>
    private int[] Joined(IEnumerable<Rune> phonemes)
    {
        var joined = new List<int>();
        foreach (var phoneme in phonemes)
        {
            if (Own.TryGetValue(phoneme, out var ids))
            {
                joined.AddRange(joined.Count > 0 ? Frame.Behind : []);
                joined.AddRange(ids);
            }
        }

        return [.. joined];
    }

    private static Rune Character(string phoneme) =>
        Rune.DecodeFromUtf16(phoneme, out var character, out var length) == System.Buffers.OperationStatus.Done && length == phoneme.Length
            ? character
            : throw new TextException($"phoneme_id_map: expected phonemes of one Unicode character, found '{Shortened(phoneme)}'");

    private static int[] RequireIds(string phoneme, int[]? ids, int size)
    {
        if (ids is null || ids.Length is 0 or > MostIds)
        {
            throw new TextException($"phoneme_id_map: expected 1 to {MostIds} ids for '{phoneme}', found {ids?.Length ?? 0}");
        }

        return Array.TrueForAll(ids, id => id >= 0 && id < size)
            ? ids
            : throw new TextException(
            $"phoneme_id_map: expected ids below the model's {size} symbols, found '{phoneme}': [{string.Join(", ", ids)}]");
    }

    private static string Shortened(string phoneme) => phoneme.Length <= 20 ? phoneme : phoneme[..20] + "...";
}
