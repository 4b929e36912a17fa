using System.Runtime.InteropServices;

namespace CudaTts.Tests.Emulation;

/// <summary>Blocks in clusters: ranks, each other's shared memory, their barrier, and what is refused or a fault.</summary>
[NonParallelizable]
public sealed partial class ClusterTests
{
    private const string Capability = "CUDATTS_EMULATED_CAPABILITY";
    private const string Gpcs = "CUDATTS_EMULATED_GPCS";
    private EmulatedDevice _device = null!;

    [SetUp]
    public void Open() => _device = new EmulatedDevice();

    [TearDown]
    public void Close()
    {
        _ = UnsetVariable(Capability);
        _ = UnsetVariable(Gpcs);
        _device?.Dispose();
    }

    [TestCase(1, 3)]
    [TestCase(2, 2)]
    [TestCase(3, 9)]
    [TestCase(8, 128)]
    public void Neighbours_along_x_are_a_cluster(int cluster, int blocks)
    {
        foreach (var cooperative in new[] { false, true })
        {
            var ranks = EmulatedDevice.Allocate(4 * 2 * blocks);
            EmulatedDevice.Check(Launch("write_ranks", cluster, blocks, 32, cooperative, ranks));
            var all = EmulatedDevice.Read<uint>(ranks, 2 * blocks);
            Assert.That(all.Take(blocks), Is.EqualTo(Enumerable.Range(0, blocks).Select(block => block % cluster)));
            Assert.That(all.Skip(blocks), Is.All.EqualTo(cluster));
        }
    }

    [Test]
    public void A_launch_without_clusters_has_clusters_of_one_block()
    {
        var ranks = EmulatedDevice.Allocate(4 * 6);
        EmulatedDevice.Check(_device.Launch("write_ranks", 3, 32, ranks));
        Assert.That(EmulatedDevice.Read<uint>(ranks, 6), Is.EqualTo(new[] { 0, 0, 0, 1, 1, 1 }));
        var received = EmulatedDevice.Allocate(8 * 3 * 32);
        EmulatedDevice.Check(_device.Launch("send_around", 3, 32, received, 0));
        Assert.That(EmulatedDevice.Read<ulong>(received, 3 * 32), Is.EqualTo(Enumerable.Range(0, 3 * 32)), "to itself");
    }

    [Test]
    public void Words_go_to_the_next_block(
        [Values(1, 2, 8)] int cluster, [Values(1, 33, 64)] int threads, [Values] bool dynamic, [Values] bool cooperative)
    {
        var blocks = 3 * cluster;
        var received = EmulatedDevice.Allocate(8 * blocks * threads);
        EmulatedDevice.Check(_device.LaunchClusters(
            "send_around", (cluster, 1, 1), blocks, threads, cooperative, dynamic ? 8 * threads : 0, 0, received, dynamic ? 1 : 0));
        var expected = Enumerable.Range(0, blocks * threads).Select(i =>
        {
            var (block, thread) = (i / threads, i % threads);
            var from = (block / cluster * cluster) + ((block + cluster - 1) % cluster);
            return (ulong)((from * threads) + thread);
        });
        Assert.That(EmulatedDevice.Read<ulong>(received, blocks * threads), Is.EqualTo(expected));
    }

    [TestCase(1, 1, 1)]
    [TestCase(4, 2, 33)]
    [TestCase(8, 3, 64)]
    public void The_blocks_of_a_cluster_meet_at_their_barrier(int cluster, int clusters, int threads)
    {
        const int rounds = 4;
        var blocks = cluster * clusters;
        var sums = EmulatedDevice.Allocate(8 * blocks * threads);
        EmulatedDevice.Check(Launch("sum_over_cluster", cluster, blocks, threads, true, sums, rounds));
        var expected = Enumerable.Range(0, blocks * threads).Select(i =>
        {
            var first = i / threads / cluster * cluster;
            var sum = (ulong)Enumerable.Range(first, cluster).Sum(block => (block * threads) + (i % threads));
            return sum * (ulong)Math.Pow(cluster, rounds - 1);
        });
        Assert.That(EmulatedDevice.Read<ulong>(sums, blocks * threads), Is.EqualTo(expected));
    }

