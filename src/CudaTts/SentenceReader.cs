using System.Diagnostics;
using CudaTts.Text;
using CudaTts.Weights;

namespace CudaTts;

/// <summary>A sentence of a text, or a part of a long one, ready for the acoustic model.</summary>
/// <param name="Tokens">What the acoustic model reads.</param>
/// <param name="Index">Which sentence of its text this is, from 0: part of the key of its random numbers, so that it sounds the same in any batch.</param>
/// <param name="IsLast">Whether the text ends with it.</param>
/// <param name="Options">How to speak it.</param>
/// <param name="TextTime">Time that reading it took.</param>
internal sealed record ReadSentence(TokenSequence Tokens, int Index, bool IsLast, SpeechOptions Options, TimeSpan TextTime)
{
    /// <summary>Which text of several this sentence is from.</summary>
    public int Request { get; init; }
}

/// <summary>Text to sentences to tokens, one sentence ahead of the one that is asked for.</summary>
internal static class SentenceReader
{
    /// <exception cref="TextException">There is nothing to say in the text, or the voice has no use for a lexicon.</exception>
    public static IEnumerable<ReadSentence> Read(Voice voice, string text, SpeechOptions options)
    {
        // Part of a text may have nothing to say (a line of dashes, a smiley); only when all of it has not is that an error.
        ReadSentence? ready = null;
        TextException? silent = null;
        var frontEnd = options.Lexicon is { } lexicon ? voice.FrontEnd.With(lexicon) : voice.FrontEnd;
        foreach (var sentence in SentenceSplitter.Split(text, frontEnd.LongestSentence))
        {
            var start = Stopwatch.GetTimestamp();
            IReadOnlyList<TokenSequence> parts;
            try
            {
                parts = frontEnd.ReadParts(sentence);
            }
            catch (TextException error)
            {
                silent = error;
                continue;
            }

            var time = Stopwatch.GetElapsedTime(start) / parts.Count;
            foreach (var tokens in parts)
            {
                if (ready is not null)
                {
                    yield return ready;
                }

                ready = new ReadSentence(tokens, ready is null ? 0 : ready.Index + 1, IsLast: false, options, time);
            }
        }

        yield return ready is null
            ? throw silent ?? new TextException("there is nothing to say: the text is empty.")
            : ready with { IsLast = true };
    }
}
