namespace CudaTts.Server.Settings;

/// <summary>Names that may stand in addresses, logs and metrics.</summary>
internal static class VoiceNames
{
    private const int Longest = 64;

    /// <summary>Whether a name of a voice or a key is 1 to 64 letters, digits, points, underscores and hyphens.</summary>
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= Longest && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');
}
