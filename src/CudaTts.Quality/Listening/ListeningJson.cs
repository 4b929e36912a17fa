using System.Text.Json;
using System.Text.Json.Serialization;
using CudaTts.Quality.Listening.Analysis;

namespace CudaTts.Quality.Listening;

/// <summary>
/// JSON of listening tests: what stands in the page, where every sign that HTML reads is escaped, and what comes back, of which an unknown key is
/// refused.
/// </summary>
[JsonSerializable(typeof(PageTest))]
[JsonSerializable(typeof(ListenerResult))]
[JsonSerializable(typeof(ListeningReport))]
internal sealed partial class ListeningJson : JsonSerializerContext
{
    /// <summary>Names and enumerations in snake case.</summary>
    public static ListeningJson Instance { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter<ListeningMethod>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    });
}
