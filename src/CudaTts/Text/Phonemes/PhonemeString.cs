namespace CudaTts.Text.Phonemes;

/// <summary>Phonemes as a text of the International Phonetic Alphabet.</summary>
/// <param name="Text">All of it, with spaces between words and marks behind them.</param>
/// <param name="Words">The characters of each word, in order; two words that are written as one have each their own.</param>
internal sealed record PhonemeString(string Text, IReadOnlyList<TextRange> Words);
