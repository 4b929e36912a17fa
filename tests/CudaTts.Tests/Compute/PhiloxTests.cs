using CudaTts.Compute;

namespace CudaTts.Tests.Compute;

[TestFixture]
internal sealed class PhiloxTests
{
    /// <summary>The known answers that the paper's authors publish with Random123 (kat_vectors, philox4x32 10).</summary>
    [TestCase(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [TestCase(~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [TestCase(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Blocks_are_the_published_ones(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint r0, uint r1, uint r2, uint r3) =>
        Assert.That(Philox.Block((c0, c1, c2, c3), (k0, k1)), Is.EqualTo((r0, r1, r2, r3)));

    [Test]
    public void Fill_gives_the_same_numbers_one_by_one([Values(0u, 1u, 3u, 4u, 250u)] uint first, [Values(0, 1, 3, 4, 5, 64)] int count)
    {
        var filled = new float[count];
        Philox.FillUniform(1234567890123, RandomUse.PrenetDropout, 5, 6, first, filled);

        var single = Enumerable.Range(0, count).Select(i => Philox.Uniform(1234567890123, RandomUse.PrenetDropout, 5, 6, first + (uint)i));

        Assert.That(filled, Is.EqualTo(single));
    }

    [Test]
    public void Numbers_are_uniform()
    {
        var numbers = new float[100_000];
        Philox.FillUniform(1, RandomUse.PrenetDropout, 0, 0, 0, numbers);

        var counts = new int[16];
        foreach (var number in numbers)
        {
            counts[(int)(number * counts.Length)]++;
        }

        // Chi-squared with 15 degrees of freedom exceeds 44.3 once in 10,000 seeds; this one seed is fixed.
        var expected = (double)numbers.Length / counts.Length;
        Assert.That(counts.Sum(count => (count - expected) * (count - expected) / expected), Is.LessThan(44.3));
    }
}
