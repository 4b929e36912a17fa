using System.Collections.ObjectModel;
using System.Globalization;
using System.Text;
using CudaTts.Text.English;
using CudaTts.Text.Phonemes;

namespace CudaTts.Text;

/// <summary>
/// The symbols a voice was trained on; a token id is a symbol's position. A symbol is a character, or an ARPAbet phone, which a text
/// holds in braces: <c>{HH AH0 L OW1}</c>. Characters may be those of the International Phonetic Alphabet, and ids of no character may stand
/// around them.
/// </summary>
public sealed class SymbolTable
{
    private const string Marks = "_-!'(),.:;? ";
    private const string SmallLetters = "abcdefghijklmnopqrstuvwxyz";
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + SmallLetters;

    private readonly string[] _symbols;
    private readonly SymbolRole[] _roles;
    private readonly Dictionary<Rune, int[]> _characters = [];
    private readonly Dictionary<string, int> _phones = [];
    private readonly Dictionary<int, double> _silences = [];
    private readonly TokenFrame _frame;
    private readonly bool _isDecomposed;

    private SymbolTable(string name, string characters, string phonePrefix, IEnumerable<string> phones)
        : this(name, [.. characters.Select(character => character.ToString()), .. phones.Select(phone => phonePrefix + phone)], TokenFrame.None)
    {
        AddCharacters(characters);
        foreach (var phone in phones)
        {
            _phones.Add(phone, characters.Length + _phones.Count);
            _roles[_phones[phone]] = SymbolRole.Sound;
        }
    }

    private SymbolTable(string name, string[] symbols, TokenFrame frame, bool isDecomposed = false)
    {
        (Name, _symbols, _frame, _isDecomposed) = (name, symbols, frame, isDecomposed);
        _roles = new SymbolRole[symbols.Length];
    }

    /// <summary>
    /// 148 symbols of the public NVIDIA Tacotron 2 checkpoints (github.com/NVIDIA/tacotron2, text/symbols.py): phones are written <c>@HH</c>.
    /// </summary>
    public static SymbolTable Nvidia { get; } = new("nvidia-148", Marks + Letters, "@", Arpabet.Phones);

    /// <summary>38 characters of torchaudio's <c>TACOTRON2_*_CHAR_LJSPEECH</c> checkpoints.</summary>
    public static SymbolTable TorchaudioCharacters { get; } = new("torchaudio characters-38", Marks + SmallLetters, "", []);

    /// <summary>96 symbols of torchaudio's <c>TACOTRON2_*_PHONE_LJSPEECH</c> checkpoints: marks and phones, no letters.</summary>
    public static SymbolTable TorchaudioPhones { get; } = new("torchaudio phones-96", Marks, "", Arpabet.Phones);

    /// <summary>
    /// 178 characters of the public VITS checkpoints (github.com/jaywalnut310/vits, text/symbols.py): IPA, with a blank around each.
    /// </summary>
    public static SymbolTable Vits { get; } = OfVits("vits-178");

    /// <summary>256 symbols of Piper's voices, of which its usual map has 159: IPA, decomposed, with a blank behind each.</summary>
    public static SymbolTable Piper { get; } = OfPiper("piper-256", PiperPhonemes.Usual, replacements: null, size: 256);

    /// <summary>Every table that has a name; a new one is a line here.</summary>
    public static IReadOnlyList<SymbolTable> All { get; } = [Nvidia, TorchaudioCharacters, TorchaudioPhones, Vits, Piper];

    /// <summary>What a voice's manifest and messages call the table.</summary>
    public string Name { get; }

    /// <summary>The symbols in the order of their ids; an id that no text has is nothing.</summary>
    public IReadOnlyList<string> Symbols => _symbols;

    /// <summary>What stands around the symbols of a text.</summary>
    internal TokenFrame Frame => _frame;

    /// <summary>Whether the model wants silence behind some symbols.</summary>
    internal bool HasSilences => _silences.Count > 0;

    /// <summary>Whether its characters are the letters of texts, which are no phonemes though they may look like some.</summary>
    internal bool HasLetters { get; private init; }

    /// <summary>Whether it has the phones that English is written with.</summary>
    internal bool HasPhones => Arpabet.Phones.All(IsPhone);

    /// <summary>Whether its characters are phonemes: some of them are those that Unicode has for the International Phonetic Alphabet alone.</summary>
    internal bool HasPhonemes => !HasLetters && Symbols.Any(symbol => symbol.Any(unit => unit is >= '\u0250' and <= '\u02ff'));

    /// <summary>The table of a name.</summary>
    /// <exception cref="TextException">There is no table of that name.</exception>
    public static SymbolTable Named(string name) => All.FirstOrDefault(table => table.Name == name)
        ?? throw new TextException($"expected the symbols to be one of {string.Join(", ", All.Select(table => table.Name))}, found '{name}'");

