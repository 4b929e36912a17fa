namespace CudaTts.Models;

/// <summary>
/// What a vocoder with a memory hands on from part to part of one mel. It changes only when a call has succeeded, so that a part can be given again
/// after one that failed.
/// </summary>
internal sealed class VocoderStream
{
    /// <summary>The vocoder's own; null before the first part, and always for a vocoder that has none.</summary>
    public object? State { get; set; }
}
