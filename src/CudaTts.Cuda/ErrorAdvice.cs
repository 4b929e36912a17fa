namespace CudaTts.Cuda;

/// <summary>What a user can do about what the driver answers.</summary>
internal static class ErrorAdvice
{
    private const string Anew = "the device can't be used again before the program is started anew";

    /// <summary>A clause for the end of a message; empty where nothing is known to help.</summary>
    public static string For(CUresult result) => result switch
    {
        CUresult.OutOfMemory =>
            "ask for less at once (a shorter text, fewer texts, --precision float16), end what else uses the device, or use another with --device",
        CUresult.DeviceUnavailable => "another process may have the device for itself; end it, or use another device with --device",
        CUresult.NoDevice or CUresult.InvalidDevice => "see 'cudatts doctor' for the devices that are here",
        CUresult.EccUncorrectable =>
            $"the device's memory is damaged or was disturbed: {Anew}, and if it happens again the device needs its owner's attention",
        CUresult.NvlinkUncorrectable =>
            $"the link between devices is damaged or was disturbed: {Anew}, and if it happens again it needs its owner's attention",
        CUresult.LaunchTimeout =>
            $"a kernel ran longer than a device that also drives a display may; {Anew}, with a shorter text or on another device",
        CUresult.ContextIsDestroyed or CUresult.ExternalDevice => $"the device was reset or taken away; {Anew}",
        CUresult.PeerAccessUnsupported => "use devices that reach each other's memory, or one alone",
        CUresult.NotPermitted => "the process lacks the right to use the device so; ask whoever runs the machine",
        CUresult.SystemDriverMismatch =>
            "the kernel module and the driver library are of different versions; restart the machine after the driver's update",
        CUresult.UnsupportedPtxVersion or CUresult.StubLibrary => "install a newer driver",
        CUresult.Unknown => "the device may have been lost; see the system's log, and start the program anew",
        _ when result.IsSticky => Anew,
        _ => "",
    };
}
