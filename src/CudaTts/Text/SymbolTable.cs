using System.Globalization;
using System.Text;
using CudaTts.Text.English;

namespace CudaTts.Text;

/// <summary>A symbol of a text.</summary>
/// <param name="Id">Its position in the symbol table.</param>
/// <param name="Source">The character of the text that it stands for; for a phone, the first of all that stand in its braces.</param>
internal readonly record struct Token(int Id, int Source);

/// <summary>
/// The symbols a voice was trained on; a token id is a symbol's position. A symbol is a character, or an ARPAbet phone, which a text
/// holds in braces: <c>{HH AH0 L OW1}</c>. Marks stand first in every table.
/// </summary>
public sealed class SymbolTable
{
    private const string Marks = "_-!'(),.:;? ";
    private const string SmallLetters = "abcdefghijklmnopqrstuvwxyz";

    private readonly Dictionary<char, int> _characters = [];
    private readonly Dictionary<string, int> _phones = [];
    private readonly string[] _symbols;

    private SymbolTable(string name, string characters, string phonePrefix, IEnumerable<string> phones)
    {
        Name = name;
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

    /// <summary>
    /// 148 symbols of the public NVIDIA Tacotron 2 checkpoints (github.com/NVIDIA/tacotron2, text/symbols.py): phones are written <c>@HH</c>.
    /// </summary>
    public static SymbolTable Nvidia { get; } = new("nvidia-148", Marks + SmallLetters.ToUpperInvariant() + SmallLetters, "@", Arpabet.Phones);

    /// <summary>38 characters of torchaudio's <c>TACOTRON2_*_CHAR_LJSPEECH</c> checkpoints.</summary>
    public static SymbolTable TorchaudioCharacters { get; } = new("torchaudio characters-38", Marks + SmallLetters, "", []);

    /// <summary>96 symbols of torchaudio's <c>TACOTRON2_*_PHONE_LJSPEECH</c> checkpoints: marks and phones, no letters.</summary>
    public static SymbolTable TorchaudioPhones { get; } = new("torchaudio phones-96", Marks, "", Arpabet.Phones);

    /// <summary>Every table there is; a new one is a line here.</summary>
    public static IReadOnlyList<SymbolTable> All { get; } = [Nvidia, TorchaudioCharacters, TorchaudioPhones];

    /// <summary>What a voice's manifest and messages call the table.</summary>
    public string Name { get; }

    /// <summary>The symbols in the order of their ids.</summary>
    public IReadOnlyList<string> Symbols => _symbols;

    /// <summary>The table of a name.</summary>
    /// <exception cref="TextException">There is no table of that name.</exception>
    public static SymbolTable Named(string name) => All.FirstOrDefault(table => table.Name == name)
        ?? throw new TextException($"expected the symbols to be one of {string.Join(", ", All.Select(table => table.Name))}, found '{name}'");

    /// <summary>Ids of a text, [T]. As the public code does, what the voice has no symbol for is left out.</summary>
    public int[] Encode(string text) => [.. Tokenize(AnnotatedText.Parse(text)).Select(token => token.Id)];

    /// <summary>Ids of a text, [T], every character of which must be a symbol.</summary>
    /// <exception cref="TextException">A character or a phone is no symbol of this table, or a brace has no partner.</exception>
    public int[] EncodeExactly(string text) => [.. TokenizeExactly(AnnotatedText.Parse(text)).Select(token => token.Id)];

    /// <summary>The symbols of a text, [T]; what the voice has no symbol for is left out.</summary>
    internal List<Token> Tokenize(AnnotatedText text)
    {
        var tokens = new List<Token>(text.Text.Length);
        foreach (var part in text.Parts)
        {
            foreach (var phone in part.Phones ?? [])
            {
                if (_phones.TryGetValue(phone, out var id))
                {
                    tokens.Add(new Token(id, part.Place.Start));
                }
            }

            for (var at = part.Place.Start; part.Phones is null && at < part.Place.End; at++)
            {
                if (_characters.TryGetValue(text.Text[at], out var id))
                {
                    tokens.Add(new Token(id, at));
                }
            }
        }

        return tokens;
    }

    /// <summary>The symbols of a text, [T], every character of which must be one.</summary>
    /// <exception cref="TextException">A character or a phone is no symbol of this table.</exception>
    internal List<Token> TokenizeExactly(AnnotatedText text)
    {
        foreach (var part in text.Parts)
        {
            foreach (var phone in part.Phones ?? [])
            {
                if (!IsPhone(phone))
                {
                    throw new TextException($"'{phone}' in braces is not a phone of the symbols '{Name}': write ARPAbet such as {{HH AH0 L OW1}}");
                }
            }

            foreach (var rune in part.Phones is null ? text.Text.AsSpan(part.Place.Start, part.Place.Length).EnumerateRunes() : default)
            {
                if (!rune.IsBmp || !_characters.ContainsKey((char)rune.Value))
                {
                    throw new TextException($"the character {Describe(rune)} is not one of the symbols '{Name}': remove it, or use a cleaner");
                }
            }
        }

        return Tokenize(text);
    }

    /// <summary>The id of a character that must be a symbol.</summary>
    internal int IdOf(char character) => _characters[character];

    /// <summary>The id of a phone that must be a symbol.</summary>
    internal int IdOf(Phone phone) => _phones[phone.Symbol];

    /// <summary>Whether this is a phone of the table, without prefix: <c>AH0</c>.</summary>
    internal bool IsPhone(string phone) => _phones.ContainsKey(phone);

    /// <summary>Whether an id is a letter or a phone.</summary>
    internal static bool IsSpoken(int id) => id >= Marks.Length;

    private static string Describe(Rune rune)
    {
        var code = $"U+{rune.Value.ToString("X4", CultureInfo.InvariantCulture)}";
        return Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) ? code : $"'{rune}' ({code})";
    }
}
