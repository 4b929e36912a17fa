namespace CudaTts.Quality.Pesq;

/// <summary>The delay of the degraded signal at every sample of the reference: that of the last utterance that has begun.</summary>
internal sealed class DelayMap
{
    private readonly List<(int Start, int Delay)> _pieces = [];

    /// <summary>
    /// Takes utterances in order; one that begins later than an utterance after it is never the last that has begun where that one has.
    /// </summary>
    public DelayMap(List<Utterance> utterances, ModelRate rate)
    {
        var next = int.MaxValue;
        for (var u = utterances.Count - 1; u >= 0; u--)
        {
            var start = utterances[u].Start * rate.ActivityFrame;
            if (start < next)
            {
                _pieces.Add((start, utterances[u].Delay));
                next = start;
            }
        }

        // Before every start the delay is that of the first utterance.
        _pieces.Add((int.MinValue, utterances[0].Delay));
        _pieces.Reverse();
    }

    /// <summary>The delay at a sample, counted from the start of the buffer.</summary>
    public int At(int sample)
    {
        var piece = _pieces.Count - 1;
        while (_pieces[piece].Start > sample)
        {
            piece--;
        }

        return _pieces[piece].Delay;
    }

    /// <summary>The samples of a stretch by their delays, as the first sample of each piece and the first after it.</summary>
    public IEnumerable<(int Start, int End, int Delay)> Between(int start, int end)
    {
        for (var piece = 0; piece < _pieces.Count; piece++)
        {
            var next = piece + 1 < _pieces.Count ? _pieces[piece + 1].Start : int.MaxValue;
            yield return (Math.Max(start, _pieces[piece].Start), Math.Min(end, next), _pieces[piece].Delay);
        }
    }
}
