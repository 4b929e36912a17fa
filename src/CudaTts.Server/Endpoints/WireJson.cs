using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CudaTts.Server.Endpoints;

/// <summary>What an error answer holds.</summary>
internal sealed record ErrorBody(
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("param")] string? Parameter,
    [property: JsonPropertyName("code")] string? Code);

/// <summary>An error answer: OpenAI's envelope, always with all four keys.</summary>
internal sealed record ErrorEnvelope([property: JsonPropertyName("error")] ErrorBody Error)
{
    /// <summary>The envelope of a refusal.</summary>
    public static ErrorEnvelope Of(ApiException error) => new(new ErrorBody(error.Message, error.Type, error.Parameter, error.Code));
}

/// <summary>A model as <c>/v1/models</c> lists it.</summary>
internal sealed record ModelBody(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("object")] string Object,
    [property: JsonPropertyName("created")] long Created,
    [property: JsonPropertyName("owned_by")] string OwnedBy);

/// <summary>The answer of <c>/v1/models</c>.</summary>
internal sealed record ModelList(
    [property: JsonPropertyName("object")] string Object,
    [property: JsonPropertyName("data")] IReadOnlyList<ModelBody> Data);

/// <summary>A voice as <c>/v1/audio/voices</c> lists it.</summary>
internal sealed record VoiceBody(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("language")] string Language,
    [property: JsonPropertyName("licence")] string Licence,
    [property: JsonPropertyName("origin")] string Origin,
    [property: JsonPropertyName("vocoder")] string Vocoder,
    [property: JsonPropertyName("sample_rate")] int SampleRate,
    [property: JsonPropertyName("speakers")] int Speakers,
    [property: JsonPropertyName("speaker_names")] IReadOnlyDictionary<string, int> SpeakerNames);

/// <summary>The answer of <c>/v1/audio/voices</c>.</summary>
internal sealed record VoiceList([property: JsonPropertyName("voices")] IReadOnlyList<VoiceBody> Voices);

/// <summary>The answer of the health routes.</summary>
internal sealed record HealthBody(
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("reason")] string? Reason);

/// <summary>Everything that is written as JSON, without reflection.</summary>
[JsonSourceGenerationOptions]
[JsonSerializable(typeof(ErrorEnvelope))]
[JsonSerializable(typeof(ModelBody))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(VoiceList))]
[JsonSerializable(typeof(HealthBody))]
[JsonSerializable(typeof(string))]
internal sealed partial class WireJson : JsonSerializerContext
{
    /// <summary>The context that writes letters of all languages as they are.</summary>
    public static WireJson Instance { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
