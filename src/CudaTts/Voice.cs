using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Files;
using CudaTts.Models;
using CudaTts.Text;

namespace CudaTts;

/// <summary>
/// A voice ready to speak: text front end, acoustic model and vocoder that were made for each other. On disk it is a folder with
/// voice.json and one sub-folder a model.
/// </summary>
public sealed class Voice : IDisposable
{
    /// <summary>Name of the manifest within a voice folder.</summary>
    public const string ManifestName = "voice.json";

    /// <summary>Environment variable that names the voice folder to use when none is given.</summary>
    public const string FolderVariable = "CUDATTS_VOICE";

    private const string Advice = $"no conversion helps: take a vocoder that was made for the mel, or {Vocoder.GriffinLimName}.";

    private Voice(ComputeDevice device, string folder, VoiceManifest manifest, TextFrontEnd frontEnd, AcousticModel acoustic, Vocoder vocoder)
    {
        Device = device;
        Folder = folder;
        Manifest = manifest;
        FrontEnd = frontEnd;
        Acoustic = acoustic;
        Vocoder = vocoder;
    }

    /// <summary>Where the voice was loaded from.</summary>
    public string Folder { get; }

    /// <summary>What voice.json says.</summary>
    public VoiceManifest Manifest { get; }

    /// <summary>Text to token ids.</summary>
    public TextFrontEnd FrontEnd { get; }

    /// <summary>Token ids to log-mel.</summary>
    public AcousticModel Acoustic { get; }

    /// <summary>Log-mel to samples.</summary>
    public Vocoder Vocoder { get; }

    /// <summary>How many speakers there are to choose from; 0 where the voice is one.</summary>
    public int Speakers => Math.Max(Acoustic.Speakers, Vocoder.Speakers);

    /// <summary>Refuses a speaker who is none of the voice's.</summary>
    /// <exception cref="CudaTtsException">Says which numbers there are.</exception>
    public void RequireSpeaker(int? speaker) => SpeakerChoice.Require(speaker, Speakers, $"the voice '{Manifest.Name}'");

    /// <summary>The names that its speakers have, with their numbers; none where the networks give none.</summary>
    public IReadOnlyDictionary<string, int> SpeakerNames => Acoustic.SpeakerNames;

    /// <summary>The number of a speaker named by it or by one of <see cref="SpeakerNames"/>: for <see cref="SpeechOptions.Speaker"/>.</summary>
    /// <exception cref="CudaTtsException">There is no such speaker; says which there are.</exception>
    public int SpeakerOf(string speaker) => SpeakerChoice.Of(speaker, Speakers, SpeakerNames, $"the voice '{Manifest.Name}'");

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
        Task<AcousticModel>? loading = null;
        Vocoder? vocoder = null;
        try
        {
            // Beside each other: reading and packing weights keeps one core busy. What is wrong with the vocoder is said first.
            var acousticFolder = Part(folder, "acoustic", manifest.Acoustic);
            var mel = ModelFormat.MelOf<AcousticModel>(acousticFolder);
            loading = Task.Run(() => ModelFormat.Load<AcousticModel>(acousticFolder, device));
            vocoder = LoadVocoder(folder, manifest, mel, device, options);
            var acoustic = loading.GetAwaiter().GetResult();
            RequireSpeaker(folder, manifest, Math.Max(acoustic.Speakers, vocoder.Speakers));
            var frontEnd = VoiceFrontEnd.Create(folder, manifest, acoustic);
            return new Voice(device, folder, manifest, frontEnd, acoustic, vocoder);
        }
        catch
        {
            vocoder?.Dispose();
            Discard(loading);
            throw;
        }
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

        throw new VoiceException(
            $"no default voice: expected weights/default beside the program or above it; name a voice folder with --voice or {FolderVariable}.");
    }

    /// <summary>
    /// Releases the models' weights; the device stays open. A network that runs is waited for; a call that needs another one afterwards throws
    /// <see cref="ObjectDisposedException"/>.
    /// </summary>
    public void Dispose()
    {
        Acoustic.Dispose();
        Vocoder.Dispose();
    }

    internal static void RequireSameMel(string folder, MelContract acoustic, Vocoder vocoder)
    {
        if (acoustic.IsLatent != vocoder.Mel.IsLatent)
        {
            throw new VoiceException(
                $"{folder}: the acoustic model and the vocoder {vocoder.Name}: one of them is half of a network from text to samples, which only its "
                + $"other half fits; {Advice}");
        }

        var differences = acoustic.DifferencesFrom(vocoder.Mel)
            .Select(field => FormattableString.Invariant($"{field.Name} {field.This} and {field.Other}"))
            .ToList();
        if (differences.Count > 0)
        {
            throw new VoiceException(
                $"{folder}: the acoustic model's mel is not the one that the vocoder {vocoder.Name} was made for: {string.Join(", ", differences)}; "
                + (vocoder.CanRead(acoustic) ? "'cudatts say --allow-mel-mismatch' speaks nevertheless, with poor sound." : Advice));
        }
    }

    /// <summary>Waits for a model that is of no use any more, and disposes of it.</summary>
    private static void Discard(Task<AcousticModel>? loading)
    {
        if (loading is not null && Task.WaitAny(loading) == 0 && loading.IsCompletedSuccessfully)
        {
            loading.Result.Dispose();
        }
    }

    private static void RequireSpeaker(string folder, VoiceManifest manifest, int speakers)
    {
        try
        {
            SpeakerChoice.Require(manifest.Defaults.Speaker, speakers, "the voice's networks");
        }
        catch (CudaTtsException error)
        {
            throw new VoiceException($"{Path.Combine(folder, ManifestName)}: defaults.{error.Message}");
        }
    }

    private static Vocoder LoadVocoder(string folder, VoiceManifest manifest, MelContract mel, ComputeDevice device, VoiceOptions options)
    {
        if (mel.IsLatent && options.Vocoder is { } other)
        {
            throw new VoiceException(
                $"{folder}: the voice's network goes from text to samples, and nothing else can read its latent frames; leave the vocoder '{other}' "
                + "out.");
        }

        var vocoder = (options.Vocoder ?? manifest.Vocoder) == Vocoder.GriffinLimName
            ? Vocoder.GriffinLim(mel, device)
            : Vocoder.Load(options.Vocoder ?? Part(folder, "vocoder", manifest.Vocoder), device);
        try
        {
            if (options.AllowMelMismatch && mel != vocoder.Mel)
            {
                vocoder = vocoder.Reading(mel);
            }

            RequireSameMel(folder, mel, vocoder);
            if (options.Vocoder is null)
            {
                vocoder.RequireStrength(manifest.Defaults.Denoise);
            }

            return vocoder;
        }
        catch
        {
            vocoder.Dispose();
            throw;
        }
    }

    private static VoiceManifest ReadManifest(string folder)
    {
        FileFault.RequireName(folder);
        var path = Path.Combine(folder, ManifestName);
        if (!File.Exists(path))
        {
            throw new VoiceException(Directory.Exists(folder)
                ? $"{folder}: not a voice: {ManifestName} is missing."
                : $"{folder}: there is no such voice folder.");
        }

        return VoiceManifest.Read(path);
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
}
