using CudaTts.Models;
using CudaTts.Server.Endpoints;

namespace CudaTts.Server.Synthesis;

/// <summary>What an order has come to so far.</summary>
internal sealed class SpeechTotals
{
    /// <summary>Tokens that the acoustic model has read.</summary>
    public int Tokens { get; private set; }

    /// <summary>Mel frames that it has made.</summary>
    public int Frames { get; private set; }

    /// <summary>Seconds of audio.</summary>
    public double Seconds { get; private set; }

    /// <summary>What is wrong with any of the sentences.</summary>
    public SpeechFaults Faults { get; private set; }

    /// <summary>What it took, as answers have it.</summary>
    public UsageBody Usage => new(Tokens, Frames, Tokens + Frames);

    /// <summary>Takes the next piece.</summary>
    public void Add(SpokenPiece piece)
    {
        Seconds += (double)piece.Samples.Length / piece.SampleRate;
        if (piece.Whole is { } sentence)
        {
            Tokens += sentence.Tokens.Ids.Length;
            Frames += sentence.Mel.Mel[2];
            Faults |= sentence.Verdict.Faults;
        }
    }

    /// <summary>The faults as answers name them.</summary>
    public static IReadOnlyList<string> NamesOf(SpeechFaults faults) =>
        [.. Enum.GetValues<SpeechFaults>().Where(fault => fault != SpeechFaults.None && faults.HasFlag(fault)).Select(fault => fault switch
        {
            SpeechFaults.FrameLimit => "frame_limit",
            SpeechFaults.CutOff => "cut_off",
            _ => fault.ToString().ToLowerInvariant(),
        })];
}