    [TestCase(2, 6)]
    [TestCase(8, 128)]
    public void Clusters_of_a_cooperative_launch_wait_for_each_other(int cluster, int blocks)
    {
        var counter = EmulatedDevice.Allocate(new uint[1]);
        var seen = EmulatedDevice.Allocate(4 * blocks);
        EmulatedDevice.Check(Launch("sum_over_clusters", cluster, blocks, 4, true, counter, seen));
        Assert.That(EmulatedDevice.Read<uint>(seen, blocks), Is.All.EqualTo(blocks / cluster));
    }

    [Test]
    public unsafe void A_graph_repeats_a_launch_in_clusters()
    {
        var (ranks, graphs) = (EmulatedDevice.Allocate(4 * 8), new nint[2]);
        nint stream;
        EmulatedDevice.Check(((delegate* unmanaged<nint*, uint, int>)EmulatedDevice.Function("cuStreamCreate"))(&stream, 1));
        EmulatedDevice.Check(((delegate* unmanaged<nint, int, int>)EmulatedDevice.Function("cuStreamBeginCapture_v2"))(stream, 1));
        EmulatedDevice.Check(_device.LaunchClusters("write_ranks", (4, 1, 1), 4, 32, true, 0, stream, ranks));
        fixed (nint* graph = graphs)
        {
            EmulatedDevice.Check(((delegate* unmanaged<nint, nint*, int>)EmulatedDevice.Function("cuStreamEndCapture"))(stream, graph));
            EmulatedDevice.Check(
                ((delegate* unmanaged<nint*, nint, ulong, int>)EmulatedDevice.Function("cuGraphInstantiateWithFlags"))(graph + 1, graphs[0], 0));
        }

        Assert.That(EmulatedDevice.CountPoison(ranks, 4 * 8), Is.EqualTo(8));
        EmulatedDevice.Check(((delegate* unmanaged<nint, nint, int>)EmulatedDevice.Function("cuGraphLaunch"))(graphs[1], stream));
        Assert.That(EmulatedDevice.Read<uint>(ranks, 8), Is.EqualTo(new[] { 0, 1, 2, 3, 4, 4, 4, 4 }));
    }

    [Test]
    public void Another_blocks_shared_memory_is_not_zero_at_first()
    {
        var words = EmulatedDevice.Allocate(new ulong[2 * 4]);
        EmulatedDevice.Check(Launch("read_fresh_box", 4, 4, 32, true, words));
        Assert.That(EmulatedDevice.Read<ulong>(words, 2 * 4), Is.EqualTo(Enumerable.Range(0, 8).Select(i => i % 2 == 0 ? ulong.MaxValue : 7)));
    }

    [TestCase(1, 0, 0, 0, 0, 0, "")]
    [TestCase(1, 14, 0, 0, 0, 0, "")]
    [TestCase(3, 14, 0, 0, 0, 0, "")]
    [TestCase(4, 0, 0, 0, 0, EmulatedDevice.LaunchFailed, "maps shared memory of block 4 of its cluster, which has 4 blocks")]
    [TestCase(-1, 0, 0, 0, 0, EmulatedDevice.LaunchFailed, "which has 4 blocks")]
    [TestCase(1, 15, 0, 0, 0, EmulatedDevice.IllegalAddress, "writes outside of the shared arrays of block 1 of its cluster")]
    [TestCase(1, -1, 0, 0, 0, EmulatedDevice.IllegalAddress, "writes outside of the shared arrays of block 1 of its cluster")]
    [TestCase(1, 1_000_000, 0, 0, 0, EmulatedDevice.IllegalAddress, "writes outside of the shared arrays")]
    [TestCase(1, 0, 0, 0, 120, EmulatedDevice.IllegalAddress, "maps an address outside of the block's shared memory")]
    [TestCase(1, 0, 0, 0, 4, EmulatedDevice.MisalignedAddress, "misaligned access of 8 bytes")]
    [TestCase(1, 0, 1, 0, 0, EmulatedDevice.LaunchFailed, "block 1 of its cluster of 4, which has not begun")]
    [TestCase(2, 0, 0, 1, 0, EmulatedDevice.LaunchFailed, "block 2 of its cluster of 4, which has returned")]
    public void A_word_goes_into_a_shared_array_of_a_block_that_is_there(
        int rank, int word, int isEarly, int isLate, int offset, int result, string expected)
    {
        var found = Launch("write_to_block", 4, 4, 32, true, rank, word, isEarly, isLate, offset);
        Assert.That(found, Is.EqualTo(result), EmulatedDevice.Report);
        Assert.That(EmulatedDevice.Report, Does.Contain(expected));
    }

