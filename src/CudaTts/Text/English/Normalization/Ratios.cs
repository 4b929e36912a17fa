namespace CudaTts.Text.English.Normalization;

/// <summary>Ratios and scores, odds of 3:1, and sizes: 1920x1080.</summary>
internal sealed class Ratios : SemioticClass
{
    private const int MostNumbers = 4;

    public override string Name => "ratio";

    public override void Propose(Passage passage, int at, ReadingList readings)
    {
        if (passage.IsLetter(at - 1) || !WrittenNumber.TryRead(passage, at, out var first))
        {
            return;
        }

        if (passage[first.End] is ':' or '\u2236' && passage.IsDigit(first.End + 1) && WrittenNumber.TryRead(passage, first.End + 1, out var second)
            && passage[second.End] is not (':' or '\u2236') && !(passage[at - 1] == ':' && passage.IsDigit(at - 2)))
        {
            readings.Add(at, second.End, "ratio", $"{first.Words} to {second.Words}", value: new(ValueKind.None, 0));
        }

        ProposeSize(passage, first, readings);
    }

    /// <summary>3x4, 1920x1080: "by"; before an equals sign, or with the sign of multiplication, "times".</summary>
    private static void ProposeSize(Passage passage, WrittenNumber first, ReadingList readings)
    {
        var inches = 0;
        var (end, sides, hasSign, isGlued) = (first.End, new List<WrittenNumber> { first }, false, true);
        while (sides.Count < MostNumbers)
        {
            var mark = passage[end] == '"' ? 1 : 0;
            inches += mark;
            var sign = passage.SkipSpaces(end + mark);
            var next = passage.SkipSpaces(sign + 1);
            if (passage[sign] is not ('x' or '\u00D7') || sign - end > 1 + mark || next - sign > 2 || !WrittenNumber.TryRead(passage, next, out var side))
            {
                break;
            }

            (hasSign, isGlued, end) = (hasSign || passage[sign] == '\u00D7', isGlued && next == sign + 1, side.End);
            sides.Add(side);
        }

        if (sides.Count > 1 && !passage.IsLetter(end))
        {
            var isProduct = passage[passage.SkipSpaces(end)] == '=' || hasSign;
            var words = sides.Select(side => isGlued && side.IsPlain && side.Whole.Length == 4 ? NumberWords.Pairs((int)side.Amount) : side.Words);
            var isInches = inches == sides.Count;
            readings.Add(first.Start, isInches ? end + 1 : end, isProduct ? "product" : "size",
                string.Join(isProduct && !isInches ? " times " : " by ", words) + (isInches ? " inch" : ""));
        }
    }
}
