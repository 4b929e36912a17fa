namespace CudaTts.Tests.Architecture;

/// <summary>
/// The rooms of the library of measures. Each measure stands on signals alone and knows no other; of the engine only the rooms of sound and of files
/// are named, and no model.
/// </summary>
[TestFixture]
internal sealed class QualityArchitectureTests
{
    private const string Library = "CudaTts.Quality";

    private static readonly string[] s_measures = ["Pesq", "Intelligibility", "Cepstra", "Pitch", "Levels", "Spectra"];

    private static readonly Dictionary<string, string[]> s_arrows = new()
    {
        ["Signals"] = [],
        ["Statistics"] = [],
        ["Tables"] = [],
        ["Recognition"] = [],
        ["Pesq"] = ["Signals"],
        ["Intelligibility"] = ["Signals"],
        ["Cepstra"] = ["Signals"],
        ["Pitch"] = ["Signals", "Statistics"],
        ["Levels"] = ["Signals"],
        ["Spectra"] = ["Signals"],
        [""] = [.. s_measures, "Signals"],
        ["Evaluation"] = ["", .. s_measures, "Signals", "Statistics"],
        ["Listening"] = ["Levels", "Signals", "Statistics", "Tables"],
    };

    private static readonly string[] s_engine = ["CudaTts", "CudaTts.Audio", "CudaTts.Files"];

    private static readonly Lazy<List<SourceReference>> s_references = new(() => SourceReferences.In(Folder));

    private static string Folder => Path.Combine(Checkout.Root, "src", Library);

    [Test]
    public void Arrows_point_down() => Assert.That(Violations(s_references.Value), Is.Empty);

    [Test]
    public void Every_room_is_on_the_map() => Assert.That(
        s_references.Value.Select(reference => RoomOf(reference.From)).Distinct().Where(room => !s_arrows.ContainsKey(room)), Is.Empty);

    [TestCase("namespace CudaTts.Quality.Signals; class Up { Levels.SignalLevels? Levels; }")]
    [TestCase("namespace CudaTts.Quality.Pitch; class Beside { bool Is(object o) => o is Intelligibility.StoiScores; }")]
    [TestCase("namespace CudaTts.Quality.Levels; class Engine { CudaTts.Models.Vocoder? Vocoder; }")]
    [TestCase("namespace CudaTts.Quality.Cepstra; class Engine { string Name => CudaTts.Voice.ManifestName; }")]
    public void An_arrow_turned_round_is_found(string source) =>
        Assert.That(Violations(SourceReferences.InOneMore(Folder, source)), Is.Not.Empty);

    private static List<string> Violations(List<SourceReference> references) =>
    [
        .. references.Where(reference => !MayName(reference))
            .Select(reference => $"{reference.File}:{reference.Line}: {reference.From} names {reference.To}.{reference.Type}"),
    ];

    private static bool MayName(SourceReference reference)
    {
        if (!reference.To.StartsWith(Library, StringComparison.Ordinal))
        {
            return s_engine.Contains(reference.To)
                && (reference.To != "CudaTts" || reference.Type.EndsWith("Exception", StringComparison.Ordinal));
        }

        var (from, to) = (RoomOf(reference.From), RoomOf(reference.To));
        return from == to || (s_arrows.TryGetValue(from, out var below) && below.Contains(to));
    }

    private static string RoomOf(string space) => space.Split('.').ElementAtOrDefault(2) ?? "";
}