    [Test]
    public void Global_memory_is_nobodys_shared_memory()
    {
        var words = EmulatedDevice.Allocate(new ulong[2]);
        Expect(Launch("map_global_words", 2, 2, 1, true, words), EmulatedDevice.IllegalAddress, "maps an address outside");
        _device.Dispose();
        _device = new EmulatedDevice();
        words = EmulatedDevice.Allocate(new ulong[2]);
        Expect(Launch("load_global_words", 2, 2, 1, true, words), EmulatedDevice.IllegalAddress, "reads a word of the cluster");
    }

    [TestCase(2, 0, EmulatedDevice.LaunchFailed, "cluster_barrier of clusters.cu")]
    [TestCase(0, 0, EmulatedDevice.LaunchFailed, "which block 0 of the cluster does not reach: it has returned")]
    [TestCase(3, 0, EmulatedDevice.LaunchFailed, "which block 3 of the cluster does not reach: it has returned")]
    [TestCase(1, 1, EmulatedDevice.LaunchFailed, "which thread (5, 0, 0) does not reach: it has returned")]
    [TestCase(1, 2, EmulatedDevice.LaunchTimeout, "block (1, 0, 0), thread (0, 0, 0) waits for memory")]
    [TestCase(1, 3, EmulatedDevice.LaunchFailed, "waits at the __syncthreads of clusters.cu")]
    [TestCase(1, 4, EmulatedDevice.LaunchFailed, "is at the cluster_barrier of clusters.cu")]
    public void The_barrier_of_a_cluster_is_reached_by_all_threads_of_all_its_blocks(int rank, int how, int result, string expected)
    {
        foreach (var cooperative in new[] { false, true })
        {
            Expect(Launch("miss_cluster_barrier", 4, 4, 32, cooperative, rank, how), result, expected);
            _device.Dispose();
            _device = new EmulatedDevice();
            EmulatedDevice.Check(Launch("miss_cluster_barrier", 4, 8, 32, cooperative, 99, how));
        }
    }

    [Test]
    public void A_word_that_nobody_sends_is_waited_for_in_vain()
    {
        EmulatedDevice.SetPatience(0.05);
        Expect(Launch("wait_for_word", 2, 2, 32, true, EmulatedDevice.Allocate(8)), EmulatedDevice.LaunchTimeout, "no block gets on");
    }

    [TestCase(3, 1, 1, 8, EmulatedDevice.InvalidClusterSize, "a grid of 8 blocks along x cannot be of clusters of 3")]
    [TestCase(0, 1, 1, 8, EmulatedDevice.InvalidClusterSize, "clusters of 0")]
    [TestCase(9, 1, 1, 9, EmulatedDevice.InvalidClusterSize, "a cluster has at most 8")]
    [TestCase(16, 1, 1, 16, EmulatedDevice.InvalidClusterSize, "a cluster has at most 8")]
    [TestCase(4, 2, 1, 8, EmulatedDevice.NotSupported, "along x alone, not of 4 x 2 x 1")]
    public void A_cluster_that_cannot_be_is_refused(int x, int y, int z, int blocks, int result, string expected)
    {
        var ranks = EmulatedDevice.Allocate(8 * blocks);
        Expect(_device.LaunchClusters("write_ranks", (x, y, z), blocks, 32, true, 0, 0, ranks), result, expected);
        Assert.That(EmulatedDevice.CountPoison(ranks, 8 * blocks), Is.EqualTo(2 * blocks));
        Assert.That(EmulatedDevice.Synchronize(), Is.Zero, "refused, and not broken");
    }

