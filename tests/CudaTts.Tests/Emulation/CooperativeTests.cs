namespace CudaTts.Tests.Emulation;

/// <summary>Blocks of a cooperative launch wait for each other.</summary>
[NonParallelizable]
public sealed class CooperativeTests
{
    private EmulatedDevice _device = null!;

    [SetUp]
    public void Open() => _device = new EmulatedDevice();

    [TearDown]
    public void Close() => _device?.Dispose();

    [TestCase(1, 32)]
    [TestCase(2, 1)]
    [TestCase(7, 33)]
    [TestCase(16, 256)]
    public void The_grid_meets_at_its_barrier(int blocks, int threads)
    {
        const int rounds = 9;
        var values = EmulatedDevice.Allocate(Enumerable.Repeat(1f, 2 * blocks).ToArray());
        var counter = EmulatedDevice.Allocate(new uint[1]);
        EmulatedDevice.Check(_device.LaunchCooperative("sum_over_blocks", blocks, threads, values, counter, rounds));
        Assert.That(EmulatedDevice.Read<float>(values, 2 * blocks).Skip(rounds % 2 * blocks).Take(blocks), Is.All.EqualTo(1f + rounds).Within(1e-4));

        // The barrier needs no reset between launches.
        EmulatedDevice.Check(_device.LaunchCooperative("sum_over_blocks", blocks, threads, values, counter, rounds));
        Assert.That(EmulatedDevice.Read<float>(values, blocks), Has.All.Not.NaN);
    }

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(16)]
    public void A_flag_hands_over_from_block_to_block(int blocks)
    {
        const int rounds = 5;
        var flags = EmulatedDevice.Allocate(new uint[blocks]);
        var token = EmulatedDevice.Allocate(new uint[1]);
        EmulatedDevice.Check(_device.LaunchCooperative("pass_token", blocks, 32, flags, token, rounds));
        Assert.That(EmulatedDevice.Read<uint>(token, 1)[0], Is.EqualTo(Token(blocks, rounds)));
    }

    [Test]
    public void A_loop_with_pauses_hands_over_too()
    {
        var turn = EmulatedDevice.Allocate(new uint[1]);
        var token = EmulatedDevice.Allocate(new uint[1]);
        EmulatedDevice.Check(_device.LaunchCooperative("pass_token_with_pauses", 5, 32, turn, token, 6));
        Assert.That(EmulatedDevice.Read<uint>(token, 1)[0], Is.EqualTo(Token(5, 6)));
    }

    [TestCase(1, 2, 32)]
    [TestCase(5, 8, 32)]
    [TestCase(128, 128, 64)]
    [TestCase(129, 300, 64)]
    public void Words_tell_by_themselves_that_they_have_come(int count, int width, int threads)
    {
        const uint tag = 0x8000_0001;

        // What an earlier step has left does not count.
        var box = EmulatedDevice.Allocate(Enumerable.Repeat(((tag - 2ul) << 32) | 0x4000_0000, 2 * width).ToArray());
        var output = EmulatedDevice.Allocate(4 * 2 * width);
        EmulatedDevice.Check(_device.LaunchCooperative(
            "broadcast", 2, threads, box, count, width, tag, 0, output, EmulatedDevice.Allocate(new ulong[1]), uint.MaxValue));
        var expected = Enumerable.Range(0, 2 * width).Select(i => i % width < count ? (i / width * count) + (i % width) + 1f : 0f);
        Assert.That(EmulatedDevice.Read<float>(output, 2 * width), Is.EqualTo(expected));
    }

    [TestCase(-1)]
    [TestCase(1)]
    public void A_word_of_another_step_is_waited_for_in_vain(int off)
    {
        EmulatedDevice.SetPatience(0.05);
        var box = EmulatedDevice.Allocate(new ulong[2 * 8]);
        var result = _device.LaunchCooperative(
            "broadcast", 2, 32, box, 8, 8, 7u, off, EmulatedDevice.Allocate(4 * 2 * 8), EmulatedDevice.Allocate(new ulong[1]), uint.MaxValue);
        Assert.That(result, Is.EqualTo(EmulatedDevice.LaunchTimeout));
        Assert.That(EmulatedDevice.Report, Does.Contain("kernel broadcast, block (1, 0, 0)"));
    }

    [Test]
    public void Who_has_looked_often_enough_says_what_never_came_and_ends_the_launch()
    {
        var box = EmulatedDevice.Allocate(new ulong[2 * 8]);
        var abandoned = EmulatedDevice.Allocate(new ulong[1]);

        var result = _device.LaunchCooperative("broadcast", 2, 32, box, 8, 8, 7u, 1, EmulatedDevice.Allocate(4 * 2 * 8), abandoned, 100u);

        Assert.That(result, Is.EqualTo(EmulatedDevice.LaunchFailed));
        Assert.That(EmulatedDevice.Report, Does.Contain("block (1, 0, 0)").And.Contain("trap"));
    }

    private static uint Token(int blocks, int rounds) =>
        Enumerable.Range(0, rounds * blocks).Aggregate(0u, (token, i) => unchecked(token * 3 + (uint)(i % blocks)));
}
