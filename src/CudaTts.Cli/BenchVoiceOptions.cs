using System.CommandLine;

namespace CudaTts.Cli;

/// <summary>The options of the verbs that measure: whose voice.</summary>
internal sealed class BenchVoiceOptions
{
    private readonly Option<string?> _voice = SharedOptions.Voice();
    private readonly Option<string?> _vocoder = SharedOptions.Vocoder();
    private readonly Option<bool> _untrained = SharedOptions.Flag(
        "--untrained",
        "Instead of a voice, networks of the published sizes (Tacotron 2, HiFi-GAN V1) with random weights: 7 seconds a sentence, no speech.");

    /// <summary>Gives a verb these options.</summary>
    public void AddTo(Command command)
    {
        command.Add(_voice);
        command.Add(_vocoder);
        command.Add(_untrained);
    }

    /// <summary>What the command line says.</summary>
    public Chosen Of(ParseResult parsed)
    {
        var (voice, vocoder) = (parsed.GetValue(_voice), parsed.GetValue(_vocoder));
        if (parsed.GetValue(_untrained) && (voice ?? vocoder) is not null)
        {
            throw new ArgumentsException("--untrained is a voice with a vocoder of its own: leave out --voice and --vocoder.");
        }

        return new Chosen(voice, new VoiceOptions { Vocoder = vocoder }, parsed.GetValue(_untrained) ? new UntrainedVoice() : null);
    }

    /// <summary>The option for the number of runs.</summary>
    public static Option<int?> Runs(string description) => NumberOption.Of<int>("--runs", new NumberRange(1, 10_000), "N", description);

    /// <summary>A voice to measure, until it is disposed.</summary>
    public sealed class Chosen(string? folder, VoiceOptions options, UntrainedVoice? untrained) : IDisposable
    {
        /// <summary>Null for the default voice.</summary>
        public string? Folder => untrained?.Folder ?? folder;

        /// <summary>Whether it has another vocoder.</summary>
        public VoiceOptions Options => options;

        /// <inheritdoc/>
        public void Dispose() => untrained?.Dispose();
    }
}
