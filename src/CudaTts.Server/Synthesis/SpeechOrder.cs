using CudaTts.Server.Encoding;

namespace CudaTts.Server.Synthesis;

/// <summary>What a client asks for, checked: nothing of it can fail any more but the reading of the text itself.</summary>
/// <param name="Input">The text or the SSML document, as sent.</param>
/// <param name="Voice">Who speaks.</param>
/// <param name="Options">How to speak.</param>
/// <param name="Format">What the audio is encoded as.</param>
internal sealed record SpeechOrder(string Input, CatalogueVoice Voice, SpeechOptions Options, AudioFormat Format)
{
    /// <summary>Characters of the input, as the limits count them: a surrogate pair is one.</summary>
    public int Characters { get; init; }

    /// <summary>Seconds of breaks that a document asks for.</summary>
    public double SilenceSeconds { get; init; }

    /// <summary>Samples a second of the audio that is sent.</summary>
    public int SampleRate { get; init; }

    /// <summary>Whether audio is sent while it is being made.</summary>
    public bool IsStreamed { get; init; } = true;

    /// <summary>Whether the answer is server-sent events.</summary>
    public bool IsEvents { get; init; }

    /// <summary>Whether the times of words are sent beside the audio.</summary>
    public bool HasTimestamps { get; init; }

    /// <summary>Whether the pictures of mel and alignment are sent beside the audio.</summary>
    public bool HasPictures { get; init; }

    /// <summary>Whether somebody does not wait for it: speech for a listener goes first.</summary>
    public bool IsBulk { get; init; }
}
