using CudaTts.Text;

namespace CudaTts.Tests.Text;

[TestFixture]
public sealed class SymbolTableTests
{
    [Test]
    public void Tables_have_the_sizes_and_places_of_the_public_checkpoints()
    {
        Assert.Multiple(() =>
        {
            Assert.That(SymbolTable.Nvidia.Symbols, Has.Count.EqualTo(148).And.Unique);
            Assert.That(SymbolTable.TorchaudioCharacters.Symbols, Has.Count.EqualTo(38).And.Unique);
            Assert.That(SymbolTable.TorchaudioPhones.Symbols, Has.Count.EqualTo(96).And.Unique);
            Assert.That(SymbolTable.TorchaudioCharacters.Symbols[12], Is.EqualTo("a"));
            Assert.That(SymbolTable.TorchaudioPhones.Symbols[12], Is.EqualTo("AA"));
            Assert.That(SymbolTable.Nvidia.Symbols[^1], Is.EqualTo("@ZH"));
        });
    }

    [TestCase("nvidia-148", 148)]
    [TestCase("torchaudio characters-38", 38)]
    [TestCase("torchaudio phones-96", 96)]
    [TestCase("vits-178", 178)]
    [TestCase("piper-256", 256)]
    public void Is_found_by_its_name(string name, int size)
    {
        var table = SymbolTable.Named(name);
        Assert.That((table.Name, table.Symbols.Count), Is.EqualTo((name, size)));
    }

    [TestCase("nvidia")]
    [TestCase("Nvidia-148")]
    [TestCase("")]
    public void Unknown_name_is_refused_with_the_known_ones(string name)
    {
        var error = Assert.Throws<TextException>(() => SymbolTable.Named(name))!.Message;
        Assert.That(SymbolTable.All, Has.All.Matches<SymbolTable>(table => error.Contains(table!.Name, StringComparison.Ordinal)));
        Assert.That(error, Does.EndWith($"found '{name}'"));
    }

    [Test]
    public void Names_are_different() => Assert.That(SymbolTable.All.Select(table => table.Name), Is.Unique);

    [Test]
    public void Letters_and_phones_are_sounds_and_marks_are_none()
    {
        foreach (var table in SymbolTable.All.Take(3))
        {
            Assert.That(table.Symbols.Select((symbol, id) => table.SoundsOf([id]).Count == (char.IsAsciiLetter(symbol.TrimStart('@')[0]) ? 1 : 0)),
                Has.All.True, table.Name);
        }
    }

    [Test]
    public void Letters_are_no_phones_outside_braces()
    {
        // 'B' is a phone of the 96, but as a letter of a text it is unknown.
        Assert.That(SymbolTable.TorchaudioPhones.Encode("B{B}"), Has.Length.EqualTo(1));
        Assert.That(SymbolTable.TorchaudioCharacters.Encode("ab{HH}c"), Is.EqualTo(SymbolTable.TorchaudioCharacters.EncodeExactly("abc")));
    }

    [TestCase("")]
    [TestCase("{}")]
    [TestCase("{XX}~")]
    public void What_has_no_symbol_is_left_out(string text) => Assert.That(SymbolTable.Nvidia.Encode(text), Is.Empty);

    [Test]
    public void Unmatched_brace_is_text() =>
        Assert.That(SymbolTable.Nvidia.Encode("{a {HH} b"), Is.EqualTo(SymbolTable.Nvidia.EncodeExactly("a {HH} b")));

    [TestCase("naïve", "'ï' (U+00EF)")]
    [TestCase("tab\there", "U+0009")]
    [TestCase("smile 😀", "(U+1F600)")]
    [TestCase("a { b", "'{' (U+007B)")]
    [TestCase("{HH QQ}", "'QQ'")]
    public void Exact_encoding_names_what_is_no_symbol(string text, string named) =>
        Assert.That(() => SymbolTable.Nvidia.EncodeExactly(text), Throws.TypeOf<TextException>().With.Message.Contains(named));
}
