namespace CudaTts.Extensions.AI;

/// <summary>A format in which the client gives sound.</summary>
internal enum SpeechAudioFormat
{
    /// <summary>A WAV file of 16 bits.</summary>
    Wav,

    /// <summary>Bare signed little-endian samples of 16 bits.</summary>
    Pcm,
}

/// <summary>The names of the formats, and their bytes.</summary>
internal static class SpeechAudioFormats
{
    /// <summary>The format that a name or a media type means; WAV where nothing is said.</summary>
    /// <exception cref="NotSupportedException">It is another one.</exception>
    public static SpeechAudioFormat Of(string? name) => name?.ToLowerInvariant() switch
    {
        null or "wav" or "audio/wav" or "audio/wave" or "audio/x-wav" or "audio/vnd.wave" => SpeechAudioFormat.Wav,
        "pcm" or "audio/pcm" or "audio/l16" => SpeechAudioFormat.Pcm,
        _ => throw new NotSupportedException($"AudioFormat: expected wav, audio/wav, pcm or audio/pcm, found '{name}'."),
    };

    /// <summary>The media type of the bytes.</summary>
    public static string MediaTypeOf(SpeechAudioFormat format) => format == SpeechAudioFormat.Wav ? "audio/wav" : "audio/pcm";
}
