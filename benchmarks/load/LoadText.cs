namespace CudaTts.Load;

/// <summary>How long a text is.</summary>
internal enum TextLength
{
    /// <summary>One sentence.</summary>
    Short,

    /// <summary>Three sentences.</summary>
    Medium,

    /// <summary>Eight sentences.</summary>
    Long,
}

/// <summary>A text to be spoken.</summary>
/// <param name="Length">Its class.</param>
/// <param name="Text">What is said.</param>
internal sealed record LoadText(TextLength Length, string Text);

/// <summary>The texts, and how often each class of them comes.</summary>
internal sealed class TextMix
{
    private readonly ILookup<TextLength, LoadText> _texts;
    private readonly (TextLength Length, double Share)[] _shares;

    /// <summary>Makes a mix of the built-in texts.</summary>
    /// <param name="shares">Weights of the classes, of any sum.</param>
    public TextMix(IReadOnlyDictionary<TextLength, double> shares)
    {
        _texts = Read().ToLookup(text => text.Length);
        var sum = shares.Values.Sum();
        _shares = [.. shares.Where(share => share.Value > 0).OrderBy(share => share.Key).Select(share => (share.Key, share.Value / sum))];
    }

    /// <summary>Half short, a third medium, the rest long.</summary>
    public static TextMix Default { get; } = new(new Dictionary<TextLength, double>
    {
        [TextLength.Short] = 0.5,
        [TextLength.Medium] = 0.35,
        [TextLength.Long] = 0.15,
    });

    /// <summary>Draws a text.</summary>
    public LoadText Draw(Random random)
    {
        var at = random.NextDouble();
        foreach (var (length, share) in _shares)
        {
            at -= share;
            if (at < 0)
            {
                return Draw(length, random);
            }
        }

        return Draw(_shares[^1].Length, random);
    }

    private LoadText Draw(TextLength length, Random random) => _texts[length].ElementAt(random.Next(_texts[length].Count()));

    private static IEnumerable<LoadText> Read()
    {
        using var reader = new StreamReader(typeof(TextMix).Assembly.GetManifestResourceStream("texts.txt")!);
        while (reader.ReadLine() is { } line)
        {
            if (line.Split('|', 2) is [var length, var text])
            {
                yield return new LoadText(Enum.Parse<TextLength>(length, ignoreCase: true), text);
            }
        }
    }
}
