using CudaTts.Tensors;

namespace CudaTts.Models;

/// <summary>Frames cut out of a mel [1, bands, F], and put together again.</summary>
internal static class MelFrames
{
    /// <summary>The frames [first, first + count), [1, bands, count].</summary>
    public static Tensor Cut(Tensor mel, int first, int count)
    {
        var cut = new Tensor(1, mel[1], count);
        for (var band = 0; band < mel[1]; band++)
        {
            mel.Span.Slice((band * mel[2]) + first, count).CopyTo(cut.Span[(band * count)..]);
        }

        return cut;
    }

    /// <summary>Parts of one mel in their order as one.</summary>
    public static Tensor Join(IReadOnlyList<Tensor> parts)
    {
        var joined = new Tensor(1, parts[0][1], parts.Sum(part => part[2]));
        var first = 0;
        foreach (var part in parts)
        {
            for (var band = 0; band < part[1]; band++)
            {
                part.Span.Slice(band * part[2], part[2]).CopyTo(joined.Span[((band * joined[2]) + first)..]);
            }

            first += part[2];
        }

        return joined;
    }
}
