namespace CudaTts.Cuda;

/// <summary>
/// Says of a constant that the kernels' sources have it too, and export it (EXPORT_CONSTANT of kernels/common.cuh) for tests to hold this one to: a
/// size of a tile, a block's threads, a place in a layout.
/// </summary>
/// <param name="name">What the sources export it as.</param>
[AttributeUsage(AttributeTargets.Field, AllowMultiple = true)]
public sealed class KernelConstantAttribute(string name) : Attribute
{
    /// <summary>What the sources export it as.</summary>
    public string Name { get; } = name;
}
