using System.Runtime.InteropServices;
using CudaTts.Compute;
using CudaTts.Cuda;

namespace CudaTts.Tests.Kernels;

/// <summary>
/// A kernel that nothing launched up to here, this namespace's fixtures among it, has no test. NUnit runs a namespace's fixtures by name, so this one
/// is the namespace's last; where a filter left others out there is nothing to tell, and it says so.
/// </summary>
[TestFixture]
internal sealed unsafe class ZeroUnlaunchedKernels
{
    [Test]
    public void Every_kernel_was_launched()
    {
        var fixtures = typeof(ZeroUnlaunchedKernels).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(ZeroUnlaunchedKernels).Namespace && type.Name.EndsWith("KernelTests", StringComparison.Ordinal)).ToList();
        Assert.That(fixtures, Has.Count.GreaterThan(5));
        var context = TestDevice.Open(Precision.Full).Context;
        var missing = fixtures.Select(type => type.FullName!).Except(TestDevice.Users).Order().ToList();
        if (missing.Count > 0)
        {
            Assert.Ignore($"only a part of the kernels' tests ran: not {string.Join(", ", missing)}");
        }

        var names = CudaModule.Emulated(context).Signatures.Select(signature => signature.Name).ToList();
        Assert.That(names, Has.Count.GreaterThan(50));
        Assert.That(names.Where(name => Launches(name) == 0), Is.Empty);
        Assert.That(Launches("no_such_kernel"), Is.Zero);
    }

    private static ulong Launches(string kernel)
    {
        var library = NativeLibrary.Load(Path.Combine(AppContext.BaseDirectory, "kernels", "libcudatts_emulated.so"));
        var count = (delegate* unmanaged<byte*, ulong>)NativeLibrary.GetExport(library, "cudatts_emulated_launches");
        fixed (byte* name = System.Text.Encoding.UTF8.GetBytes(kernel + "\0"))
        {
            return count(name);
        }
    }
}
