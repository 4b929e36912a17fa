using CudaTts.Audio;

namespace CudaTts.Server.Encoding;

/// <summary>The formats that this server sends.</summary>
internal sealed class FormatCatalogue
{
    // What MP3 and AAC have; ffmpeg would refuse any other.
    private static readonly int[] s_mpegRates = [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000];

    private static readonly string[] s_mp3 = ["-c:a", "libmp3lame", "-b:a", "64k", "-write_xing", "0", "-id3v2_version", "0", "-f", "mp3"];
    private static readonly string[] s_aac = ["-c:a", "aac", "-b:a", "64k", "-f", "adts"];

    private readonly List<AudioFormat> _formats;

    /// <summary>Finds out which formats there are.</summary>
    /// <param name="ffmpeg">What writes MP3 and AAC; null where it is not there.</param>
    public FormatCatalogue(Ffmpeg? ffmpeg)
    {
        Pcm = new AudioFormat("pcm", (_, sink) => new PcmEncoder(sink, header: null)) { MediaType = rate => $"audio/pcm;rate={rate}" };
        _formats =
        [
            new AudioFormat("wav", (sound, sink) => new PcmEncoder(sink, HeaderOf(sound))) { MediaType = _ => "audio/wav" },
            Pcm,
            new AudioFormat("opus", (sound, sink) => new OpusSpeechEncoder(sound.SampleRate, sink))
            {
                MediaType = _ => "audio/ogg", Rates = OpusSpeechEncoder.Rates,
            },
            new AudioFormat("flac", (sound, sink) => new FlacSpeechEncoder(sound, sink)) { MediaType = _ => "audio/flac" },
        ];
        AddFfmpeg(ffmpeg, "mp3", "libmp3lame", "audio/mpeg", s_mp3);
        AddFfmpeg(ffmpeg, "aac", "aac", "audio/aac", s_aac);
    }

    /// <summary>Samples without a header.</summary>
    public AudioFormat Pcm { get; }

    /// <summary>The names of the formats there are.</summary>
    public IEnumerable<string> Names => _formats.Select(format => format.Name);

    /// <summary>A format by its name; null where there is none.</summary>
    public AudioFormat? Find(string name) => _formats.Find(format => format.Name == name);

    /// <summary>Whether a format exists and this machine cannot make it.</summary>
    public bool IsMissing(string name) => name is "mp3" or "aac" && Find(name) is null;

    private static byte[] HeaderOf(SoundShape sound) =>
        sound.Samples is { } samples ? WavFile.Header(samples, sound.SampleRate) : WavFile.StreamHeader(sound.SampleRate);

    private void AddFfmpeg(Ffmpeg? ffmpeg, string name, string encoder, string mediaType, string[] arguments)
    {
        if (ffmpeg?.Encoders.Contains(encoder) == true)
        {
            _formats.Add(new AudioFormat(name, (sound, sink) => new FfmpegEncoder(ffmpeg.Start(sound.SampleRate, arguments), sink))
            {
                MediaType = _ => mediaType, Rates = s_mpegRates, IsExternal = true,
            });
        }
    }
}
