using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CudaTts.Files;

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

    /// <summary>
    /// The text front end whose symbols the acoustic model was trained with: <c>english</c>, <c>english_ipa</c>, <c>espeak</c>,
    /// <c>english_cleaners</c>, <c>characters</c> or <c>none</c>.
    /// </summary>
    [JsonPropertyName("front_end")]
    public required string FrontEnd { get; init; }

    /// <summary>The symbol table that the acoustic model was trained with; <c>model</c> for that of the model's own config.json.</summary>
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

    /// <summary>Reads a voice.json. A key that nothing reads is refused: it would be a wish that is not granted.</summary>
    /// <exception cref="VoiceException">The file cannot be read or is not of this shape, or a default cannot be meant.</exception>
    internal static VoiceManifest Read(string path)
    {
        try
        {
            var manifest = JsonInput.Read(path, VoiceJsonContext.Default.VoiceManifest);
            manifest.Defaults.Require(path);
            return manifest;
        }
        catch (FileException error)
        {
            throw new VoiceException(error.Message);
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

    /// <summary>Which of the networks' speakers speaks, from 0; null where they have one voice.</summary>
    [JsonPropertyName("speaker")]
    public int? Speaker { get; set; }

    /// <summary>Key of the random numbers.</summary>
    [JsonPropertyName("seed")]
    public ulong Seed { get; set; }

    /// <summary>Refuses numbers that cannot be meant (<see cref="SpeechLimits"/>).</summary>
    /// <exception cref="VoiceException">Names the number, and what it may be.</exception>
    internal void Require(string source)
    {
        try
        {
            SpeechLimits.GateThreshold.Require(GateThreshold, "gate_threshold");
            SpeechLimits.SentenceSeconds.Require(MaxSeconds, "max_seconds");
            SpeechLimits.PauseSeconds.Require(PauseSeconds, "pause_seconds");
            SpeechLimits.Attempts.Require(Attempts, "attempts");
            SpeechLimits.Denoise.Require(Denoise, "denoise");
            SpeechLimits.Speaker.Require(Speaker ?? 0, "speaker");
        }
        catch (CudaTtsException error)
        {
            throw new VoiceException($"{source}: defaults.{error.Message}");
        }
    }
}

[JsonSourceGenerationOptions(UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(VoiceManifest))]
internal sealed partial class VoiceJsonContext : JsonSerializerContext
{
    /// <summary>For a manifest that people read and change.</summary>
    public static VoiceJsonContext Written { get; } = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
