using System.Text.Json;
using CudaTts.Text;
using CudaTts.Text.Phonemes;

namespace CudaTts.Tests.Text;

/// <summary>Phonemes as the ids of VITS and of Piper's voices.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class PhonemeSymbolTests
{
    private static readonly JsonElement s_golden = JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(Golden.Path("text_vits.json")));

    [Test]
    public void Symbols_are_those_of_the_public_checkpoints()
    {
        var symbols = s_golden.GetProperty("vits_symbols").EnumerateArray().Select(symbol => symbol.GetString());
        Golden.AreEqual("symbols", SymbolTable.Vits.Symbols, symbols);
        var map = s_golden.GetProperty("piper_phoneme_id_map").EnumerateObject().ToList();
        Assert.That(map, Has.Count.EqualTo(159));
        Assert.That(map.Select(entry => SymbolTable.Piper.Symbols[entry.Value[0].GetInt32()]), Is.EqualTo(map.Select(entry => entry.Name)));
        Assert.That(SymbolTable.Piper.Symbols.Skip(159), Has.All.Empty);
    }

    [Test]
    public void Ids_are_those_of_the_vits_rule()
    {
        foreach (var (phonemes, ids) in Cases("vits"))
        {
            Golden.AreEqual(phonemes, SymbolTable.Vits.EncodeExactly(phonemes), ids);
            Assert.That(SymbolTable.Vits.Encode("a" + phonemes), Is.Not.EqualTo(ids), phonemes);
        }
    }

    [Test]
    public void Ids_are_those_of_pipers_own_program()
    {
        foreach (var (phonemes, ids) in Cases("piper"))
        {
            Golden.AreEqual(phonemes, SymbolTable.Piper.Encode(LanguageSwitches.Remove(phonemes)), ids);
            Assert.That(SymbolTable.Piper.Encode("a" + phonemes), Is.Not.EqualTo(ids), phonemes);
        }
    }

    [Test]
    public void Sounds_have_their_marks_and_the_blanks_of_their_word()
    {
        var sounds = SymbolTable.Vits.Tokenize("tˈɔːk, ʌ̩ ˌ b").Sounds;
        Assert.That(sounds.Select(sound => (sound.Name, sound.FirstToken, sound.EndToken)), Is.EqualTo(new[]
        {
            ("t", 1, 3), ("ˈɔː", 3, 9), ("k", 9, 10), ("ʌ̩", 15, 18), ("b", 25, 26),
        }));
    }

    [TestCase("ç", "c\u0327")]
    [TestCase("c\u0327", "c\u0327")]
    [TestCase("ã\u032a", "a\u032a\u0303")]
    [TestCase("a\u0303\u032a", "a\u032a\u0303")]
    [TestCase("\u0303a", "\u0303a")]
    public void Piper_hears_letters_and_marks_apart(string phonemes, string apart)
    {
        var table = SymbolTable.Piper;
        Assert.That(table.Tokenize(phonemes).Tokens.Where(token => token.Id > 2).Select(token => table.Symbols[token.Id]),
            Is.EqualTo(apart.Select(character => character.ToString())));
    }

    [TestCase("각", "\u1100\u1161\u11a8")]
    [TestCase("가", "\u1100\u1161")]
    [TestCase("힣", "\u1112\u1175\u11c2")]
    [TestCase("й", "и\u0306")]
    [TestCase("ộ", "o\u0323\u0302")]
    public void Characters_are_taken_apart_as_unicode_says(string character, string apart)
    {
        var parts = Decomposition.RunesOf(character, new TextRange(0, character.Length));
        Assert.That(string.Concat(parts.Select(part => part.Character.ToString())), Is.EqualTo(apart));
    }

    [TestCase("a^$_b", "^$_")]
    [TestCase("a☃b\ud800", "☃\ufffd")]
    public void What_has_no_symbol_is_left_out_with_its_blank(string phonemes, string missing)
    {
        var tokens = SymbolTable.Piper.Tokenize(phonemes);
        Assert.That(tokens.Ids, Is.EqualTo(SymbolTable.Piper.Encode("ab")));
        Assert.That(string.Concat(tokens.Missing), Is.EqualTo(missing));
    }

    [Test]
    public void A_model_brings_its_own_map()
    {
        var text = new ModelText
        {
            PhonemeIds = new Dictionary<string, int[]> { ["_"] = [0], ["^"] = [1], ["$"] = [2], ["a"] = [5, 6], ["b"] = [4], ["c"] = [4] },
            PhonemeReplacements = new Dictionary<string, string[]> { ["x"] = ["a", "b"], ["b"] = ["c"], ["a"] = ["☃"] },
        };
        var table = SymbolTable.OfModel(text, size: 8);
        Assert.Multiple(() =>
        {
            Assert.That(table.Symbols, Is.EqualTo(new[] { "_", "^", "$", "", "b", "a", "a", "" }));
            Assert.That(table.Encode("xb"), Is.EqualTo(new[] { 1, 0, 5, 6, 0, 4, 0, 4, 0, 2 }));
            Assert.That(table.Tokenize("a").Missing, Is.EqualTo(new[] { "a" }));
            Assert.That(SymbolTable.OfModel(new ModelText(), size: 178), Is.SameAs(SymbolTable.Vits));
        });
    }

    [TestCase("_", 0, "a", 8, "expected ids below the model's 8 symbols, found 'a': [8]")]
    [TestCase("_", 0, "a", -1, "expected ids below the model's 8 symbols")]
    [TestCase("_", 0, "ab", 3, "expected phonemes of one Unicode character, found 'ab'")]
    [TestCase("_", 0, "", 3, "expected phonemes of one Unicode character")]
    [TestCase("_", 0, "\ud800", 3, "expected phonemes of one Unicode character")]
    [TestCase("x", 0, "a", 3, "expected one id for '_', found 0")]
    public void A_map_that_is_none_is_refused(string blank, int blankId, string phoneme, int id, string expected)
    {
        var ids = new Dictionary<string, int[]> { [blank] = [blankId], ["^"] = [1], ["$"] = [2], [phoneme] = [id] };
        var text = new ModelText { PhonemeIds = ids };
        Assert.That(() => SymbolTable.OfModel(text, size: 8), Throws.TypeOf<TextException>().With.Message.Contains(expected));
    }

    [TestCase(0)]
    [TestCase(17)]
    public void A_phoneme_of_no_ids_or_of_many_is_refused(int count)
    {
        var ids = new Dictionary<string, int[]> { ["_"] = [0], ["^"] = [1], ["$"] = [2], ["a"] = new int[count] };
        var text = new ModelText { PhonemeIds = ids };
        Assert.That(() => SymbolTable.OfModel(text, size: 8), Throws.TypeOf<TextException>().With.Message.Contains("1 to 16 ids"));
    }

    [TestCase("Привіт, СВІТ 5", "привіт, світ", "5")]
    [TestCase("Ab", "Ab", "")]
    public void Characters_are_small_where_the_voice_has_no_capitals(string text, string read, string missing)
    {
        var ids = "_^$ ,Abпривітсє".Select((character, id) => (character, id))
            .ToDictionary(entry => entry.character.ToString(), entry => new[] { entry.id });
        var model = new ModelText { PhonemeIds = ids, ReadsCharacters = true };
        var table = SymbolTable.OfModel(model, size: 16);
        Assert.That(() => TextFrontEnd.Create("espeak", table), Throws.TypeOf<TextException>().With.Message.Contains("use characters"));
        Assert.That(() => TextFrontEnd.Create("english_ipa", table), Throws.TypeOf<TextException>());
        var tokens = TextFrontEnd.Create("characters", table).Read(text);
        Assert.That(string.Concat(tokens.Symbols.Where(symbol => symbol is not ("_" or "^" or "$"))).TrimEnd(), Is.EqualTo(read));
        Assert.That(string.Concat(tokens.Missing), Is.EqualTo(missing));
    }

    [Test]
    public void Texts_as_characters_or_as_phonemes_have_words_and_sounds_in_order()
    {
        TextFrontEnd[] frontEnds =
        [
            TextFrontEnd.Create("characters"), TextFrontEnd.Create("english_ipa"), TextFrontEnd.Create("english_ipa", SymbolTable.Piper),
            TextFrontEnd.Create("none", SymbolTable.Vits), TextFrontEnd.Create("english_cleaners", SymbolTable.Vits),
        ];
        var texts = RandomTexts.Mixed(seed: 31, count: 300)
            .Append("a \ud800b\udc00 c").Append("ʔˈaɪ sˈɛd “nˈoʊ” ː").Append(new string('\u0301', 5_000) + "x");
        var read = texts.Sum(text => frontEnds.Count(frontEnd => PhonemeTokens.AreSound(frontEnd, text)));
        Assert.That(read, Is.GreaterThan(600));
    }

    private static IEnumerable<(string Phonemes, int[] Ids)> Cases(string rule) =>
        s_golden.GetProperty(rule).EnumerateArray().Select(item =>
        (item.GetProperty("phonemes").GetString()!, item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray()));
}
