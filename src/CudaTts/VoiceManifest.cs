using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CudaTts.Weights;

namespace CudaTts;

/// <summary>What voice.json says of a voice. Paths are relative to the voice's folder.</summary>
/// <remarks>What may be left out has a setter: generated JSON code would overwrite the default of an init-only property.</remarks>
public sealed record VoiceManifest
{
    /// <summary>The voice's name.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>Language tag (BCP 47), such as en-US.</summary>
    [JsonPropertyName("language")]
    public required string Language { get; init; }

    /// <summary>Licence of the weights (SPDX).</summary>
    [JsonPropertyName("licence")]
    public required string Licence { get; init; }

    /// <summary>Whose speech the voice learnt from.</summary>
    [JsonPropertyName("origin")]
    public required string Origin { get; init; }

    /// <summary>How the voice was made.</summary>
    [JsonPropertyName("recipe")]
    public string Recipe { get; set; } = "";

    /// <summary>The text front end that the acoustic model was trained with: <c>english</c>, <c>english_cleaners</c> or <c>none</c>.</summary>
    [JsonPropertyName("front_end")]
    public required string FrontEnd { get; init; }

    /// <summary>The symbol table that the acoustic model was trained with.</summary>
    [JsonPropertyName("symbols")]
    public string Symbols { get; set; } = "nvidia-148";

    /// <summary>Folder of the acoustic model.</summary>
    [JsonPropertyName("acoustic")]
    public required string Acoustic { get; init; }

    /// <summary>Folder of the vocoder, or <c>griffin-lim</c>.</summary>
    [JsonPropertyName("vocoder")]
    public required string Vocoder { get; init; }

    /// <summary>What the voice does unless told otherwise.</summary>
    [JsonPropertyName("defaults")]
    public VoiceDefaults Defaults { get; set; } = new();

    /// <summary>The manifest of JSON text. A key that nothing reads is refused: it would be a wish that is not granted.</summary>
    /// <exception cref="VoiceException">Says what is wrong where.</exception>
    internal static VoiceManifest Parse(ReadOnlySpan<byte> json, string source)
    {
        VoiceException Refuse(string problem) => new($"{source}: {problem}");
        var given = JsonText.Object(json, Refuse);
        RequireKnownKeys(given, VoiceJsonContext.Default.VoiceManifest, source);
        if (given["defaults"] is JsonObject defaults)
        {
            RequireKnownKeys(defaults, VoiceJsonContext.Default.VoiceDefaults, $"{source}: defaults");
        }

        foreach (var property in VoiceJsonContext.Default.VoiceManifest.Properties)
        {
            if (property.IsRequired && !given.ContainsKey(property.Name))
            {
                throw Refuse($"expected the key '{property.Name}', which is missing.");
            }
        }

        JsonShape.Check(given, VoiceJsonContext.Default.VoiceManifest, Refuse);

        var manifest = given.Deserialize(VoiceJsonContext.Default.VoiceManifest)!;
        manifest.RequireDefaults(source);
        return manifest;
    }

    /// <summary>Refuses defaults that cannot be meant.</summary>
    /// <exception cref="VoiceException">Names the value, and what it may be.</exception>
    internal void RequireDefaults(string source)
    {
        void Require<T>(bool holds, string name, string expected, T found)
        {
            if (!holds)
            {
                throw new VoiceException(FormattableString.Invariant($"{source}: defaults: {name}: expected {expected}, found {found}."));
            }
        }

        const double MostSeconds = 3600;
        Require(double.IsFinite(Defaults.GateThreshold), "gate_threshold", "a number", Defaults.GateThreshold);
        Require(Defaults.MaxSeconds is > 0 and <= MostSeconds, "max_seconds", $"more than 0 and at most {MostSeconds}", Defaults.MaxSeconds);
        Require(Defaults.PauseSeconds is >= 0 and <= MostSeconds, "pause_seconds", $"0 to {MostSeconds}", Defaults.PauseSeconds);
        var most = SpeechSynthesizer.MostAttempts;
        Require(Defaults.Attempts >= 1 && Defaults.Attempts <= most, "attempts", $"1 to {most}", Defaults.Attempts);
    }

    private static void RequireKnownKeys(JsonObject section, JsonTypeInfo type, string source)
    {
        var known = type.Properties.Select(property => property.Name).ToList();
        foreach (var (name, _) in section)
        {
            if (!known.Contains(name))
            {
                throw new VoiceException($"{source}: expected one of the keys {string.Join(", ", known)}; found '{name}', which nothing reads.");
            }
        }
    }
}

/// <summary>What a voice does unless told otherwise.</summary>
public sealed record VoiceDefaults
{
    /// <summary>A sentence ends when the gate's probability exceeds this.</summary>
    [JsonPropertyName("gate_threshold")]
    public double GateThreshold { get; set; } = 0.5;

    /// <summary>Longest speech of one sentence, seconds.</summary>
    [JsonPropertyName("max_seconds")]
    public double MaxSeconds { get; set; } = 20;

    /// <summary>Silence between sentences, seconds.</summary>
    [JsonPropertyName("pause_seconds")]
    public double PauseSeconds { get; set; } = 0.2;

    /// <summary>
    /// How often a sentence is tried, with other prenet dropout each time, until the attention has read all of it.
    /// Tacotron 2's attention now and then stops early or loops; a second draw nearly always reads on.
    /// </summary>
    [JsonPropertyName("attempts")]
    public int Attempts { get; set; } = 1;

    /// <summary>How much of the vocoder's own hum to take away, 0 to 10.</summary>
    [JsonPropertyName("denoise")]
    public float Denoise { get; set; }

    /// <summary>Key of the random numbers.</summary>
    [JsonPropertyName("seed")]
    public ulong Seed { get; set; }
}

[JsonSourceGenerationOptions(AllowTrailingCommas = true, ReadCommentHandling = JsonCommentHandling.Skip, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(VoiceManifest))]
internal sealed partial class VoiceJsonContext : JsonSerializerContext;
