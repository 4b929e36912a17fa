using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Models.Tacotron2;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;
using CudaTts.Models.Tacotron2.Decoder.Cuda.Stepwise;
using CudaTts.Tests.Kernels;

namespace CudaTts.Tests.Models.Tacotron2;

/// <summary>
/// Whether the tests' device holds a decoder on the chip: what a smaller GPU decodes step by step proves nothing of the persistent decoder.
/// </summary>
internal static class PersistentFit
{
    /// <summary>Ends the test as skipped where the device decodes so many rows of a model step by step.</summary>
    public static void SkipWithout(Tacotron2Config config, int rows, int tokens)
    {
        if (WhyNot(config, TestDevice.Open(Precision.Half), rows, tokens) is { } reason)
        {
            Assert.Ignore(reason);
        }
    }

    /// <summary>Ends the test as skipped where the device does not have all blocks of a plan for another one under way at once.</summary>
    public static void SkipWithout(PersistentDecoderPlan plan)
    {
        var device = TestDevice.Open(Precision.Half);
        if (WhyNot(plan, device) is { } reason)
        {
            Assert.Ignore(reason);
        }
    }

    /// <summary>The reason why a device decodes so many rows step by step; nothing where it does not.</summary>
    public static string? WhyNot(Tacotron2Config config, CudaCompute device, int rows, int tokens)
    {
        var (multiprocessors, bytes) = (device.Context.Multiprocessors, device.Context.SharedMemoryPerBlock);
        return PersistentDecoderPlan.For(config, multiprocessors, bytes, rows, DecoderChunks.RoundUp(tokens)) is { } plan
            ? WhyNot(plan, device)
            : $"no plan holds {rows} rows of {tokens} tokens on {device.Name}: {multiprocessors} multiprocessors of {bytes} bytes of shared memory";
    }

    private static string? WhyNot(PersistentDecoderPlan plan, CudaCompute device)
    {
        if (plan.SharedBytes > device.Context.SharedMemoryPerBlock)
        {
            return $"{plan}: {device.Name} has {device.Context.SharedMemoryPerBlock} bytes of shared memory a block";
        }

        if (!device.Kernels.Has(plan.Kernel.Name))
        {
            return $"{plan}: {device.Name} has no clusters";
        }

        var most = PersistentDecoder.MostBlocks(device.Kernels[plan.Kernel.Name], plan);
        return most < plan.Blocks ? $"{plan}: {device.Name} has {most} such blocks under way at once" : null;
    }
}
