using CudaTts.Audio;

namespace CudaTts.Server.Encoding;

/// <summary>The formats that this server sends.</summary>
internal sealed class FormatCatalogue
{
    private readonly List<AudioFormat> _formats;

    /// <summary>Finds out which formats there are on this machine.</summary>
    public FormatCatalogue()
    {
        Pcm = new AudioFormat("pcm", (_, sink) => new PcmEncoder(sink, header: null)) { MediaType = rate => $"audio/pcm;rate={rate}" };
        Wav = new AudioFormat("wav", (sound, sink) => new PcmEncoder(sink, HeaderOf(sound))) { MediaType = _ => "audio/wav" };
        _formats = [Wav, Pcm];
    }

    /// <summary>Bare samples.</summary>
    public AudioFormat Pcm { get; }

    /// <summary>Samples behind a WAV header.</summary>
    public AudioFormat Wav { get; }

    /// <summary>The names of the formats there are.</summary>
    public IEnumerable<string> Names => _formats.Select(format => format.Name);

    /// <summary>A format by its name; null where there is none.</summary>
    public AudioFormat? Find(string name) => _formats.Find(format => format.Name == name);

    private static byte[] HeaderOf(SoundShape sound) =>
        sound.Samples is { } samples ? WavFile.Header(samples, sound.SampleRate) : WavFile.StreamHeader(sound.SampleRate);

    /// <summary>Whether a format exists and this machine cannot make it.</summary>
    public bool IsMissing(string name) => name is "mp3" or "aac" && Find(name) is null;
}
