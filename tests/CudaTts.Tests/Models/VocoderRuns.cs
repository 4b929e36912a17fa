using CudaTts.Models;

namespace CudaTts.Tests.Models;

/// <summary>Short words for how tests run vocoders.</summary>
internal static class VocoderRuns
{
    /// <summary>The vocoder, told to cut mels into chunks of so many frames.</summary>
    public static TVocoder InChunksOf<TVocoder>(this TVocoder vocoder, int frames)
        where TVocoder : Vocoder
    {
        vocoder.ChunkFrames = frames;
        return vocoder;
    }

    /// <summary>The noise of so many mels, for a vocoder that does not look at it.</summary>
    public static VocoderOptions[] NoNoise(int mels) => [.. Enumerable.Range(0, mels).Select(_ => new VocoderOptions())];
}
