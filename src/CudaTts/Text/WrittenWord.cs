namespace CudaTts.Text;

/// <summary>
/// A word as it is written, its marks attached, and the tokens that say it. Words of a text that are said as one thing, such as those of a date,
/// are one; what is not said is part of the word before it. So the words of a text are all that is written in it.
/// </summary>
/// <param name="Text">As it is written.</param>
/// <param name="FirstToken">Index of the first letter or phone that says it.</param>
/// <param name="EndToken">Index behind the last.</param>
public sealed record WrittenWord(string Text, int FirstToken, int EndToken);
