using CudaTts.Compute;

namespace CudaTts.Tests.Emulation;

/// <summary>Every built-in of the emulated device against what CUDA says it does.</summary>
[NonParallelizable]
public sealed class BuiltInTests
{
    private EmulatedDevice _device = null!;

    [SetUp]
    public void Open() => _device = new EmulatedDevice();

    [TearDown]
    public void Close() => _device?.Dispose();

    [Test]
    public void Threads_and_blocks_know_their_place()
    {
        var indices = EmulatedDevice.Allocate(5 * 3 * 2 * 7 * 4 * 3 * sizeof(int));
        EmulatedDevice.Check(EmulatedDevice.LaunchFunction(_device.Kernel("write_indices"), (5, 3, 2), (7, 4, 3), 0, 0, false, indices));
        var wanted =
            from block in Enumerable.Range(0, 30)
            from z in Enumerable.Range(0, 3)
            from y in Enumerable.Range(0, 4)
            from x in Enumerable.Range(0, 7)
            select (block << 25) + (z << 20) + (y << 10) + x;
        Assert.That(EmulatedDevice.Read<int>(indices, 30 * 84), Is.EqualTo(wanted));
    }

    [TestCase(1)]
    [TestCase(31)]
    [TestCase(33)]
    [TestCase(255)]
    [TestCase(1024)]
    public void Barriers_separate_writing_from_reading(int threads)
    {
        const int rounds = 7;
        var before = Numbers(threads, 1);
        var values = EmulatedDevice.Allocate(before);
        EmulatedDevice.Check(_device.Launch("rotate", 1, threads, values, rounds));
        Assert.That(EmulatedDevice.Read<float>(values, threads), Is.EqualTo(before.Select((_, i) => before[(i + rounds) % threads])));
    }

    [Test]
    public void Every_block_has_shared_memory_of_its_own()
    {
        const int blocks = 57, threads = 96;
        var before = Numbers(blocks * threads, 2);
        var values = EmulatedDevice.Allocate(before);
        EmulatedDevice.Check(_device.LaunchShared("reverse", blocks, threads, threads * 4, values));
        Assert.That(EmulatedDevice.Read<float>(values, before.Length), Is.EqualTo(before.Chunk(threads).SelectMany(block => block.Reverse())));
    }

    [TestCase(1, 0)]
    [TestCase(33, 33)]
    [TestCase(100, 41)]
    [TestCase(255, 254)]
    public void Barriers_vote(int threads, int set)
    {
        var predicates = EmulatedDevice.Allocate(Enumerable.Range(0, threads).Select(i => i < set ? i + 1 : 0).ToArray());
        var results = EmulatedDevice.Allocate(12);
        EmulatedDevice.Check(_device.Launch("vote_at_barriers", 1, threads, predicates, results));
        Assert.That(EmulatedDevice.Read<int>(results, 3), Is.EqualTo(new[] { set > 0 ? 1 : 0, set == threads ? 1 : 0, set }));
    }

    [Test]
    public void Shuffles_pass_values_between_lanes()
    {
        var values = Numbers(32, 3);
        var results = EmulatedDevice.Allocate(6 * 32 * 4);
        EmulatedDevice.Check(_device.Launch("shuffle_kinds", 1, 32, EmulatedDevice.Allocate(values), results));
        var sources = new Func<int, int>[]
        {
            lane => 31 - lane, lane => lane ^ 5, lane => lane >= 3 ? lane - 3 : lane, lane => lane < 29 ? lane + 3 : lane, lane => lane ^ 2,
            lane => lane % 8 < 7 ? lane + 1 : lane,
        };
        Assert.That(EmulatedDevice.Read<float>(results, 6 * 32),
            Is.EqualTo(sources.SelectMany(source => Enumerable.Range(0, 32).Select(lane => values[source(lane)]))));
    }

