namespace CudaTts.Cuda;

/// <summary>
/// What a device can do at most, from its own attributes: multiprocessors times clock times what one
/// does in a cycle, and memory clock times bus width. The clock is the highest that the driver allows,
/// which a loaded device does not always hold: shares of these peaks are rather too low than too high.
/// </summary>
/// <param name="TensorOperations">Operations a second on tensor cores, dense, float16 with float32 sums; null where it is not known.</param>
/// <param name="FloatOperations">Operations a second in float32; null where it is not known.</param>
/// <param name="MemoryBytes">Bytes a second of the device memory; null where the driver does not tell.</param>
public sealed record DevicePeak(double? TensorOperations, double? FloatOperations, double? MemoryBytes)
{
    private const double Kilohertz = 1000;

    /// <summary>The peaks of a device.</summary>
    public static DevicePeak Of(CudaContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Of(
            context.ComputeCapability, context.Name, context.Multiprocessors, context.Attribute(DeviceAttribute.ClockRate) * Kilohertz,
            context.MemoryBandwidth);
    }

    internal static DevicePeak Of(Version capability, string name, int multiprocessors, double clock, double memoryBytes)
    {
        // Operations of a multiprocessor in a cycle, a multiplication with its addition counted as two. Float32: NVIDIA's CUDA C++ programming guide,
        // table of arithmetic throughput (64 or 128 lanes). Tensor cores: the architectures' white papers (A100: 1,024 products; GA102 and AD102:
        // 512; H100: 2,048); on GeForce boards of 8.6 and 8.9 the rate with float32 sums is half of that.
        var halved = name.Contains("GeForce", StringComparison.Ordinal);
        (int Tensor, int Float)? rates = capability switch
        {
            { Major: 8, Minor: 0 } => (2048, 128),
            { Major: 8, Minor: 6 or 9 } => (halved ? 512 : 1024, 256),
            { Major: 9, Minor: 0 } => (4096, 256),
            _ => null,
        };
        double? PerSecond(int? operations) => operations * multiprocessors * clock;
        return new DevicePeak(PerSecond(rates?.Tensor), PerSecond(rates?.Float), memoryBytes > 0 ? memoryBytes : null);
    }
}
