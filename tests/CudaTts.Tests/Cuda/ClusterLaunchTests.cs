using CudaTts.Cuda;

namespace CudaTts.Tests.Cuda;

/// <summary>Launches in clusters by the bindings, on the emulated device's kernels for tests.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class ClusterLaunchTests
{
    [Test]
    public void A_cooperative_launch_has_clusters() => IsolatedDevice.Run(Launch);

    [Test]
    public void What_cannot_be_launched_is_told() => IsolatedDevice.Run(Refuse);

    private static void Launch()
    {
        const int blocks = 24;
        using var context = new CudaContext();
        using var module = CudaModule.Emulated(context);
        using var stream = new CudaStream(context);
        using var ranks = new CudaMemory(context, sizeof(uint) * 2 * blocks);
        var kernel = module.Kernel("write_ranks");
        Assert.That(context.Attribute(DeviceAttribute.ClusterLaunch), Is.EqualTo(1));
        Assert.That(kernel.MostClusters(1024, 200 * 1024, 8), Is.EqualTo(16));

        kernel.LaunchCooperativeClusters(stream, 8, blocks, 64, 0, ranks.Address);
        var read = new uint[2 * blocks];
        stream.Download<uint>(ranks.Address, read);
        stream.Synchronize();
        Assert.That(read, Is.EqualTo(Enumerable.Range(0, 2 * blocks).Select(i => i < blocks ? (uint)i % 8 : 8)));
    }

    private static void Refuse()
    {
        using var context = new CudaContext();
        using var module = CudaModule.Emulated(context);
        using var stream = new CudaStream(context);
        using var ranks = new CudaMemory(context, sizeof(uint) * 2 * 2000);
        var kernel = module.Kernel("write_ranks");
        var pointer = ranks.Address;
        Assert.That(() => kernel.LaunchCooperativeClusters(stream, 3, 8, 64, 0, pointer),
            Throws.ArgumentException.With.Message.Contains("in clusters of 3 blocks"));
        Assert.That(() => kernel.LaunchCooperativeClusters(stream, 0, 8, 64, 0, pointer), Throws.ArgumentException);
        Assert.That(
            () => kernel.LaunchCooperativeClusters(stream, 16, 16, 64, 0, pointer),
            Throws.InstanceOf<CudaException>().With.Message.Contains("in clusters of 16").And.Property(nameof(CudaException.Result))
                .EqualTo(CUresult.InvalidClusterSize));
        Assert.That(
            () => kernel.LaunchCooperativeClusters(stream, 8, 17 * 8, 1024, 200 * 1024, pointer),
            Throws.InstanceOf<CudaException>().With.Message.Contains("holds 16 clusters of 8 at a time"));
        Assert.That(kernel.MostClusters(64, 0, 9), Is.Zero, "more blocks than a cluster can have");
    }
}
