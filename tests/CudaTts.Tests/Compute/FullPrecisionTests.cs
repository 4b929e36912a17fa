using CudaTts.Compute;
using CudaTts.Compute.Cpu;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tensors;
using CudaTts.Tests.Kernels;

namespace CudaTts.Tests.Compute;

/// <summary>A device of half precision has another of full precision beside itself, which shares all that it has.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class FullPrecisionTests
{
    private CudaCompute _device = null!;

    [SetUp]
    public void Open()
    {
        if (CudaDriver.WhyNot(DriverKind.Emulated) is { } reason)
        {
            Assert.Ignore(reason);
        }

        _device = (CudaCompute)ComputeDevice.Open(new DeviceOptions { Name = "emulated", Precision = Precision.Half });
    }

    [TearDown]
    public void Close() => _device?.Dispose();

    [Test]
    public void A_device_of_full_precision_is_its_own()
    {
        using var cpu = new CpuCompute(1);
        using var emulated = ComputeDevice.Open(new DeviceOptions { Name = "emulated", Precision = Precision.Full });
        Assert.That(cpu.FullPrecision, Is.SameAs(cpu));
        Assert.That(emulated.FullPrecision, Is.SameAs(emulated));
        Assert.That(_device.FullPrecision.FullPrecision, Is.SameAs(_device.FullPrecision));
    }

    [Test]
    public void It_computes_in_full_precision_with_what_the_device_has()
    {
        var full = (CudaCompute)_device.FullPrecision;
        Assert.That(full, Is.SameAs(_device.FullPrecision).And.Not.SameAs(_device));
        Assert.That((full.Precision, full.Name, full.ElementBytes), Is.EqualTo((Precision.Full, "emulated", 4)));
        Assert.That((full.Context, full.Stream, full.Memory, full.Kernels),
            Is.EqualTo((_device.Context, _device.Stream, _device.Memory, _device.Kernels)));

        var (input, weight) = (KernelValues.Random(1, 1, 1, 5, 7), KernelValues.Random(2, 1, 6, 5, 3));
        var expected = Array.ConvertAll(ReferenceOperations.Conv1d(input, weight, null, 1, 1, 1), value => (float)value);
        Assert.That(Nmse.Of(Convolve(full, input, weight).Span, expected), Is.LessThan(1e-12));
        Assert.That(Nmse.Of(Convolve(_device, input, weight).Span, expected), Is.GreaterThan(1e-9));
    }

    [Test]
    public void Neither_takes_the_weights_of_the_other()
    {
        var full = (CudaCompute)_device.FullPrecision;
        var weight = KernelValues.Random(2, 1, 6, 5, 3);
        foreach (var (own, other) in new[] { (_device, full), (full, _device) })
        {
            var rows = own.Rows(7);
            var (x, y) = (own.Allocate(35).AsSequence(rows, 5), own.Allocate(42).AsSequence(rows, 6));
            Assert.That(() => own.Conv1d(x, other.PackConv1d(weight, null, 1, 1), y), Throws.ArgumentException);
        }
    }

    [Test]
    public void Its_stages_are_the_devices()
    {
        using (var recorder = new StageRecorder(_device.FullPrecision))
        {
            Assert.That(_device.Stages, Is.SameAs(recorder));
            Assert.That(_device.FullPrecision.Stages, Is.SameAs(recorder));
        }

        Assert.That(_device.FullPrecision.Stages, Is.Null);
    }

    [Test]
    public void The_device_disposes_of_it_and_of_its_models()
    {
        var full = _device.FullPrecision;
        var model = full.CreateModelMemory();
        model.Store(KernelValues.Random(1, 1, 100));
        var workspace = model.KeepWorkspace(2);
        workspace.Take(50).Dispose();
        Assert.That((_device.Context.AllocatedBytes > 0, _device.Memory.LentBytes > 0), Is.EqualTo((true, true)));

        _device.Dispose();

        Assert.That((_device.Context.AllocatedBytes, full.IsDisposed), Is.EqualTo((0L, true)));
        Assert.That(() => model.BeginRun(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => full.CreateModelMemory(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => _device.FullPrecision, Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Disposing_of_it_alone_leaves_the_device_as_it_is()
    {
        _device.FullPrecision.Dispose();
        var (input, weight) = (KernelValues.Random(1, 1, 1, 5, 7), KernelValues.Random(2, 1, 6, 5, 3));
        Assert.That(Convolve(_device, input, weight).Span.ToArray(), Is.Not.All.Zero);
    }

    private static Tensor Convolve(CudaCompute device, Tensor input, Tensor weight)
    {
        var rows = device.Rows(input[2]);
        var x = device.Allocate(input.Length).AsSequence(rows, input[1]);
        device.Upload(input, x);
        var y = device.Allocate(weight[0] * input[2]).AsSequence(rows, weight[0]);
        device.Conv1d(x, device.PackConv1d(weight, null, 1, 1), y);
        return device.Download(y);
    }
}