    /// <summary>The table that a model brings with it.</summary>
    /// <param name="text">What the model's configuration says.</param>
    /// <param name="size">How many symbols the model has.</param>
    /// <exception cref="TextException">The map names what is no phoneme, or an id that the model does not have.</exception>
    public static SymbolTable OfModel(ModelText text, int size)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.PhonemeIds is not { } ids)
        {
            return Vits;
        }

        var table = OfPiper("model", ids, text.PhonemeReplacements, size, text.ReadsCharacters);
        foreach (var (phoneme, seconds) in text.PhonemeSilences ?? ReadOnlyDictionary<string, double>.Empty)
        {
            // As Piper does, which puts the blanks between phonemes when it has divided them.
            if (seconds > 0 && phoneme != PiperPhonemes.Blank && ids.TryGetValue(phoneme, out var own))
            {
                table._silences[own[^1]] = seconds;
            }
        }

        return table;
    }

    /// <summary>Ids of a text, [T]. As the public code does, what the voice has no symbol for is left out.</summary>
    public int[] Encode(string text) => Tokenize(AnnotatedText.Parse(text)).Ids;

    /// <summary>Ids of a text, [T], every character of which must be a symbol.</summary>
    /// <exception cref="TextException">A character or a phone is no symbol of this table, or a brace has no partner.</exception>
    public int[] EncodeExactly(string text) => TokenizeExactly(AnnotatedText.Parse(text)).Ids;

    /// <summary>The symbols of a text in which braces are characters, [T]; what the voice has no symbol for is left out.</summary>
    internal TokenizedText Tokenize(string text) => Tokenize(new AnnotatedText(text, [new TextPart(new TextRange(0, text.Length), Phones: null)]));

    /// <summary>The symbols of a text, [T]; what the voice has no symbol for is left out.</summary>
    internal TokenizedText Tokenize(AnnotatedText text)
    {
        var (tokens, missing) = (new List<Token>(text.Text.Length), new List<string>());
        Add(tokens, _frame.Begin, source: 0);
        foreach (var part in text.Parts)
        {
            foreach (var phone in part.Phones ?? [])
            {
                if (_phones.TryGetValue(phone, out var id))
                {
                    AddSymbol(tokens, [id], part.Place.Start);
                }
            }

            if (part.Phones is null)
            {
                AddCharacters(tokens, missing, text.Text, part.Place);
            }
        }

        Add(tokens, _frame.End, text.Text.Length);
        return new TokenizedText(tokens, SoundsOf([.. tokens.Select(token => token.Id)]), [.. missing.Distinct()]);
    }

    /// <summary>The symbols of a text, [T], every character of which must be one.</summary>
    /// <exception cref="TextException">A character or a phone is no symbol of this table.</exception>
    internal TokenizedText TokenizeExactly(AnnotatedText text)
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

            foreach (var (character, _) in part.Phones is null ? RunesOf(text.Text, part.Place) : [])
            {
                if (!_characters.ContainsKey(character))
                {
                    throw new TextException($"the character {Describe(character)} is not one of the symbols '{Name}': remove it, or use a cleaner");
                }
            }
        }

        return Tokenize(text);
    }

    /// <summary>The sounds among ids.</summary>
    internal List<SpokenSound> SoundsOf(int[] ids)
    {
        var sounds = new List<TextRange>();
        var (stressed, isOpen) = (-1, false);
        for (var at = 0; at < ids.Length; at++)
        {
            switch (_roles[ids[at]])
            {
                case SymbolRole.Blank:
                    break;
                case SymbolRole.Mark:
                    (stressed, isOpen) = (-1, false);
                    break;
                case SymbolRole.Stress:
                    stressed = stressed < 0 ? at : stressed;
                    break;
                case SymbolRole.Modifier:
                    if (isOpen && stressed < 0)
                    {
                        sounds[^1] = sounds[^1] with { End = at + 1 };
                    }

                    break;
                default:
                    var first = stressed < 0 ? at : stressed;
                    if (isOpen)
                    {
                        sounds[^1] = sounds[^1] with { End = first };
                    }

                    sounds.Add(new TextRange(first, at + 1));
                    (stressed, isOpen) = (-1, true);
                    break;
            }
        }

        return sounds.ConvertAll(sound => new SpokenSound(NameOf(ids.AsSpan(sound.Start, sound.Length)), sound.Start, sound.End));
    }

    /// <summary>Seconds of silence that the model wants behind a symbol.</summary>
    internal double SilenceBehind(int id) => _silences.GetValueOrDefault(id);

    /// <summary>What ids are written as, blanks left out.</summary>
    internal string TextOf(ReadOnlySpan<int> ids) => NameOf(ids).Trim();

    /// <summary>The id of a character that must be a symbol.</summary>
    internal int IdOf(char character) => _characters[new Rune(character)][0];

    /// <summary>The id of a phone that must be a symbol.</summary>
    internal int IdOf(Phone phone) => _phones[phone.Symbol];

    /// <summary>Whether this is a phone of the table, without prefix: <c>AH0</c>.</summary>
    internal bool IsPhone(string phone) => _phones.ContainsKey(phone);

    /// <summary>Whether a character has a symbol.</summary>
    internal bool HasCharacter(Rune character) => _characters.ContainsKey(character);

    private static SymbolTable OfVits(string name)
    {
        // The apostrophe stands twice, and the second counts.
        const string Punctuation = "_;:,.!?¡¿—…\"«»“” ";
        const string Phonetic =
            "ɑɐɒæɓʙβɔɕçɗɖðʤəɘɚɛɜɝɞɟʄɡɠɢʛɦɧħɥʜɨɪʝɭɬɫɮʟɱɯɰŋɳɲɴøɵɸθœɶʘɹɺɾɻʀʁɽʂʃʈʧʉʊʋⱱʌɣɤʍχʎʏʑʐʒʔʡʕʢǀǁǂǃˈˌːˑʼʴʰʱʲʷˠˤ˞↓↑→↗↘'\u0329'ᵻ";
        const string All = Punctuation + Letters + Phonetic;
        var table = new SymbolTable(name, [.. All.Select(character => character.ToString())], TokenFrame.Blanks(blank: 0));
        table.AddCharacters(All);
        table._roles[0] = SymbolRole.Blank;
        return table;
    }

    private static SymbolTable OfPiper(
        string name, IReadOnlyDictionary<string, int[]> ids, IReadOnlyDictionary<string, string[]>? replacements, int size, bool hasLetters = false)
    {
        var map = new PiperPhonemes(ids, replacements, size);
        var symbols = new string[size];
        Array.Fill(symbols, "");
        var table = new SymbolTable(name, symbols, map.Frame, isDecomposed: true) { HasLetters = hasLetters };
        foreach (var (phoneme, own) in map.Own)
        {
            table.NameIds(own, phoneme);
        }

        foreach (var (phoneme, said) in map.Said)
        {
            table._characters.Add(phoneme, said);
        }

        table._roles[map.Frame.Behind[0]] = SymbolRole.Blank;
        return table;
    }

    /// <summary>Takes note of what is written with an id; of several characters of one id the first is its name.</summary>
    private void NameIds(int[] ids, Rune character)
    {
        foreach (var id in ids.Where(id => _symbols[id].Length == 0))
        {
            (_symbols[id], _roles[id]) = (character.ToString(), SymbolRoles.Of(character));
        }
    }

    private void AddCharacters(string characters)
    {
        for (var id = 0; id < characters.Length; id++)
        {
            var character = new Rune(characters[id]);
            _characters[character] = [id];
            _roles[id] = SymbolRoles.Of(character);
        }
    }

    private void AddCharacters(List<Token> tokens, List<string> missing, string text, TextRange place)
    {
        foreach (var (character, source) in RunesOf(text, place))
        {
            if (_characters.TryGetValue(character, out var ids))
            {
                AddSymbol(tokens, ids, source);
            }
            else
            {
                missing.Add(character.ToString());
            }
        }
    }

    private void AddSymbol(List<Token> tokens, int[] ids, int source)
    {
        Add(tokens, ids, source);
        Add(tokens, _frame.Behind, source);
    }

    private static void Add(List<Token> tokens, int[] ids, int source)
    {
        foreach (var id in ids)
        {
            tokens.Add(new Token(id, source));
        }
    }

    private IEnumerable<(Rune Character, int Source)> RunesOf(string text, TextRange place) =>
        _isDecomposed ? Decomposition.RunesOf(text, place) : CharactersOf(text, place);

    /// <summary>Characters as they are; half of a pair is the character of what cannot be read.</summary>
    private static IEnumerable<(Rune Character, int Source)> CharactersOf(string text, TextRange place)
    {
        for (var at = place.Start; at < place.End;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(at, place.End - at), out var character, out var length);
            yield return (character, at);
            at += length;
        }
    }

    private string NameOf(ReadOnlySpan<int> ids)
    {
        var name = new StringBuilder();
        foreach (var id in ids)
        {
            name.Append(_roles[id] == SymbolRole.Blank ? "" : _symbols[id]);
        }

        return name.ToString().TrimStart('@');
    }

    private static string Describe(Rune rune)
    {
        var code = $"U+{rune.Value.ToString("X4", CultureInfo.InvariantCulture)}";
        return Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) ? code : $"'{rune}' ({code})";
    }
}
