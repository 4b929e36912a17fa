using System.Text;

namespace CudaTts.Tests.Architecture;

/// <summary>
/// The rooms of the library and the arrows between them, as ARCHITECTURE.md draws them: face and pipeline, models and text, audio, compute and
/// weights, tensors, files. A room names what lies below it and nothing above or beside it.
/// </summary>
[TestFixture]
internal sealed class ArchitectureTests
{
    private const string Face = "CudaTts";
    private const string Driver = "CudaTts.Cuda";

    // What each room may name besides itself and the exceptions of the face.
    private static readonly Dictionary<string, string[]> s_arrows = new()
    {
        [Face] = ["Pipeline", "Models", "Text", "Audio", "Compute", "Weights", "Tensors", "Files"],
        ["Pipeline"] = [Face, "Models", "Text", "Audio", "Compute", "Tensors"],
        ["Models"] = ["Audio", "Compute", "Weights", "Tensors", "Files", Driver],
        ["Text"] = ["Files"],
        ["Audio"] = ["Tensors", "Files"],
        ["Compute"] = ["Tensors", Driver],
        ["Weights"] = ["Tensors", "Files"],
        ["Tensors"] = [],
        ["Files"] = [],
    };

    private static readonly Lazy<List<SourceReference>> s_references = new(() => SourceReferences.In(Library));

    private static string Library => Path.Combine(Checkout.Root, "src", "CudaTts");

    [Test]
    public void Arrows_point_down()
    {
        TestContext.Out.WriteLine(Matrix(s_references.Value));
        Assert.That(Violations(s_references.Value).Select(Describe), Is.Empty);
    }

    [Test]
    public void Every_room_is_on_the_map()
    {
        var rooms = s_references.Value.SelectMany(reference => (string[])[RoomOf(reference.From), RoomOf(reference.To)]).ToHashSet();
        Assert.That(rooms.Where(room => room != Driver), Is.EquivalentTo(s_arrows.Keys));
    }

    [Test]
    public void Of_the_models_only_their_parts_for_a_gpu_name_the_driver()
    {
        var names = s_references.Value.Where(reference => RoomOf(reference.From) == "Models" && RoomOf(reference.To) == Driver);
        Assert.That(names.Where(reference => !reference.From.EndsWith(".Cuda", StringComparison.Ordinal)
            && !reference.From.Contains(".Decoder.Cuda.", StringComparison.Ordinal)).Select(Describe), Is.Empty);
    }

    [Test]
    public void A_network_knows_no_other_network()
    {
        var others = s_references.Value.Where(reference =>
            NetworkOf(reference.From) is { } from && NetworkOf(reference.To) is { } to && from != to);
        Assert.That(others.Select(Describe), Is.Empty);
    }

    [Test]
    public void Only_the_list_of_formats_names_the_networks()
    {
        var files = s_references.Value
            .Where(reference => NetworkOf(reference.To) is not null && NetworkOf(reference.From) is null)
            .Select(reference => reference.File)
            .Distinct();
        Assert.That(files, Is.SubsetOf((string[])["ModelFormat.cs", "Vocoder.cs"]));
    }

    [TestCase("namespace CudaTts.Tensors; class Up { Audio.MelContract? Mel; }", "Tensors", "Audio")]
    [TestCase("namespace CudaTts.Compute.Cpu; class Up { string Name => Models.Vocoder.GriffinLimName; }", "Compute", "Models")]
    [TestCase("using CudaTts.Text; namespace CudaTts.Weights; class Up { object? Of(object o) => o as SymbolTable; }", "Weights", "Text")]
    [TestCase("namespace CudaTts.Text.English; class Up { SpeechOptions? Options; }", "Text", Face)]
    [TestCase("namespace CudaTts.Models; class Up { Pipeline.TimestampBuilder? Times; }", "Models", "Pipeline")]
    public void An_arrow_turned_round_is_found(string source, string from, string to)
    {
        var found = Violations(SourceReferences.InOneMore(Library, source)).ToList();
        Assert.That(found, Is.Not.Empty);
        Assert.That(found.Select(reference => (RoomOf(reference.From), RoomOf(reference.To))), Has.All.EqualTo((from, to)));
    }

    private static IEnumerable<SourceReference> Violations(List<SourceReference> references) => references.Where(reference =>
        RoomOf(reference.From) is var from && RoomOf(reference.To) is var to && from != to
        && !(to == Face && reference.Type.EndsWith("Exception", StringComparison.Ordinal))
        && !(s_arrows.TryGetValue(from, out var below) && below.Contains(to)));

    private static string RoomOf(string space) => space == Face || space == Driver || space.StartsWith(Driver + ".", StringComparison.Ordinal)
        ? space.Split('.') is [_, "Cuda", ..] ? Driver : Face
        : space.Split('.')[1];

    private static string? NetworkOf(string space) => space.Split('.') is [Face, "Models", var network, ..] ? network : null;

    private static string Describe(SourceReference reference) =>
        $"{reference.File}:{reference.Line}: {reference.From} names {reference.To}.{reference.Type}";

    private static string Matrix(List<SourceReference> references)
    {
        string[] rooms = [.. references.SelectMany(reference => (string[])[RoomOf(reference.From), RoomOf(reference.To)]).Distinct().Order()];
        var counts = references.CountBy(reference => (RoomOf(reference.From), RoomOf(reference.To))).ToDictionary();
        var text = new StringBuilder("from \\ to").AppendLine().Append($"{"",14}");
        foreach (var room in rooms)
        {
            text.Append($"{room,13}");
        }

        foreach (var from in rooms)
        {
            text.AppendLine().Append($"{from,14}");
            foreach (var to in rooms)
            {
                text.Append(from == to ? $"{".",13}" : $"{counts.GetValueOrDefault((from, to)),13}");
            }
        }

        return text.ToString();
    }
}
