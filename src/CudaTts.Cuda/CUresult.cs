namespace CudaTts.Cuda;

/// <summary>The driver's result codes, as far as this project tells them apart (names and values of cuda.h; the driver names the others itself).</summary>
public enum CUresult
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>An argument has a value that is not allowed.</summary>
    InvalidValue = 1,

    /// <summary>Not enough memory.</summary>
    OutOfMemory = 2,

    /// <summary>cuInit was not called.</summary>
    NotInitialized = 3,

    /// <summary>There is no device.</summary>
    NoDevice = 100,

    /// <summary>No device has this ordinal.</summary>
    InvalidDevice = 101,

    /// <summary>A module's image cannot be used.</summary>
    InvalidImage = 200,

    /// <summary>No context is current, or it is gone.</summary>
    InvalidContext = 201,

    /// <summary>No code for this device.</summary>
    NoBinaryForGpu = 209,

    /// <summary>An uncorrectable memory error.</summary>
    EccUncorrectable = 214,

    /// <summary>PTX does not compile.</summary>
    InvalidPtx = 218,

    /// <summary>PTX is of a version that this driver does not know.</summary>
    UnsupportedPtxVersion = 222,

    /// <summary>A handle is not one.</summary>
    InvalidHandle = 400,

    /// <summary>A name was not found.</summary>
    NotFound = 500,

    /// <summary>Not finished yet; no error.</summary>
    NotReady = 600,

    /// <summary>A kernel touched memory that is not allocated.</summary>
    IllegalAddress = 700,

    /// <summary>A launch wants more registers or shared memory than there are.</summary>
    LaunchOutOfResources = 701,

    /// <summary>A kernel ran for too long on a device that also drives a display.</summary>
    LaunchTimeout = 702,

    /// <summary>The context was destroyed.</summary>
    ContextIsDestroyed = 709,

    /// <summary>A device-side assertion failed.</summary>
    Assert = 710,

    /// <summary>An error in a kernel's stack.</summary>
    HardwareStackError = 714,

    /// <summary>An illegal instruction.</summary>
    IllegalInstruction = 715,

    /// <summary>An access that is not aligned to its size.</summary>
    MisalignedAddress = 716,

    /// <summary>An address of a wrong address space.</summary>
    InvalidAddressSpace = 717,

    /// <summary>A program counter that is not one.</summary>
    InvalidProgramCounter = 718,

    /// <summary>A kernel failed.</summary>
    LaunchFailed = 719,

    /// <summary>A cooperative grid has more blocks than can be resident.</summary>
    CooperativeLaunchTooLarge = 720,

    /// <summary>Not allowed while a stream is captured.</summary>
    StreamCaptureUnsupported = 900,

    /// <summary>A graph cannot be updated to another of different topology.</summary>
    GraphExecUpdateFailure = 910,

    /// <summary>Something else.</summary>
    Unknown = 999,
}

/// <summary>Attributes of a device (CUdevice_attribute of cuda.h).</summary>
public enum DeviceAttribute
{
    /// <summary>Most threads of a block.</summary>
    MaxThreadsPerBlock = 1,

    /// <summary>Threads of a warp.</summary>
    WarpSize = 10,

    /// <summary>Kilohertz.</summary>
    ClockRate = 13,

    /// <summary>Number of multiprocessors.</summary>
    MultiprocessorCount = 16,

    /// <summary>Bytes of the second-level cache.</summary>
    L2CacheSize = 38,

    /// <summary>First number of the compute capability.</summary>
    ComputeCapabilityMajor = 75,

    /// <summary>Second number of the compute capability.</summary>
    ComputeCapabilityMinor = 76,

    /// <summary>Bytes of shared memory of a multiprocessor.</summary>
    MaxSharedMemoryPerMultiprocessor = 81,

    /// <summary>32-bit registers of a multiprocessor.</summary>
    MaxRegistersPerMultiprocessor = 82,

    /// <summary>Whether cooperative launches are possible.</summary>
    CooperativeLaunch = 95,

    /// <summary>Bytes of shared memory that a block may have when its kernel asks for them.</summary>
    MaxSharedMemoryPerBlockOptin = 97,
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
