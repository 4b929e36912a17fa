using System.Text.Json;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Models;
using CudaTts.Models.Tacotron2;
using CudaTts.Text;

namespace CudaTts;

/// <summary>
/// A voice ready to speak: text front end, acoustic model and vocoder that were made for each other. On disk it is a folder with
/// voice.json and one sub-folder a model.
/// </summary>
public sealed class Voice
{
    /// <summary>Name of the manifest within a voice folder.</summary>
    public const string ManifestName = "voice.json";

    /// <summary>Environment variable that names the voice folder to use when none is given.</summary>
    public const string FolderVariable = "CUDATTS_VOICE";

    private Voice(
        ComputeDevice device, string folder, VoiceManifest manifest, TextFrontEnd frontEnd, Tacotron2Config acousticConfig, Tacotron2Model acoustic, Vocoder vocoder)
    {
        Device = device;
        Folder = folder;
        Manifest = manifest;
        FrontEnd = frontEnd;
        AcousticConfig = acousticConfig;
        Acoustic = acoustic;
        Vocoder = vocoder;
    }

    /// <summary>Where the voice was loaded from.</summary>
    public string Folder { get; }

    /// <summary>What voice.json says.</summary>
    public VoiceManifest Manifest { get; }

    /// <summary>Text to token ids.</summary>
    public TextFrontEnd FrontEnd { get; }

    /// <summary>Widths of the acoustic model.</summary>
    public Tacotron2Config AcousticConfig { get; }

    /// <summary>Token ids to log-mel.</summary>
    public Tacotron2Model Acoustic { get; }

    /// <summary>Log-mel to samples.</summary>
    public Vocoder Vocoder { get; }

    /// <summary>Where its networks run.</summary>
    internal ComputeDevice Device { get; }

    /// <summary>Loads a voice folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">Where its networks run.</param>
    /// <param name="options">What to load differently; nothing when omitted.</param>
    /// <exception cref="VoiceException">The folder or a part of it is missing, voice.json is malformed, or the models' mels differ.</exception>
    /// <exception cref="WeightsException">A model is damaged or does not fit its config.</exception>
    public static Voice Load(string folder, ComputeDevice device, VoiceOptions? options = null)
    {
        options ??= new VoiceOptions();
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(device);
        var manifest = ReadManifest(folder);
        var model = ModelFolder.Open(Part(folder, "acoustic", manifest.Acoustic));
        if (model.Type != Tacotron2Config.TypeName)
        {
            throw new VoiceException($"{folder}: expected the acoustic model to be a {Tacotron2Config.TypeName}, found '{model.Type}'.");
        }

        var config = model.Config<Tacotron2Config>();
        var vocoder = (options.Vocoder ?? manifest.Vocoder) == Vocoder.GriffinLimName
            ? Vocoder.GriffinLim(config.Mel, device)
            : Vocoder.Load(options.Vocoder ?? Part(folder, "vocoder", manifest.Vocoder), device);
        if (options.AllowMelMismatch && config.Mel != vocoder.Mel)
        {
            vocoder = vocoder.Reading(config.Mel);
        }

        RequireSameMel(folder, config.Mel, vocoder);
        if (options.Vocoder is null)
        {
            vocoder.RequireStrength(manifest.Defaults.Denoise);
        }

        var acoustic = new Tacotron2Model(config, model.Weights, device);
        return new Voice(device, folder, manifest, FrontEndOf(folder, manifest, config), config, acoustic, vocoder);
    }

    /// <summary>What a stage takes at least for one sentence, by the widths of its model.</summary>
    /// <param name="stage">Which.</param>
    /// <param name="tokens">Token ids of the sentence.</param>
    /// <param name="frames">Mel frames of the sentence.</param>
    /// <returns>Null for what is not counted: the stages of the host, and Griffin-Lim.</returns>
    public StageWork? WorkOf(Stage stage, int tokens, int frames) =>
        stage == Stage.Vocoder ? Vocoder.WorkOf(frames) : Acoustic.WorkOf(stage, tokens, frames);

