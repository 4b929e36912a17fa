using System.Globalization;
using System.Text;
using CudaTts.Text.English;

namespace CudaTts.Text;

/// <summary>
/// The symbols a voice was trained on; a token id is a symbol's position. A symbol is a character, or an ARPAbet phone, which a text
/// holds in braces: <c>{HH AH0 L OW1}</c>.
/// </summary>
public sealed class SymbolTable
{
    private const string Punctuation = "_-!'(),.:;? ";
    private const string SmallLetters = "abcdefghijklmnopqrstuvwxyz";

    private readonly Dictionary<char, int> _characters = [];
    private readonly Dictionary<string, int> _phones = [];
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _phonesBySpan;
    private readonly string[] _symbols;

    private SymbolTable(string name, string characters, string phonePrefix, IEnumerable<string> phones)
    {
        Name = name;
        _phonesBySpan = _phones.GetAlternateLookup<ReadOnlySpan<char>>();
        var symbols = new List<string>();
        foreach (var character in characters)
        {
            _characters.Add(character, symbols.Count);
            symbols.Add(character.ToString());
        }

        foreach (var phone in phones)
        {
            _phones.Add(phone, symbols.Count);
            symbols.Add(phonePrefix + phone);
        }

        _symbols = [.. symbols];
    }

    /// <summary>148 symbols of the public NVIDIA Tacotron 2 checkpoints (github.com/NVIDIA/tacotron2, text/symbols.py): phones are written
    /// <c>@HH</c>.</summary>
    public static SymbolTable Nvidia { get; } = new("nvidia", Punctuation + SmallLetters.ToUpperInvariant() + SmallLetters, "@", Arpabet.Phones);

    /// <summary>38 characters of torchaudio's <c>TACOTRON2_*_CHAR_LJSPEECH</c> checkpoints.</summary>
    public static SymbolTable TorchaudioCharacters { get; } = new("torchaudio characters", Punctuation + SmallLetters, "", []);

    /// <summary>96 symbols of torchaudio's <c>TACOTRON2_*_PHONE_LJSPEECH</c> checkpoints: punctuation and phones, no letters.</summary>
    public static SymbolTable TorchaudioPhones { get; } = new("torchaudio phones", Punctuation, "", Arpabet.Phones);

    /// <summary>What messages call the table.</summary>
    public string Name { get; }

    /// <summary>The symbols in the order of their ids.</summary>
    public IReadOnlyList<string> Symbols => _symbols;

    /// <summary>Whether a text may hold phones in braces.</summary>
    public bool HasPhones => _phones.Count > 0;

    /// <summary>The table of a checkpoint whose embedding has this many rows.</summary>
    /// <exception cref="TextException">No known family of checkpoints has that many symbols.</exception>
    public static SymbolTable OfSize(int symbols)
    {
        foreach (var table in (ReadOnlySpan<SymbolTable>)[Nvidia, TorchaudioCharacters, TorchaudioPhones])
        {
            if (table._symbols.Length == symbols)
            {
                return table;
            }
        }

        throw new TextException($"no symbol table has {symbols} symbols: known are 148 (NVIDIA), 38 and 96 (torchaudio)");
    }

    /// <summary>Ids of a text, [T]. As the public code does, what the voice has no symbol for is left out.</summary>
    public int[] Encode(string text)
    {
        var ids = new List<int>(text.Length);
        foreach (var part in BracedText.Split(text))
        {
            if (part.IsPhones)
            {
                AppendPhones(part, ids, _ => { });
                continue;
            }

            foreach (var character in part.Text.Span)
            {
                if (_characters.TryGetValue(character, out var id))
                {
                    ids.Add(id);
                }
            }
        }

        return [.. ids];
    }

    /// <summary>Ids of a text, [T], every character of which must be a symbol.</summary>
    /// <exception cref="TextException">A character or a phone is no symbol of this table, or a brace has no partner.</exception>
    public int[] EncodeExactly(string text)
    {
        var ids = new List<int>(text.Length);
        foreach (var part in BracedText.Split(text))
        {
            if (part.IsPhones)
            {
                AppendPhones(part, ids, RefusePhone);
                continue;
            }

            foreach (var rune in part.Text.Span.EnumerateRunes())
            {
                if (!rune.IsBmp || !_characters.TryGetValue((char)rune.Value, out var id))
                {
                    throw new TextException($"the character {Describe(rune)} is not one of the {Name} symbols: remove it, or use a cleaner");
                }

                ids.Add(id);
            }
        }

        return [.. ids];
    }

    /// <summary>Whether this is a phone of the table, without prefix: <c>AH0</c>.</summary>
    internal bool IsPhone(ReadOnlySpan<char> phone) => _phonesBySpan.ContainsKey(phone);

    /// <summary>Whether an id is a letter or a phone: the marks come first in every table.</summary>
    internal static bool IsSpoken(int id) => id >= Punctuation.Length;

    private static string Describe(Rune rune)
    {
        var code = $"U+{rune.Value.ToString("X4", CultureInfo.InvariantCulture)}";
        return Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) ? code : $"'{rune}' ({code})";
    }

    private void RefusePhone(string phone) =>
        throw new TextException($"'{phone}' in braces is not a phone of the {Name} symbols: write ARPAbet such as {{HH AH0 L OW1}}");

    private void AppendPhones(BracedText part, List<int> ids, Action<string> unknown)
    {
        foreach (var phone in part.Phones())
        {
            if (_phones.TryGetValue(phone, out var id))
            {
                ids.Add(id);
            }
            else
            {
                unknown(phone);
            }
        }
    }
}
