using CudaTts.Compute;
using CudaTts.Cuda;
using CudaTts.Tests.Emulation;
using CudaTts.Tests.Kernels;
using CudaTts.Tests.Models.Tacotron2;

namespace CudaTts.Tests.Models;

/// <summary>
/// A kernel that nothing launched up to here has no test. The kernels' fixtures launch all of them but the persistent decoder, which has its tests in
/// <see cref="PersistentDecoderTests"/>. NUnit runs namespaces and their fixtures by name, so this one comes after both; where a filter left others
/// out there is nothing to tell, and it says so.
/// </summary>
[TestFixture]
internal sealed class ZeroUnlaunchedKernels
{
    [Test]
    public void Every_kernel_was_launched()
    {
        var fixtures = typeof(ZeroUnlaunchedKernels).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(TestDevice).Namespace && type.Name.EndsWith("KernelTests", StringComparison.Ordinal)).ToList();
        Assert.That(fixtures, Has.Count.GreaterThan(5));
        var context = TestDevice.Open(Precision.Full).Context;
        var missing = fixtures.Append(typeof(PersistentDecoderTests)).Select(type => type.FullName!).Except(TestDevice.Users).Order().ToList();
        if (missing.Count > 0)
        {
            Assert.Ignore($"only a part of the kernels' tests ran: not {string.Join(", ", missing)}");
        }

        var names = CudaModule.Emulated(context).Signatures.Select(signature => signature.Name).ToList();
        Assert.That(names, Has.Count.GreaterThan(50));
        Assert.That(names.Where(name => EmulatedLaunches.Of(name) == 0), Is.Empty);
        Assert.That(EmulatedLaunches.Of("no_such_kernel"), Is.Zero);
    }
}
