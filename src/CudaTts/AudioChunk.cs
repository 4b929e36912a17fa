using CudaTts.Models;

namespace CudaTts;

/// <summary>A chunk of speech on its way.</summary>
/// <param name="Samples">Samples [N], nominally within -1 and 1.</param>
/// <param name="SampleRate">Samples a second, Hz.</param>
/// <param name="Sentence">Which sentence of the text this is from, from 0.</param>
/// <param name="Verdict">With a sentence's last chunk: whether the whole of it is what the text says.</param>
public readonly record struct AudioChunk(float[] Samples, int SampleRate, int Sentence, AttentionVerdict? Verdict)
{
    /// <summary>With a sentence's last chunk: the whole of it, of which the words' times can be told.</summary>
    public SpokenSentence? Whole { get; init; }
}
