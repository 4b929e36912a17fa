using CudaTts.Compute;
using CudaTts.Server.Settings;

namespace CudaTts.Server.Synthesis;

/// <summary>A voice that clients may name.</summary>
/// <param name="Id">What clients call it.</param>
/// <param name="Synthesizer">What speaks with it.</param>
internal sealed record CatalogueVoice(string Id, SpeechSynthesizer Synthesizer);

/// <summary>The voices that are loaded. A client names one of them, never a folder.</summary>
internal sealed class VoiceCatalogue : IDisposable
{
    /// <summary>The model that all voices are of, as OpenAI's interface wants one to be named.</summary>
    public const string Model = "cudatts";

    // Clients that were written for OpenAI's service have these built in.
    private static readonly string[] s_voiceAliases =
    [
        "alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse", "marin", "cedar",
    ];

    private static readonly string[] s_modelAliases = ["tts-1", "tts-1-hd", "gpt-4o-mini-tts"];

    private readonly ServerSettings _settings;
    private volatile List<CatalogueVoice> _voices;

    private VoiceCatalogue(ServerSettings settings, List<CatalogueVoice> voices) => (_settings, _voices) = (settings, voices);

    /// <summary>The voices, the default one first.</summary>
    public IReadOnlyList<CatalogueVoice> Voices => _voices;

    /// <summary>The voice of those who name none of ours.</summary>
    public CatalogueVoice Default => _voices[0];

    /// <summary>Loads all voices of the settings.</summary>
    /// <exception cref="CudaTtsException">A voice is missing or damaged, or there is no such device.</exception>
    public static VoiceCatalogue Load(ServerSettings settings) => new(settings, LoadVoices(settings, settings.Device));

    /// <summary>Whether a model is this server's, by its name or by one of OpenAI's.</summary>
    public static bool HasModel(string model) => model == Model || s_modelAliases.Contains(model);

    /// <summary>The voice of a name, or the default one for a name of OpenAI's; null for any other.</summary>
    public CatalogueVoice? Find(string id) =>
        _voices.FirstOrDefault(voice => voice.Id == id) ?? (s_voiceAliases.Contains(id) ? Default : null);

    /// <summary>Loads all voices again on the CPU. Those that were there are left to the process's end: their device no longer answers.</summary>
    public void ReloadOnProcessor() => _voices = LoadVoices(_settings, _settings.Device with { Name = "cpu" });

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var voice in _voices)
        {
            voice.Synthesizer.Dispose();
        }
    }

    private static List<CatalogueVoice> LoadVoices(ServerSettings settings, DeviceOptions device)
    {
        var voices = new List<CatalogueVoice>();
        try
        {
            var first = SpeechSynthesizer.Load(settings.Voice, device, new VoiceOptions { Vocoder = settings.Vocoder });
            voices.Add(new CatalogueVoice(NameOf(first), first));
            foreach (var (id, folder) in settings.Voices)
            {
                voices.Add(new CatalogueVoice(id, SpeechSynthesizer.Load(folder, device, new VoiceOptions { Vocoder = settings.Vocoder })));
            }

            return voices.GroupBy(voice => voice.Id).FirstOrDefault(group => group.Count() > 1) is { } twice
                ? throw new SettingsException($"CudaTts:Voices: '{twice.Key}' is the default voice's name already; expected another one.")
                : voices;
        }
        catch
        {
            voices.ForEach(voice => voice.Synthesizer.Dispose());
            throw;
        }
    }

    private static string NameOf(SpeechSynthesizer synthesizer) =>
        VoiceNames.IsValid(synthesizer.Voice.Manifest.Name) ? synthesizer.Voice.Manifest.Name : "default";
}
