namespace CudaTts;

/// <summary>
/// When everything is said, seconds from the beginning of the audio, as the attention or the durations of the model tell.
/// Times are good to a few hundredths of a second; a sentence's first and last sounds include its silence at the ends.
/// </summary>
/// <param name="Duration">Length of the audio.</param>
/// <param name="Sentences">The sentences in order.</param>
/// <param name="Marks">The marks of an SSML document in order.</param>
public sealed record SpeechTimestamps(double Duration, IReadOnlyList<SentenceTime> Sentences, IReadOnlyList<MarkTime> Marks);

/// <summary>A sentence, its silence at the ends included.</summary>
/// <param name="Text">As it is written.</param>
/// <param name="Start">Seconds.</param>
/// <param name="End">Seconds.</param>
/// <param name="Words">Its words in order; they do not overlap.</param>
public sealed record SentenceTime(string Text, double Start, double End, IReadOnlyList<WordTime> Words);

/// <summary>A written word, its marks attached.</summary>
/// <param name="Text">As it is written.</param>
/// <param name="Start">Seconds.</param>
/// <param name="End">Seconds.</param>
/// <param name="Phonemes">The sounds that say it, in order; letters where the voice reads letters.</param>
public sealed record WordTime(string Text, double Start, double End, IReadOnlyList<PhonemeTime> Phonemes);

/// <summary>One sound of speech.</summary>
/// <param name="Symbol">ARPAbet with stress, or a letter.</param>
/// <param name="Start">Seconds.</param>
/// <param name="End">Seconds.</param>
public sealed record PhonemeTime(string Symbol, double Start, double End);

/// <summary>A mark of an SSML document.</summary>
/// <param name="Name">As the document has it.</param>
/// <param name="Time">Seconds.</param>
public sealed record MarkTime(string Name, double Time);
