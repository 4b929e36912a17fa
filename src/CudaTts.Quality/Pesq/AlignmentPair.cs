namespace CudaTts.Quality.Pesq;

/// <summary>What the alignment in time of two signals works with: where each speaks, and the delays of their frames.</summary>
internal sealed class AlignmentPair
{
    /// <summary>Prepares two signals as the model hears them.</summary>
    public AlignmentPair(PaddedSignal reference, PaddedSignal degraded)
    {
        var (filteredReference, filteredDegraded) = (AlignmentFilter.Apply(reference), AlignmentFilter.Apply(degraded));
        Rate = reference.Rate;
        DegradedLength = degraded.Length;
        Reference = VoiceActivity.Of(filteredReference);
        Degraded = VoiceActivity.Of(filteredDegraded);
        Fine = new FineAlignment(filteredReference, filteredDegraded);
    }

    /// <summary>What holds at their rate.</summary>
    public ModelRate Rate { get; }

    /// <summary>Samples of the degraded signal with its guards.</summary>
    public int DegradedLength { get; }

    /// <summary>Where the reference speaks.</summary>
    public VoiceActivity Reference { get; }

    /// <summary>Where the degraded signal speaks.</summary>
    public VoiceActivity Degraded { get; }

    /// <summary>Delays to the sample.</summary>
    public FineAlignment Fine { get; }

    /// <summary>The utterances in order of time, each with one delay; none where there is no speech to align.</summary>
    public List<Utterance> FindUtterances()
    {
        var utterances = UtteranceSearch.Find(this);
        if (utterances.Count > 0)
        {
            UtteranceLimits.Settle(utterances, this);
            UtteranceSplitting.SplitAll(utterances, this);
        }

        return utterances;
    }
}
