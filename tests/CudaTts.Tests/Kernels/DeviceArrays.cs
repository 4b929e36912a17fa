using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>Arrays of one kernel test in a device's memory.</summary>
internal sealed class DeviceArrays(CudaCompute device) : IDisposable
{
    private readonly List<CudaMemory> _memory = [];

    public CudaStream Stream => device.Enter();

    public CUdeviceptr Of<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var memory = new CudaMemory(device.Context, values.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
        _memory.Add(memory);
        Stream.Upload(values, memory.Address);
        return memory.Address;
    }

    public CUdeviceptr Of(params float[] values) => Of<float>(values);

    public CUdeviceptr Of(params int[] values) => Of<int>(values);

    /// <summary>Floats in the precision of the device's matrices.</summary>
    public CUdeviceptr Matrix(ReadOnlySpan<float> values) => device.Type == ElementType.Float32
        ? Of(values)
        : Of<Half>(Array.ConvertAll(values.ToArray(), value => (Half)value));

    public float[] Floats(CUdeviceptr address, int count)
    {
        var values = new float[count];
        Stream.Download<float>(address, values);
        return values;
    }

    public int[] Integers(CUdeviceptr address, int count)
    {
        var values = new int[count];
        Stream.Download<int>(address, values);
        return values;
    }

    public void Dispose()
    {
        foreach (var memory in _memory)
        {
            memory.Dispose();
        }
    }
}
