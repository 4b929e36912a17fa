using CudaTts.Weights;

namespace CudaTts.Tests;

internal sealed class HalfPrecisionTests
{
    [Test]
    public void Every_half_becomes_the_float_that_it_is()
    {
        var halves = Enumerable.Range(0, 1 + ushort.MaxValue).Select(bits => (ushort)bits).ToArray();
        var floats = new float[halves.Length];

        HalfPrecision.Widen(halves, floats);

        // As bits, so that zeros keep their signs; a number that is none has many forms.
        var expected = halves.Select(bits => (float)BitConverter.UInt16BitsToHalf(bits)).ToArray();
        Assert.That(floats.Select(float.IsNaN), Is.EqualTo(expected.Select(float.IsNaN)));
        Assert.That(Bits(floats), Is.EqualTo(Bits(expected)));
    }

    [Test]
    public void What_lies_behind_the_last_whole_vector_is_widened_too([Range(0, 33)] int count)
    {
        var halves = Enumerable.Range(1, count).Select(number => BitConverter.HalfToUInt16Bits((Half)number)).ToArray();
        var floats = new float[count + 1];

        HalfPrecision.Widen(halves, floats);

        Assert.That(floats, Is.EqualTo(Enumerable.Range(1, count).Select(number => (float)number).Append(0)));
    }

    [Test]
    public void A_half_that_is_not_finite_is_seen_wherever_it_stands([Values(1, 15, 16, 17, 40)] int count)
    {
        var halves = new ushort[count];
        Array.Fill(halves, BitConverter.HalfToUInt16Bits(Half.MinValue));

        Assert.That(HalfPrecision.AreFinite(halves));
        for (var i = 0; i < count; i++)
        {
            foreach (var wrong in (Half[])[Half.NaN, Half.PositiveInfinity, Half.NegativeInfinity])
            {
                var damaged = (ushort[])halves.Clone();
                damaged[i] = BitConverter.HalfToUInt16Bits(wrong);
                Assert.That(HalfPrecision.AreFinite(damaged), Is.False, $"{wrong} at {i}");
            }
        }
    }

    private static IEnumerable<int> Bits(IEnumerable<float> floats) =>
        floats.Where(value => !float.IsNaN(value)).Select(BitConverter.SingleToInt32Bits);
}