    [Test]
    public void Votes_see_all_lanes_that_are_named([Values(0, 1, 2)] int seed)
    {
        var predicates = seed == 0 ? Enumerable.Repeat(1, 32).ToArray() : new Random(seed).GetItems([0, 1, 2, 3], 32);
        var results = EmulatedDevice.Allocate(5 * 32 * 4);
        EmulatedDevice.Check(_device.Launch("vote_kinds", 1, 32, EmulatedDevice.Allocate(predicates), results));
        var ballot = Mask(lane => predicates[lane] != 0);
        var wanted = Lanes(_ => ballot)
            .Concat(Lanes(_ => ballot != 0 ? 1u : 0u))
            .Concat(Lanes(_ => ballot == uint.MaxValue ? 1u : 0u))
            .Concat(Lanes(lane => Mask(other => predicates[other] % 3 == predicates[lane] % 3)))
            .Concat(Lanes(lane => ballot & (lane < 16 ? 0xFFFFu : 0xFFFF0000u)));
        Assert.That(EmulatedDevice.Read<uint>(results, 5 * 32), Is.EqualTo(wanted));

        static IEnumerable<uint> Lanes(Func<int, uint> value) => Enumerable.Range(0, 32).Select(value);

        static uint Mask(Func<int, bool> holds) => Lanes(lane => holds(lane) ? 1u << lane : 0u).Aggregate((a, b) => a | b);
    }

    [Test]
    public void Atomic_operations_lose_nothing()
    {
        const int blocks = 40, threads = 255, all = blocks * threads;
        var integers = EmulatedDevice.Allocate(new[] { 0, int.MinValue, int.MaxValue, 0, -1, 0, 0 });
        var floats = EmulatedDevice.Allocate(new float[1]);
        var wide = EmulatedDevice.Allocate(new ulong[1]);
        EmulatedDevice.Check(_device.Launch("add_atomically", blocks, threads, integers, floats, wide));
        Assert.That(
            EmulatedDevice.Read<int>(integers, 7),
                Is.EqualTo(new[] { all * (all - 1) / 2, all - 1, -(all - 1), int.MaxValue, int.MinValue, 77, 2 * all }));
        Assert.That(EmulatedDevice.Read<float>(floats, 1)[0], Is.EqualTo((float)all));
        Assert.That(EmulatedDevice.Read<ulong>(wide, 1)[0], Is.EqualTo((ulong)all << 32));
    }

    [Test]
    public void Reductions_of_a_warp_are_the_butterfly()
    {
        var values = Numbers(96, 4);
        var results = EmulatedDevice.Allocate(4 * 96 * 4);
        EmulatedDevice.Check(_device.Launch("reduce_warps", 1, 96, EmulatedDevice.Allocate(values), results));
        var parts = EmulatedDevice.Read<float>(results, 4 * 96).Chunk(96).ToArray();
        Assert.That(parts[0], Is.EqualTo(parts[2]), "sums");
        Assert.That(parts[1], Is.EqualTo(parts[3]), "maxima");
        Assert.That(parts[0][40], Is.EqualTo(values[32..64].Sum()).Within(1e-5));
        Assert.That(parts[1], Is.EqualTo(values.Chunk(32).SelectMany(warp => Enumerable.Repeat(warp.Max(), 32))));
    }

    [TestCase(32)]
    [TestCase(96)]
    [TestCase(1024)]
    public void Reductions_of_a_block_reach_every_thread(int threads)
    {
        var values = Numbers(threads, 5);
        var results = EmulatedDevice.Allocate(2 * threads * 4);
        EmulatedDevice.Check(_device.Launch("reduce_block", 1, threads, EmulatedDevice.Allocate(values), results));
        var parts = EmulatedDevice.Read<float>(results, 2 * threads).Chunk(threads).ToArray();
        Assert.That(parts[0][0], Is.EqualTo(values.Sum(value => (double)value)).Within(1e-4));
        Assert.That(parts[0], Is.All.EqualTo(parts[0][0]));
        Assert.That(parts[1], Is.All.EqualTo(values.Max()));
    }

