namespace CudaTts.Cuda;

/// <summary>
/// The driver's result codes, as far as this project tells them apart (names and values of cuda.h; the driver names the others itself).
/// </summary>
public enum CUresult
{
    /// <summary>The call succeeded.</summary>
    Success = 0,

    /// <summary>An argument has a value that is not allowed.</summary>
    InvalidValue = 1,

    /// <summary>Not enough memory.</summary>
    OutOfMemory = 2,

    /// <summary>cuInit was not called.</summary>
    NotInitialized = 3,

    /// <summary>The library is the toolkit's stub and not a driver.</summary>
    StubLibrary = 34,

    /// <summary>The device cannot be used now: another process has it for itself, say.</summary>
    DeviceUnavailable = 46,

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

    /// <summary>The devices cannot read each other's memory.</summary>
    PeerAccessUnsupported = 217,

    /// <summary>PTX does not compile.</summary>
    InvalidPtx = 218,

    /// <summary>An uncorrectable error of a link between devices.</summary>
    NvlinkUncorrectable = 220,

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
    InvalidPc = 718,

    /// <summary>A kernel failed.</summary>
    LaunchFailed = 719,

    /// <summary>A cooperative grid has more blocks than can be resident.</summary>
    CooperativeLaunchTooLarge = 720,

    /// <summary>The process may not do this.</summary>
    NotPermitted = 800,

    /// <summary>Not possible on this device.</summary>
    NotSupported = 801,

    /// <summary>The driver's library and kernel module are of different versions.</summary>
    SystemDriverMismatch = 803,

    /// <summary>Not allowed while a stream is captured.</summary>
    StreamCaptureUnsupported = 900,

    /// <summary>What was being recorded has become invalid.</summary>
    StreamCaptureInvalidated = 901,

    /// <summary>The recording was not begun on this stream.</summary>
    StreamCaptureUnmatched = 903,

    /// <summary>The recording has work of another stream that was not joined.</summary>
    StreamCaptureUnjoined = 904,

    /// <summary>The default stream waits for a stream that is being recorded.</summary>
    StreamCaptureImplicit = 906,

    /// <summary>The event belongs to a recording.</summary>
    CapturedEvent = 907,

    /// <summary>No cluster can be of so many blocks, or a grid not of such clusters.</summary>
    InvalidClusterSize = 912,

    /// <summary>An error outside the device.</summary>
    ExternalDevice = 911,

    /// <summary>An error of no other kind.</summary>
    Unknown = 999,
}

/// <summary>What the results mean to a caller.</summary>
internal static class CUresultMeaning
{
    extension(CUresult result)
    {
        /// <summary>Whether the context is of no more use after this error: every later call fails, and only a new process helps.</summary>
        public bool IsSticky => result is CUresult.EccUncorrectable or CUresult.NvlinkUncorrectable
            or CUresult.IllegalAddress or CUresult.LaunchTimeout or CUresult.ContextIsDestroyed
            or CUresult.Assert or CUresult.HardwareStackError or CUresult.IllegalInstruction
            or CUresult.MisalignedAddress or CUresult.InvalidAddressSpace or CUresult.InvalidPc
            or CUresult.LaunchFailed or CUresult.ExternalDevice;
    }
}
