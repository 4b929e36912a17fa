using System.Runtime.CompilerServices;
using CudaTts.Cuda;

namespace CudaTts.Tests.Cuda;

[TestFixture]
internal sealed class KernelArgumentTests
{
    private static IEnumerable<TestCaseData> Values()
    {
        yield return new TestCaseData((KernelArgument)(-2), ParameterKind.Word32, BitConverter.GetBytes(-2)).SetName("int");
        yield return new TestCaseData((KernelArgument)0xFEDCBA98u, ParameterKind.Word32, BitConverter.GetBytes(0xFEDCBA98u)).SetName("uint");
        yield return new TestCaseData((KernelArgument)(-3L), ParameterKind.Word64, BitConverter.GetBytes(-3L)).SetName("long");
        yield return new TestCaseData((KernelArgument)ulong.MaxValue, ParameterKind.Word64, BitConverter.GetBytes(ulong.MaxValue)).SetName("ulong");
        yield return new TestCaseData((KernelArgument)(-0.1f), ParameterKind.Single, BitConverter.GetBytes(-0.1f)).SetName("float");
        yield return new TestCaseData((KernelArgument)new CUdeviceptr(unchecked((nint)0x7F00_1234_5678L)), ParameterKind.Word64,
            BitConverter.GetBytes(0x7F00_1234_5678L)).SetName("pointer");
    }

    [TestCaseSource(nameof(Values))]
    public unsafe void Argument_BeginsWithTheValuesOwnBytes(KernelArgument argument, ParameterKind kind, byte[] bytes)
    {
        var bits = argument.Bits;
        Assert.That(new ReadOnlySpan<byte>(&bits, bytes.Length).ToArray(), Is.EqualTo(bytes));

        Assert.That(argument.Kind, Is.EqualTo(kind));
    }

    [Test]
    public void Handles_AreAsLargeAsTheDriversOwn()
    {
        Assert.That(Unsafe.SizeOf<CUdevice>(), Is.EqualTo(4));
        Assert.That(Unsafe.SizeOf<CUdeviceptr>(), Is.EqualTo(8));
        Assert.That(
            new[] { Unsafe.SizeOf<CUcontext>(), Unsafe.SizeOf<CUstream>(), Unsafe.SizeOf<CUevent>(), Unsafe.SizeOf<CUmodule>(),
                Unsafe.SizeOf<CUfunction>(), Unsafe.SizeOf<CUgraph>(), Unsafe.SizeOf<CUgraphExec>() },
            Is.All.EqualTo(Unsafe.SizeOf<nint>()));
    }

    [Test]
    public void Pointer_MovesByBytes()
    {
        Assert.That(new CUdeviceptr(256) + (5L << 32), Is.EqualTo(new CUdeviceptr(256 + unchecked((nint)(5L << 32)))));
    }

    [Test]
    public void Dim3_CountsWithoutOverflow() => Assert.That(new Dim3(65536, 65535, 64).Count, Is.EqualTo(65536L * 65535 * 64));
}
