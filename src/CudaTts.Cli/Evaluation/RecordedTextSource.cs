using CudaTts.Audio;
using CudaTts.Text;

namespace CudaTts.Cli.Evaluation;

/// <summary>Recordings of texts, by a person or by another program, measured as a voice's speech is.</summary>
/// <param name="folder">Where they come from, for a heading.</param>
/// <param name="clips">Names, texts and files.</param>
/// <param name="recogniser">What listens; null for nobody.</param>
/// <param name="setting">With what.</param>
internal sealed class RecordedTextSource(
    string folder, IReadOnlyList<(string Name, string Text, string File)> clips, Recogniser? recogniser,
    IReadOnlyDictionary<string, string> setting)
    : TextSource(recogniser, s_words)
{
    private static readonly SpokenWords s_words = new(TextFrontEnd.Create("english", SymbolTable.Nvidia));

    /// <inheritdoc/>
    public override string Title => $"Recordings in {folder}";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Setting => setting;

    /// <inheritdoc/>
    public override int Count => clips.Count;

    /// <inheritdoc/>
    public override IEnumerable<Func<MeasuredClip>> Clips(CancellationToken cancellation) => clips.Select(clip => (Func<MeasuredClip>)(() =>
    {
        try
        {
            return MeasureSpeech(clip.Name, clip.Text, s_words.PhonesOf(clip.Text), AudioFile.Read(clip.File), cancellation);
        }
        catch (AudioException error)
        {
            return MeasuredClip.Failed(clip.Name, error.Message);
        }
    }));
}