    [Test]
    public void Every_half_becomes_the_right_float()
    {
        var bits = Enumerable.Range(0, 65536).Select(i => (ushort)i).ToArray();
        var floats = EmulatedDevice.Allocate(bits.Length * 4);
        var inSoftware = EmulatedDevice.Allocate(bits.Length * 4);
        EmulatedDevice.Check(_device.Launch("halves_to_floats", 1, 64, EmulatedDevice.Allocate(bits), floats, inSoftware, bits.Length));
        var wanted = bits.Select(b => (float)BitConverter.UInt16BitsToHalf(b)).ToArray();
        Assert.That(EmulatedDevice.Read<float>(floats, bits.Length), Is.EqualTo(wanted));
        Assert.That(EmulatedDevice.Read<float>(inSoftware, bits.Length), Is.EqualTo(wanted));
    }

    [Test]
    public void Floats_round_to_the_nearest_half_and_ties_to_even()
    {
        // Every finite half, the float half-way to the next, and the floats just beside that.
        var values = Enumerable.Range(0, 0x7C00).SelectMany(i =>
        {
            var value = (float)BitConverter.UInt16BitsToHalf((ushort)i);
            var next = i == 0x7BFF ? 65536f : (float)BitConverter.UInt16BitsToHalf((ushort)(i + 1));
            var middle = (value + next) / 2;
            return new[] { value, -value, middle, -middle, MathF.BitDecrement(middle), MathF.BitIncrement(middle) };
        }).Concat([float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon, -float.Epsilon, 1e-30f]).ToArray();
        var halves = EmulatedDevice.Allocate(values.Length * 2);
        var inSoftware = EmulatedDevice.Allocate(values.Length * 2);
        EmulatedDevice.Check(_device.Launch("floats_to_halves", 1, 64, EmulatedDevice.Allocate(values), halves, inSoftware, values.Length));
        var wanted = values.Select(value => BitConverter.HalfToUInt16Bits((Half)value)).ToArray();
        Assert.That(EmulatedDevice.Read<ushort>(halves, values.Length), Is.EqualTo(wanted));
        Assert.That(EmulatedDevice.Read<ushort>(inSoftware, values.Length), Is.EqualTo(wanted));
    }

    [TestCase(8)]
    [TestCase(264)]
    public void Vectors_hold_four_floats_or_eight_halves(int count)
    {
        var halves = Numbers(count, 6).Select(value => (Half)value).ToArray();
        var floats = Numbers(count, 7);
        var sums = EmulatedDevice.Allocate(count * 4);
        var halfSums = EmulatedDevice.Allocate(count * 2);
        EmulatedDevice.Check(
            _device.Launch("add_vectors", 1, 32, EmulatedDevice.Allocate(halves), EmulatedDevice.Allocate(floats), sums, halfSums, count));
        var wanted = halves.Select((value, i) => (float)value + floats[i]).ToArray();
        Assert.That(EmulatedDevice.Read<float>(sums, count), Is.EqualTo(wanted));
        Assert.That(EmulatedDevice.Read<Half>(halfSums, count), Is.EqualTo(wanted.Select(value => (Half)value)));
    }

    [TestCase(0, 4, false)]
    [TestCase(1, 4, true)]
    [TestCase(2, 2, false)]
    [TestCase(3, 2, true)]
    public void Matrices_are_dealt_out_to_lanes(int kind, int matrices, bool isTransposed)
    {
        var tile = Enumerable.Range(0, 256).Select(i => (ushort)(i * 7 + 1)).ToArray();
        var registers = EmulatedDevice.Allocate(4 * 32 * 4);
        EmulatedDevice.Check(_device.Launch("load_matrices", 1, 32, EmulatedDevice.Allocate(tile), registers, kind));
        var wanted = Enumerable.Range(0, 128).Select(i =>
        {
            var (matrix, lane) = (i / 32, i % 32);
            uint Element(int second) =>
                isTransposed ? tile[matrix * 64 + (lane % 4 * 2 + second) * 8 + lane / 4] : tile[matrix * 64 + lane / 4 * 8 + lane % 4 * 2 + second];
            return matrix < matrices ? Element(0) | Element(1) << 16 : 0u;
        });
        Assert.That(EmulatedDevice.Read<uint>(registers, 128), Is.EqualTo(wanted));
    }

