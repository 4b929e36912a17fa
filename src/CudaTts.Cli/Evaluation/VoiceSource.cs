using System.Numerics;
using CudaTts.Cli.Reports;

namespace CudaTts.Cli.Evaluation;

/// <summary>Texts through a voice.</summary>
/// <param name="synthesizer">The voice, which this does not own.</param>
/// <param name="options">How it speaks.</param>
/// <param name="texts">Names and texts.</param>
/// <param name="recogniser">What listens; null for nobody.</param>
/// <param name="setting">With what.</param>
internal sealed class VoiceSource(
    SpeechSynthesizer synthesizer, SpeechOptions options, IReadOnlyList<(string Name, string Text)> texts, Recogniser? recogniser,
    IReadOnlyDictionary<string, string> setting)
    : TextSource(recogniser, new SpokenWords(synthesizer.Voice.FrontEnd))
{
    /// <inheritdoc/>
    public override string Title => $"Voice {synthesizer.Voice.Manifest.Name} with {synthesizer.Voice.Vocoder.Name}";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Setting => setting;

    /// <inheritdoc/>
    public override int Count => texts.Count;

    /// <inheritdoc/>
    public override IEnumerable<Func<MeasuredClip>> Clips(CancellationToken cancellation)
    {
        var requests = texts.Select(text => new SpeechRequest(text.Text, options));
        foreach (var (outcome, text) in synthesizer.SpeakEach(requests, cancellation).Zip(texts))
        {
            yield return outcome.Result is { } result
                ? () => Measure(text.Name, text.Text, result, cancellation)
                : () => MeasuredClip.Failed(text.Name, outcome.Error!.Message);
        }
    }

    private MeasuredClip Measure(string name, string text, SpeechResult result, CancellationToken cancellation)
    {
        var phones = result.Sentences.Sum(sentence => sentence.Tokens.Words.Sum(word => word.Phones.Count));
        var measured = MeasureSpeech(name, text, phones, result.Audio, cancellation);
        if (measured.Shown is not { } shown)
        {
            return measured;
        }

        var measures = new Dictionary<string, double?>(measured.Clip.Measures)
        {
            ["attention_faults"] = result.Sentences.Sum(sentence => BitOperations.PopCount((uint)sentence.Verdict.Faults)),
            ["attempts"] = result.Sentences.Average(sentence => sentence.Attempts),
        };
        var clip = measured.Clip with { Measures = measures, Faults = SpeechSummary.NamesOf(result.Faults) };
        var alignments = result.Sentences.Where(sentence => sentence.Mel.Steps > 0)
            .Select(sentence => new ShownAlignment(sentence.Mel.Alignments, sentence.Tokens.Symbols));
        return new MeasuredClip(clip, shown with { Clip = clip, Alignments = [.. alignments] });
    }
}
