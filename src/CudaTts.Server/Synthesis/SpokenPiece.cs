namespace CudaTts.Server.Synthesis;

/// <summary>A stretch of speech as it comes from the engine.</summary>
/// <param name="Samples">Samples [N], nominally within -1 and 1.</param>
/// <param name="SampleRate">Samples a second, Hz.</param>
/// <param name="Sentence">Which sentence of the input, from 0.</param>
/// <param name="Whole">With the last audio of a sentence that is known whole: all of it, with words and alignment.</param>
internal readonly record struct SpokenPiece(float[] Samples, int SampleRate, int Sentence, SpokenSentence? Whole);
