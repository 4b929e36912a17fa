using System.Runtime.CompilerServices;

namespace CudaTts.Cuda;

/// <summary>What a kernel's parameter is, as far as PTX tells: pointers and 64-bit integers are the same, signed and unsigned too.</summary>
public enum ParameterKind
{
    /// <summary>A pointer or a 64-bit integer.</summary>
    Word64,

    /// <summary>A 32-bit integer.</summary>
    Word32,

    /// <summary>A float.</summary>
    Single,
}

/// <summary>One argument of a launch. Made from the value itself; nothing is boxed.</summary>
public readonly struct KernelArgument
{
    internal readonly ulong Bits;

    private KernelArgument(ParameterKind kind, ulong bits) => (Kind, Bits) = (kind, bits);

    /// <summary>What it is.</summary>
    public ParameterKind Kind { get; }

    /// <summary>A pointer.</summary>
    public static implicit operator KernelArgument(CUdeviceptr value) => new(ParameterKind.Word64, (ulong)value.Value);

    /// <summary>A 64-bit integer.</summary>
    public static implicit operator KernelArgument(long value) => new(ParameterKind.Word64, (ulong)value);

    /// <summary>An unsigned 64-bit integer.</summary>
    public static implicit operator KernelArgument(ulong value) => new(ParameterKind.Word64, value);

    /// <summary>A 32-bit integer.</summary>
    public static implicit operator KernelArgument(int value) => new(ParameterKind.Word32, (uint)value);

    /// <summary>An unsigned 32-bit integer.</summary>
    public static implicit operator KernelArgument(uint value) => new(ParameterKind.Word32, value);

    /// <summary>A float.</summary>
    public static implicit operator KernelArgument(float value) => new(ParameterKind.Single, Unsafe.BitCast<float, uint>(value));
}

/// <summary>Extents of a grid or a block.</summary>
public readonly record struct Dim3(int X, int Y = 1, int Z = 1)
{
    /// <summary>One extent.</summary>
    public static implicit operator Dim3(int x) => new(x);
}
