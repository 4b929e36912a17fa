using System.Runtime.InteropServices;

namespace CudaTts.Cuda.Interop;

/// <summary>Which attribute of a launch.</summary>
internal enum CUlaunchAttributeID
{
    CU_LAUNCH_ATTRIBUTE_COOPERATIVE = 2,
    CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION = 4,
}

/// <summary>One attribute; its value is a union of 64 bytes, of which these two attributes use the first twelve.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal readonly struct CUlaunchAttribute
{
    [FieldOffset(0)]
    public readonly CUlaunchAttributeID Id;

    // The flag of Cooperative is in the place of X.
    [FieldOffset(8)]
    public readonly int X;

    [FieldOffset(12)]
    public readonly int Y;

    [FieldOffset(16)]
    public readonly int Z;

    private CUlaunchAttribute(CUlaunchAttributeID id, int x, int y, int z) => (Id, X, Y, Z) = (id, x, y, z);

    public static CUlaunchAttribute Cooperative => new(CUlaunchAttributeID.CU_LAUNCH_ATTRIBUTE_COOPERATIVE, 1, 0, 0);

    public static CUlaunchAttribute Clusters(int blocks) => new(CUlaunchAttributeID.CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION, blocks, 1, 1);
}

/// <summary>What cuLaunchKernelEx launches.</summary>
internal unsafe struct CUlaunchConfig
{
    public uint GridDimX;
    public uint GridDimY;
    public uint GridDimZ;
    public uint BlockDimX;
    public uint BlockDimY;
    public uint BlockDimZ;
    public uint SharedMemBytes;
    public CUstream HStream;
    public CUlaunchAttribute* Attrs;
    public uint NumAttrs;
}
