using Microsoft.Extensions.AI;

namespace CudaTts.Extensions.AI;

/// <summary>What a request's options mean to the engine.</summary>
internal static class SpeechSettings
{
    private const double SemitonesInOctave = 12;
    private const double DecibelsInDecade = 20;

    /// <summary>
    /// The engine's options: those of <see cref="TextToSpeechOptions.RawRepresentationFactory"/> where it gives some, with what is set beside it.
    /// </summary>
    /// <param name="client">Asks for the raw representation.</param>
    /// <param name="options">What is set; nothing when null.</param>
    /// <param name="voice">The voice that will speak.</param>
    /// <exception cref="ArgumentException">Another voice, language or model is asked for than there is, or a number that cannot be meant.</exception>
    public static SpeechOptions Of(ITextToSpeechClient client, TextToSpeechOptions? options, Voice voice)
    {
        if (options is null)
        {
            return new SpeechOptions();
        }

        Require(options, voice);
        var speech = options.RawRepresentationFactory?.Invoke(client) as SpeechOptions ?? new SpeechOptions();
        return speech with
        {
            Speed = options.Speed ?? speech.Speed,
            PitchSemitones = options.Pitch is { } pitch ? Semitones(pitch) : speech.PitchSemitones,
            VolumeDecibels = options.Volume is { } volume ? Decibels(volume) : speech.VolumeDecibels,
        };
    }

    // Another voice in silence would be speech that nobody asked for.
    private static void Require(TextToSpeechOptions options, Voice voice)
    {
        var manifest = voice.Manifest;
        if (options.VoiceId is { } id && id != manifest.Name)
        {
            throw new ArgumentException(
                $"VoiceId: expected '{manifest.Name}', the voice that is loaded, or nothing; found '{id}'.", nameof(options));
        }

        if (options.ModelId is { } model && model != voice.Acoustic.Name)
        {
            throw new ArgumentException(
                $"ModelId: expected '{voice.Acoustic.Name}', the model that is loaded, or nothing; found '{model}'.", nameof(options));
        }

        if (options.Language is { } language && !Primary(language).Equals(Primary(manifest.Language), StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException(
                $"Language: expected '{manifest.Language}', the voice's language, or nothing; found '{language}'.", nameof(options));
        }
    }

    private static string Primary(string tag) => tag.Split('-', '_')[0];

    // 2 is an octave up.
    private static double Semitones(float pitch) => pitch > 0
        ? SemitonesInOctave * Math.Log2(pitch)
        : throw new ArgumentException($"Pitch: expected a multiplier above 0, found {pitch}.", nameof(pitch));

    // 1 is as the voice has it, 0 is silence.
    private static double Decibels(float volume) => volume >= 0
        ? DecibelsInDecade * Math.Log10(volume)
        : throw new ArgumentException($"Volume: expected 0 (silent) to 1 (as the voice is) or above, found {volume}.", nameof(volume));
}
