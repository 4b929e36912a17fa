using System.Runtime.CompilerServices;

namespace CudaTts.Cuda;

/// <summary>What a kernel's parameter is, as far as PTX tells: pointers and 64-bit integers are the same, signed and unsigned too.</summary>
public enum ParameterKind
{
    /// <summary>A pointer or a 64-bit integer.</summary>
    Word64,

    /// <summary>A 32-bit integer.</summary>
    Word32,

    /// <summary>A number as float32.</summary>
    Single,

    /// <summary>A structure, which is then the only parameter.</summary>
    Structure,
}

/// <summary>One argument of a launch. Made from the value itself; nothing is boxed.</summary>
public readonly struct KernelArgument
{
    // A 32-bit value is the first half of these, as all CUDA hosts are little-endian; the driver is given their address.
    internal readonly ulong Bits;

    private KernelArgument(ParameterKind kind, ulong bits) => (Kind, Bits) = (kind, bits);

    /// <summary>What it is.</summary>
    public ParameterKind Kind { get; }

    /// <summary>An address in device memory.</summary>
    public static implicit operator KernelArgument(CUdeviceptr value) => new(ParameterKind.Word64, (ulong)value.Value);

    /// <summary>A 64-bit integer.</summary>
    public static implicit operator KernelArgument(long value) => new(ParameterKind.Word64, (ulong)value);

    /// <summary>An unsigned 64-bit integer.</summary>
    public static implicit operator KernelArgument(ulong value) => new(ParameterKind.Word64, value);

    /// <summary>A 32-bit integer.</summary>
    public static implicit operator KernelArgument(int value) => new(ParameterKind.Word32, (uint)value);

    /// <summary>An unsigned 32-bit integer.</summary>
    public static implicit operator KernelArgument(uint value) => new(ParameterKind.Word32, value);

    /// <summary>A number as float32.</summary>
    public static implicit operator KernelArgument(float value) => new(ParameterKind.Single, Unsafe.BitCast<float, uint>(value));

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        ParameterKind.Word64 => $"0x{Bits:x}",
        ParameterKind.Word32 => $"{(int)Bits}",
        _ => FormattableString.Invariant($"{Unsafe.BitCast<uint, float>((uint)Bits)}f"),
    };
}
