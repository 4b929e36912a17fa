using System.Buffers.Binary;
using System.Text;

namespace CudaTts.Text.English.Lexicon;

/// <summary>Mandarin readings of the unified ideographs without tones, from the Unicode Han database (weights/lexicon/README.md).</summary>
internal static class HanReadings
{
    public const char First = '\u4E00';
    public const char Last = '\u9FFF';

    private static readonly string[] Syllables = ReadSyllables();

    /// <summary>Appends a reading as a word of its own, <c>Ri </c>; an ideograph without a reading adds nothing.</summary>
    public static void Append(StringBuilder folded, char ideograph)
    {
        var data = EmbeddedData.Open("han.bin");
        var indices = data[^(2 * (Last - First + 1))..];
        var index = BinaryPrimitives.ReadUInt16LittleEndian(indices[(2 * (ideograph - First))..]);
        if (index < Syllables.Length)
        {
            var syllable = Syllables[index];
            folded.Append(char.ToUpperInvariant(syllable[0])).Append(syllable, 1, syllable.Length - 1).Append(' ');
        }
    }

    private static string[] ReadSyllables()
    {
        var data = EmbeddedData.Open("han.bin");
        return Encoding.Latin1.GetString(data[..data.IndexOf("\n\n"u8)]).Split('\n');
    }
}
