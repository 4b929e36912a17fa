namespace CudaTts.Text;

/// <summary>A sound of a token sequence, or a letter where the front end writes letters.</summary>
/// <param name="Name">Its symbol, with the marks of stress and of length that belong to it: <c>AH0</c>, <c>ˈɔː</c>.</param>
/// <param name="FirstToken">Index of the first of its tokens.</param>
/// <param name="EndToken">Index behind the last; blanks up to the next sound of a word are its own.</param>
public sealed record SpokenSound(string Name, int FirstToken, int EndToken);
