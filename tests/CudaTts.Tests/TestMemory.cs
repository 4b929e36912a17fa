using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Tensors;
using CudaTts.Tests;
using NUnit.Framework.Interfaces;

[assembly: ReleasesTestMemory]

namespace CudaTts.Tests;

/// <summary>What tests of single operations pack and borrow on a device, which is often shared: all of it is given back when the test ends.</summary>
internal static class TestMemory
{
    private static readonly Lock s_lock = new();
    private static readonly Stack<IDisposable> s_held = new();

    extension(ComputeDevice device)
    {
        public ModelMemory ModelMemory() => Hold(device.CreateModelMemory());

        public Tensor Store(Tensor weights) => device.ModelMemory().Store(weights);

        public Conv1dWeights PackConv1d(Tensor weight, Tensor? bias, int dilation, int padding) =>
            device.ModelMemory().PackConv1d(weight, bias, dilation, padding);

        public Conv1dWeights PackFirstConv1d(Tensor weight, Tensor? bias, int dilation, int padding) =>
            device.ModelMemory().PackFirstConv1d(weight, bias, dilation, padding);

        public Conv1dWeights PackCostlyConv1d(Tensor weight, Tensor? bias, int dilation, int padding) =>
            device.ModelMemory().PackCostlyConv1d(weight, bias, dilation, padding);

        public Conv1dWeights PackConvTranspose1d(Tensor weight, Tensor? bias, int stride, int padding, int outputPadding = 0) =>
            device.ModelMemory().PackConvTranspose1d(weight, bias, stride, padding, outputPadding);

        public ResidualBlockWeights PackResidualBlocks(ResidualLayer[][] blocks, float slope) =>
            device.ModelMemory().PackResidualBlocks(blocks, slope);

        public WaveNetLayerWeights PackWaveNetLayer(WaveNetLayerTensors tensors) => device.ModelMemory().PackWaveNetLayer(tensors);

        public Tensor Allocate(int elements) => Hold(device.Borrow(elements)).Tensor;
    }

    extension(CudaCompute device)
    {
        public CudaModelMemory GpuMemory() => (CudaModelMemory)device.ModelMemory();

        public Tensor Allocate(ElementType type, params ReadOnlySpan<int> shape) => Hold(device.Borrow(type, shape)).Tensor;
    }

    /// <summary>Disposes of something when the test ends.</summary>
    public static T Hold<T>(T held)
        where T : IDisposable
    {
        lock (s_lock)
        {
            s_held.Push(held);
        }

        return held;
    }

    public static void Release()
    {
        while (s_held.TryPop(out var held))
        {
            held.Dispose();
        }
    }
}

/// <summary>Gives back what a test holds on a device, after each test.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class ReleasesTestMemoryAttribute : Attribute, ITestAction
{
    public ActionTargets Targets => ActionTargets.Test;

    public void BeforeTest(ITest test)
    {
    }

    public void AfterTest(ITest test) => TestMemory.Release();
}
