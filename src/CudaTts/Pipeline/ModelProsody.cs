using CudaTts.Audio;
using CudaTts.Models;

namespace CudaTts.Pipeline;

/// <summary>
/// Speed, pitch and energy that the acoustic model itself can do, given to it token by token. What it cannot do stays a change of the waveform
/// (<see cref="SpeechFinish"/>).
/// </summary>
internal static class ModelProsody
{
    /// <summary>A sentence of which the model's part is in <see cref="ReadSentence.Prosody"/>, and all else in its options as before.</summary>
    public static ReadSentence Divide(ProsodyControls controls, ReadSentence sentence)
    {
        IReadOnlyList<(int FirstWord, SpeechOptions Options)> parts = sentence.Parts.Count > 0 ? sentence.Parts : [(0, sentence.Options)];
        if (!parts.Any(part => ForModel(controls, part.Options) != TokenProsody.Usual))
        {
            return parts.Any(part => part.Options.EmphasisDecibels != 0) ? ForWaveform(controls, sentence) : sentence;
        }

        var prosody = new TokenProsody[sentence.Tokens.Ids.Length];
        for (var i = 0; i < parts.Count; i++)
        {
            // What stands between two words belongs to the one before it.
            var first = i == 0 ? 0 : sentence.Tokens.Written[parts[i].FirstWord].FirstToken;
            var end = i + 1 < parts.Count ? sentence.Tokens.Written[parts[i + 1].FirstWord].FirstToken : prosody.Length;
            prosody.AsSpan(first..end).Fill(ForModel(controls, parts[i].Options));
        }

        return ForWaveform(controls, sentence) with { Prosody = prosody };
    }

    private static TokenProsody ForModel(ProsodyControls controls, SpeechOptions options) => new(
        controls.HasFlag(ProsodyControls.Pace) ? options.Speed : 1,
        controls.HasFlag(ProsodyControls.Pitch) ? options.PitchSemitones : 0,
        controls.HasFlag(ProsodyControls.Energy) ? options.EmphasisDecibels : 0);

    private static ReadSentence ForWaveform(ProsodyControls controls, ReadSentence sentence) => sentence with
    {
        Options = ForWaveform(controls, sentence.Options),
        Parts = [.. sentence.Parts.Select(part => (part.FirstWord, ForWaveform(controls, part.Options)))],
    };

    private static SpeechOptions ForWaveform(ProsodyControls controls, SpeechOptions options) => options with
    {
        Speed = controls.HasFlag(ProsodyControls.Pace) ? 1 : options.Speed,
        PitchSemitones = controls.HasFlag(ProsodyControls.Pitch) ? 0 : options.PitchSemitones,
        VolumeDecibels = controls.HasFlag(ProsodyControls.Energy) ? options.VolumeDecibels
            : Math.Min(options.VolumeDecibels + options.EmphasisDecibels, ProsodyChange.MostDecibels),
        EmphasisDecibels = 0,
    };
}