    [Test]
    public void Tensor_cores_multiply_matrices([Values] bool atOnce)
    {
        var a = Numbers(32 * 16, 8).Select(value => (Half)value).ToArray();
        var b = Numbers(24 * 16, 9).Select(value => (Half)value).ToArray();
        var before = Numbers(32 * 24, 10);
        var sums = EmulatedDevice.Allocate(before);
        EmulatedDevice.Check(_device.Launch("multiply", 1, 32, EmulatedDevice.Allocate(a), EmulatedDevice.Allocate(b), sums, atOnce ? 1 : 0));
        var wanted = before.Select((sum, i) =>
        {
            for (var k = 0; k < 16; k++)
            {
                sum = MathF.FusedMultiplyAdd((float)a[i / 24 * 16 + k], (float)b[i % 24 * 16 + k], sum);
            }

            return sum;
        });
        Assert.That(EmulatedDevice.Read<float>(sums, before.Length), Is.EqualTo(wanted).Within(1e-6f));
    }

    [TestCase(0)]
    [TestCase(19)]
    [TestCase(32)]
    public void Asynchronous_copies_arrive_when_they_are_waited_for(int wanted)
    {
        var source = Numbers(256, 11);
        var results = EmulatedDevice.Allocate(256 * 4);
        EmulatedDevice.Check(_device.Launch("copy_in_groups", 1, 32, EmulatedDevice.Allocate(source), results, wanted));
        Assert.That(EmulatedDevice.Read<float>(results, 256), Is.EqualTo(source.Select((value, i) => i < 128 + 4 * wanted ? value : 0f)));
    }

    [TestCase(0ul, 0u, 0u)]
    [TestCase(0x0123456789ABCDEFul, 17u, 1023u)]
    [TestCase(ulong.MaxValue, uint.MaxValue, uint.MaxValue)]
    public void Random_numbers_are_those_of_the_processor(ulong seed, uint utterance, uint step)
    {
        const int count = 513;
        var words = EmulatedDevice.Allocate(count * 4);
        var uniform = EmulatedDevice.Allocate(count * 4);
        EmulatedDevice.Check(_device.Launch("philox_words", 1, 64, seed, (uint)RandomUse.PrenetDropout, utterance, step, words, uniform, count));
        var wanted = new float[count];
        Philox.FillUniform(seed, RandomUse.PrenetDropout, utterance, step, 0, wanted);
        Assert.That(EmulatedDevice.Read<float>(uniform, count), Is.EqualTo(wanted));
        var block = Philox.Block(((uint)RandomUse.PrenetDropout, utterance, step, 3), ((uint)seed, (uint)(seed >> 32)));
        Assert.That(EmulatedDevice.Read<uint>(words, count)[12..16], Is.EqualTo(new[] { block.X, block.Y, block.Z, block.W }));
    }

    [Test]
    public void Sigmoid_is_accurate()
    {
        var values = Enumerable.Range(-400, 801).Select(i => i * 0.25f).ToArray();
        var results = EmulatedDevice.Allocate(values.Length * 4);
        EmulatedDevice.Check(_device.Launch("sigmoids", 1, 64, EmulatedDevice.Allocate(values), results, values.Length));
        var computed = EmulatedDevice.Read<float>(results, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            var exact = 1 / (1 + Math.Exp(-(double)values[i]));
            Assert.That(computed[i], Is.EqualTo(exact).Within(exact * 4e-7 + 1e-38), $"sigmoid({values[i]})");
        }
    }

    [Test]
    public void The_image_lists_every_kernel_with_its_parameters() =>
        Assert.That(
            EmulatedDevice.Image,
            Does.Contain(".visible .entry philox_words(\n\t.param .u64 philox_words_param_0,\n\t.param .u32 philox_words_param_1,")
                .And.Contains(
                    ".visible .entry add_scalar(\n\t.param .u64 add_scalar_param_0,\n\t.param .f32 add_scalar_param_1,\n"
                    + "\t.param .u32 add_scalar_param_2\n)")
                .And.Contains(".visible .entry trap(\n)"));

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1).ToArray();
    }
}