    // An H100: 132 multiprocessors are six GPCs of 16 and two of 18. Blocks of 1,024 threads: two a multiprocessor.
    [TestCase(null, 8, 200, 16)]
    [TestCase(null, 4, 200, 32)]
    [TestCase(null, 2, 200, 66)]
    [TestCase(null, 1, 200, 132)]
    [TestCase(null, 8, 0, 32)]
    [TestCase("16,16,16,16,16,16,16,14", 8, 200, 15)]
    [TestCase("7,7", 8, 200, 0)]
    [TestCase("9", 4, 200, 2)]
    public unsafe void A_cluster_lies_within_a_gpc(string? gpcs, int cluster, int sharedKilobytes, int clusters)
    {
        if (gpcs is not null)
        {
            _ = SetVariable(Gpcs, gpcs, 1);
        }

        var setAttribute = (delegate* unmanaged<nint, int, int, int>)EmulatedDevice.Function("cuFuncSetAttribute");
        EmulatedDevice.Check(setAttribute(_device.Kernel("write_ranks"), 8, 200 * 1024));
        Assert.That(_device.MostClusters("write_ranks", cluster, 1024, sharedKilobytes * 1024), Is.EqualTo((0, clusters)));

        var blocks = (clusters + 1) * cluster;
        var ranks = EmulatedDevice.Allocate(8 * blocks);
        var result = _device.LaunchClusters("write_ranks", (cluster, 1, 1), blocks, 1024, true, sharedKilobytes * 1024, 0, ranks);
        Expect(result, clusters == 0 ? EmulatedDevice.InvalidClusterSize : EmulatedDevice.CooperativeLaunchTooLarge, clusters == 0 ? "no GPC holds"
            : $"only {clusters * cluster}");
        if (clusters > 0)
        {
            EmulatedDevice.Check(
                _device.LaunchClusters("write_ranks", (cluster, 1, 1), blocks - cluster, 1024, true, sharedKilobytes * 1024, 0, ranks));
        }
    }

    [Test]
    public unsafe void A_device_before_compute_capability_9_has_no_clusters()
    {
        var getAttribute = (delegate* unmanaged<int*, int, int, int>)EmulatedDevice.Function("cuDeviceGetAttribute");
        Assert.That(Attributes(), Is.EqualTo(new[] { 9, 0, 1, 227 * 1024, 228 * 1024 }));
        _ = SetVariable(Capability, "8.0", 1);
        Assert.That(Attributes(), Is.EqualTo(new[] { 8, 0, 0, 163 * 1024, 164 * 1024 }));
        Expect(Launch("write_ranks", 2, 2, 32, true, EmulatedDevice.Allocate(16)), EmulatedDevice.NotSupported,
            "need compute capability 9.0, and this device has 8.0");
        EmulatedDevice.Check(Launch("write_ranks", 1, 2, 32, true, EmulatedDevice.Allocate(16)));

        int[] Attributes() => [.. new[] { 75, 76, 120, 97, 81 }.Select(attribute =>
        {
            int value;
            EmulatedDevice.Check(getAttribute(&value, attribute, 0));
            return value;
        })];
    }

    [Test]
    public void Kernels_of_a_file_for_sm_90_are_there_on_devices_that_run_them()
    {
        Assert.That(EmulatedDevice.Image, Does.Contain(" only_on_hopper("));
        EmulatedDevice.Check(_device.TryKernel("only_on_hopper"));
        _ = SetVariable(Capability, "8.0", 1);
        Assert.That(EmulatedDevice.Image, Does.Not.Contain(" only_on_hopper(").And.Contain(" write_ranks("));
        Assert.That(_device.TryKernel("only_on_hopper"), Is.EqualTo(EmulatedDevice.NotFound));
    }

    [Test]
    public unsafe void A_capability_that_is_not_known_is_refused()
    {
        var init = (delegate* unmanaged<uint, int>)EmulatedDevice.Function("cuInit");
        _ = SetVariable(Capability, "9.9", 1);
        Assert.That(init(0), Is.EqualTo(100), "no device");
        Assert.That(EmulatedDevice.Report, Is.EqualTo("CUDATTS_EMULATED_CAPABILITY: expected 8.0 or 9.0, found '9.9'"));
    }

    private static void Expect(int result, int expected, string text)
    {
        Assert.That(result, Is.EqualTo(expected), EmulatedDevice.Report);
        Assert.That(EmulatedDevice.Report, Does.Contain(text));
    }

    // The library reads its environment, of which .NET has a copy.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrites);

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnsetVariable(string name);

    private int Launch(string kernel, int cluster, int blocks, int threads, bool isCooperative, params Word[] arguments) =>
        _device.LaunchClusters(kernel, (cluster, 1, 1), blocks, threads, isCooperative, 0, 0, arguments);
}
