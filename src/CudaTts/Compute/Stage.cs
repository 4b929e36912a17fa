namespace CudaTts.Compute;

/// <summary>A part of the pipeline that is timed by itself; a profiler sees it under its name in lower case.</summary>
public enum Stage
{
    /// <summary>Text to token ids, on the host.</summary>
    Text,

    /// <summary>Token ids to the encoder's memory.</summary>
    Encoder,

    /// <summary>The autoregressive loop, with what the host does between its chunks of steps.</summary>
    Decoder,

    /// <summary>The mel's refinement, with its way to the device and back.</summary>
    Postnet,

    /// <summary>Mel to samples, with the mel's way to the device and the samples' way back.</summary>
    Vocoder,

    /// <summary>The end of another stage: results into the layout of the host and into its memory.</summary>
    Download,

    /// <summary>What is done to samples afterwards, on the host: hum taken away, speed, pitch, loudness.</summary>
    Samples,
}

/// <summary>The stages' names.</summary>
public static class StageNames
{
    /// <summary>As tables and traces have it.</summary>
    public static string Of(Stage stage) => stage switch
    {
        Stage.Text => "text",
        Stage.Encoder => "encoder",
        Stage.Decoder => "decoder",
        Stage.Postnet => "postnet",
        Stage.Vocoder => "vocoder",
        Stage.Download => "download",
        _ => "samples",
    };

    /// <summary>As <see cref="CudaTts.Cuda.Nvtx.Push"/> wants it.</summary>
    internal static ReadOnlySpan<byte> ForProfiler(Stage stage) => stage switch
    {
        Stage.Text => "text\0"u8,
        Stage.Encoder => "encoder\0"u8,
        Stage.Decoder => "decoder\0"u8,
        Stage.Postnet => "postnet\0"u8,
        Stage.Vocoder => "vocoder\0"u8,
        Stage.Download => "download\0"u8,
        _ => "samples\0"u8,
    };
}
