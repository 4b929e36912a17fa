namespace CudaTts.Cuda;

/// <summary>Attributes of a device (CUdevice_attribute of cuda.h).</summary>
public enum DeviceAttribute
{
    /// <summary>Most threads of a block.</summary>
    MaxThreadsPerBlock = 1,

    /// <summary>The clock rate in kilohertz.</summary>
    ClockRate = 13,

    /// <summary>Number of multiprocessors.</summary>
    MultiprocessorCount = 16,

    /// <summary>Bus of the device.</summary>
    PciBusId = 33,

    /// <summary>Slot of the device.</summary>
    PciDeviceId = 34,

    /// <summary>Kilohertz of the memory.</summary>
    MemoryClockRate = 36,

    /// <summary>Bits of the memory bus.</summary>
    GlobalMemoryBusWidth = 37,

    /// <summary>Most threads of a multiprocessor.</summary>
    MaxThreadsPerMultiprocessor = 39,

    /// <summary>PCI domain of the device.</summary>
    PciDomainId = 50,

    /// <summary>First number of the compute capability.</summary>
    ComputeCapabilityMajor = 75,

    /// <summary>Second number of the compute capability.</summary>
    ComputeCapabilityMinor = 76,

    /// <summary>Bytes of shared memory that a block may have when its kernel asks for them.</summary>
    MaxSharedMemoryPerBlockOptin = 97,

    /// <summary>Whether launches in clusters of blocks are possible.</summary>
    ClusterLaunch = 120,
}

/// <summary>Attributes of a kernel (CUfunction_attribute of cuda.h).</summary>
public enum FunctionAttribute
{
    /// <summary>Most threads of a block of this kernel.</summary>
    MaxThreadsPerBlock = 0,

    /// <summary>Bytes of static shared memory.</summary>
    SharedSizeBytes = 1,

    /// <summary>Bytes of local memory of a thread: spills and stack.</summary>
    LocalSizeBytes = 3,

    /// <summary>Registers of a thread.</summary>
    NumRegs = 4,

    /// <summary>Most bytes of dynamic shared memory that a launch may ask for.</summary>
    MaxDynamicSharedSizeBytes = 8,
}