    /// <summary>
    /// The voice to use when none is named: the folder in CUDATTS_VOICE; else weights/default beside the program; else the nearest
    /// weights/default above it, which is how a build within a source checkout finds the checkout's voice.
    /// </summary>
    /// <exception cref="VoiceException">There is none.</exception>
    public static string FindDefault()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } named)
        {
            return named;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "weights", "default");
            if (File.Exists(Path.Combine(candidate, ManifestName)))
            {
                return candidate;
            }
        }

        throw new VoiceException($"no default voice: expected weights/default beside the program or above it; name a voice folder with --voice or {FolderVariable}.");
    }

    internal static void RequireSameMel(string folder, MelContract acoustic, Vocoder vocoder)
    {
        if (acoustic == vocoder.Mel)
        {
            return;
        }

        var differences = Fields(acoustic).Zip(Fields(vocoder.Mel))
            .Where(pair => pair.First != pair.Second)
            .Select(pair => $"{pair.First.Name} {pair.First.Value} and {pair.Second.Value}");
        throw new VoiceException(
            $"{folder}: the acoustic model's mel is not the one that the vocoder {vocoder.Name} was made for: {string.Join(", ", differences)}; "
            + "--allow-mel-mismatch speaks nevertheless, with poor sound.");
    }

    private static (string Name, string Value)[] Fields(MelContract mel) =>
    [
        ("sample_rate", $"{mel.SampleRate}"),
        ("n_fft", $"{mel.FftLength}"),
        ("hop_length", $"{mel.HopLength}"),
        ("window_length", $"{mel.WindowLength}"),
        ("mel_bands", $"{mel.MelBands}"),
        ("fmin", $"{mel.LowestFrequency}"),
        ("fmax", $"{mel.HighestFrequency}"),
        ("log", $"{mel.Log}"),
        ("floor", $"{mel.Floor}"),
        ("normalisation", mel.Normalisation),
    ];

    private static VoiceManifest ReadManifest(string folder)
    {
        var path = Path.Combine(folder, ManifestName);
        if (!File.Exists(path))
        {
            throw new VoiceException(Directory.Exists(folder)
                ? $"{folder}: not a voice: {ManifestName} is missing."
                : $"{folder}: there is no such voice folder.");
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), VoiceJsonContext.Default.VoiceManifest)
                ?? throw new VoiceException($"{path}: expected a JSON object, found null.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new VoiceException($"{path}: cannot be read as a voice's manifest: {error.Message.ReplaceLineEndings(" ")}");
        }
    }

    // A manifest comes with its folder: it may not reach outside of it.
    private static string Part(string folder, string role, string relative)
    {
        if (Path.IsPathRooted(relative) || relative.Split('/', '\\').Contains(".."))
        {
            throw new VoiceException($"{Path.Combine(folder, ManifestName)}: '{role}' names '{relative}', which is outside the voice's folder.");
        }

        var path = Path.Combine(folder, relative);
        return Directory.Exists(path)
            ? path
            : throw new VoiceException($"{folder}: incomplete: its {role} model, the folder '{relative}', is missing.");
    }

    private static TextFrontEnd FrontEndOf(string folder, VoiceManifest manifest, Tacotron2Config config)
    {
        try
        {
            var symbols = SymbolTable.Named(manifest.Symbols);
            return symbols.Symbols.Count == config.Symbols
                ? TextFrontEnd.Create(manifest.FrontEnd, symbols)
                : throw new VoiceException(
                    $"{folder}: expected an acoustic model of the {symbols.Symbols.Count} symbols '{symbols.Name}' that {ManifestName} names, "
                    + $"found one whose n_symbols is {config.Symbols}: name the symbols that it was trained with.");
        }
        catch (TextException error)
        {
            throw new VoiceException($"{Path.Combine(folder, ManifestName)}: {error.Message}.");
        }
    }
}
