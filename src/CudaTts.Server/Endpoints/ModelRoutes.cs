using CudaTts.Server.Synthesis;

namespace CudaTts.Server.Endpoints;

/// <summary>What can be asked for: <c>/v1/models</c> and <c>/v1/audio/voices</c>.</summary>
internal static class ModelRoutes
{
    // When the first version was made: clients show it, and a file's date would tell of the machine.
    private static readonly long s_created = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/v1/models", Methods.Get, ListModelsAsync).WithMetadata(new EndpointLabel("models"), KeyRequired.Instance);
        routes.MapMethods("/v1/models/{id}", Methods.Get, GetModelAsync).WithMetadata(new EndpointLabel("models"), KeyRequired.Instance);
        routes.MapMethods("/v1/audio/voices", Methods.Get, ListVoicesAsync).WithMetadata(new EndpointLabel("voices"), KeyRequired.Instance);
    }

    /// <summary>The refusal of a model that is not there.</summary>
    public static ApiException Unknown(string model) => new(
        StatusCodes.Status404NotFound, ErrorTypes.InvalidRequest,
        $"model: expected '{VoiceCatalogue.Model}' or one of OpenAI's speech models, found '{RequestFields.Quote(model)}'.")
    {
        Parameter = SpeechFields.Model,
        Code = "model_not_found",
    };

    private static Task ListModelsAsync(HttpContext context) =>
        JsonAnswer.WriteAsync(context, new ModelList("list", [Describe(VoiceCatalogue.Model)]), WireJson.Instance.ModelList);

    private static Task GetModelAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        return VoiceCatalogue.HasModel(id)
            ? JsonAnswer.WriteAsync(context, Describe(id), WireJson.Instance.ModelBody)
            : throw Unknown(id);
    }

    private static Task ListVoicesAsync(HttpContext context)
    {
        var voices = context.RequestServices.GetRequiredService<VoiceCatalogue>().Voices;
        return JsonAnswer.WriteAsync(context, new VoiceList([.. voices.Select(Describe)]), WireJson.Instance.VoiceList);
    }

    private static ModelBody Describe(string id) => new(id, "model", s_created, "cudatts");

    private static VoiceBody Describe(CatalogueVoice entry)
    {
        var voice = entry.Synthesizer.Voice;
        var manifest = voice.Manifest;
        return new VoiceBody(
            entry.Id, manifest.Name, manifest.Language, manifest.Licence, manifest.Origin, voice.Vocoder.Name, voice.Vocoder.Mel.SampleRate,
            voice.Speakers, voice.SpeakerNames);
    }
}

/// <summary>The methods of routes.</summary>
internal static class Methods
{
    /// <summary>The methods of what can be looked at: HEAD works where GET does.</summary>
    public static string[] Get { get; } = [HttpMethods.Get, HttpMethods.Head];
}

/// <summary>Marks a route that wants a key where there are keys.</summary>
internal sealed class KeyRequired
{
    public static KeyRequired Instance { get; } = new();
}
