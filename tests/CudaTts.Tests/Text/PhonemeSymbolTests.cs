using System.Text.Json;
using CudaTts.Text;
using CudaTts.Text.Phonemes;

namespace CudaTts.Tests.Text;

/// <summary>Phonemes as the ids of VITS and of Piper's voices.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class PhonemeSymbolTests
{
    private static readonly JsonDocument s_golden = JsonDocument.Parse(File.ReadAllBytes(Golden.Path("text_vits.json")));

    [Test]
    public void Symbols_are_those_of_the_public_checkpoints()
    {
        var symbols = s_golden.RootElement.GetProperty("vits_symbols").EnumerateArray().Select(symbol => symbol.GetString());
        Golden.AreEqual("symbols", SymbolTable.Vits.Symbols, symbols);
        var map = s_golden.RootElement.GetProperty("piper_phoneme_id_map").EnumerateObject().ToList();
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

    private static IEnumerable<(string Phonemes, int[] Ids)> Cases(string rule) => s_golden.RootElement.GetProperty(rule).EnumerateArray().Select(item =>
        (item.GetProperty("phonemes").GetString()!, item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray()));
}
