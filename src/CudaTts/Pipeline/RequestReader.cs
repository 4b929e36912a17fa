namespace CudaTts.Pipeline;

/// <summary>
/// The sentences of many texts in one row, and their speech sorted into texts again. A text that cannot be read is an outcome like the others: those
/// before it and behind it are spoken.
/// </summary>
internal sealed class RequestReader(Voice voice, IEnumerable<SpeechRequest> requests, CancellationToken cancellation)
{
    // Texts are read ahead of the batch that is spoken, so an error waits for its turn.
    private readonly Dictionary<int, CudaTtsException> _errors = [];

    /// <summary>An outcome for each text, in order.</summary>
    /// <param name="speak">Speaks sentences in order.</param>
    public IEnumerable<SpeechOutcome> Outcomes(Func<IEnumerable<ReadSentence>, IEnumerable<(ReadSentence Sentence, SpokenSentence Speech)>> speak)
    {
        var (next, spoken) = (0, new List<SpokenSentence>());
        foreach (var (sentence, speech) in speak(requests.SelectMany(Sentences)))
        {
            for (; next < sentence.Request; next++)
            {
                yield return new SpeechOutcome(null, _errors[next]);
                spoken = [];
            }

            spoken.Add(speech);
            if (sentence.IsLast)
            {
                yield return new SpeechOutcome(SpeechResult.Of(spoken), null);
                (next, spoken) = (next + 1, []);
            }
        }

        for (; _errors.TryGetValue(next, out var error); next++)
        {
            yield return new SpeechOutcome(null, error);
        }
    }

    private IEnumerable<ReadSentence> Sentences(SpeechRequest request, int number)
    {
        using var sentences = Read(request).GetEnumerator();
        while (Next(sentences, number))
        {
            yield return sentences.Current with { Request = number };
        }
    }

    private IEnumerable<ReadSentence> Read(SpeechRequest request)
    {
        var options = request.Options ?? new SpeechOptions();
        options.Require();
        voice.RequireSpeaker(options.Speaker);
        foreach (var sentence in SentenceReader.Read(voice, request.Text, options, cancellation))
        {
            yield return sentence;
        }
    }

    private bool Next(IEnumerator<ReadSentence> sentences, int number)
    {
        try
        {
            return sentences.MoveNext();
        }
        catch (CudaTtsException error)
        {
            _errors[number] = error;
            return false;
        }
    }
}
