namespace CudaTts;

/// <summary>What a synthesiser has under way for all of its callers.</summary>
/// <param name="RowsUnderWay">Sentences that are being decoded side by side.</param>
/// <param name="MostRows">Sentences that can be.</param>
/// <param name="SentencesWaiting">Sentences that wait for their turn.</param>
/// <param name="SentencesVocoding">Sentences whose mel is made and whose sound is not.</param>
/// <param name="WorkSeconds">Predicted time until all of it is spoken, by the speed so far.</param>
/// <param name="MostBytes">Bytes that sentences under way take at most, weights and vocoder aside: known before any has begun.</param>
public readonly record struct SpeechOccupancy(
    int RowsUnderWay, int MostRows, int SentencesWaiting, int SentencesVocoding, double WorkSeconds, long MostBytes)
{
    /// <summary>Predicted time of what goes before everything else: first sentences of interactive texts, after which another's turn comes.</summary>
    public double FirstSentencesSeconds { get; init; }
}

/// <summary>What a text will take, by what texts have taken so far.</summary>
/// <param name="Characters">Characters that are not white space.</param>
/// <param name="AudioSeconds">Predicted length of its speech.</param>
/// <param name="WorkSeconds">Predicted time that the device needs for it.</param>
/// <param name="AudioBytes">Bytes of its speech as samples of 32 bits.</param>
public readonly record struct SpeechPlan(int Characters, double AudioSeconds, double WorkSeconds, long AudioBytes);
