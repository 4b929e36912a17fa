using CudaTts.Compute;
using CudaTts.Compute.Cuda;

namespace CudaTts.Tests.Kernels;

/// <summary>Which kernels a device has.</summary>
[TestFixture]
internal sealed class KernelLibraryTests
{
    [Test]
    public void A_kernel_that_is_not_there_can_be_asked_for_and_is_an_error_to_want()
    {
        using var library = new KernelLibrary(TestDevice.Open(Precision.Full).Context);
        Assert.That(library.Has("conv1d_64x64_f32"), Is.True);
        Assert.That(library["conv1d_64x64_f32"].Name, Is.EqualTo("conv1d_64x64_f32"));
        Assert.That(library.Has("no_such_kernel"), Is.False);
        Assert.That(() => library["no_such_kernel"], Throws.InstanceOf<CudaTtsException>().With.Message.Contains("no kernel 'no_such_kernel'"));
    }
}
