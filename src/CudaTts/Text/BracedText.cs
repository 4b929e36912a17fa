namespace CudaTts.Text;

/// <summary>A stretch of text outside braces, or the phones inside a pair of them (without the braces).</summary>
internal readonly record struct BracedText(ReadOnlyMemory<char> Text, bool IsPhones)
{
    /// <summary>The parts of a text in order. A brace without a partner is text.</summary>
    public static IEnumerable<BracedText> Split(string text)
    {
        var start = 0;
        while (true)
        {
            var open = text.IndexOf('{', start);
            var close = open < 0 ? -1 : text.IndexOf('}', open + 1);
            if (close < 0)
            {
                break;
            }

            // The innermost pair: in "{a {HH}" the first brace is text.
            open = text.LastIndexOf('{', close);
            if (open > start)
            {
                yield return new BracedText(text.AsMemory(start, open - start), false);
            }

            yield return new BracedText(text.AsMemory(open + 1, close - open - 1), true);
            start = close + 1;
        }

        if (start < text.Length)
        {
            yield return new BracedText(text.AsMemory(start), false);
        }
    }

    /// <summary>The names between the braces.</summary>
    public IEnumerable<string> Phones() => Text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
