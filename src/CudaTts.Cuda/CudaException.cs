using System.Runtime.InteropServices;

namespace CudaTts.Cuda;

/// <summary>A call of the CUDA driver failed. The message is one line: what was done, what the driver says, and on the emulated device what the kernel did.</summary>
public sealed class CudaException : Exception
{
    /// <summary>A failure that no result code describes.</summary>
    public CudaException(string message)
        : base(message) => Result = CUresult.Unknown;

    private CudaException(CUresult result, string message)
        : base(message) => Result = result;

    /// <summary>What the driver returned.</summary>
    public CUresult Result { get; }

    /// <summary>Whether the context is lost: every later call will fail, and only a new process helps.</summary>
    public bool IsSticky => Result is CUresult.EccUncorrectable or CUresult.IllegalAddress or CUresult.LaunchTimeout or CUresult.ContextIsDestroyed
        or CUresult.Assert or CUresult.HardwareStackError or CUresult.IllegalInstruction or CUresult.MisalignedAddress or CUresult.InvalidAddressSpace
        or CUresult.InvalidProgramCounter or CUresult.LaunchFailed;

    /// <summary>Throws when <paramref name="result"/> is a failure.</summary>
    /// <param name="result">What the driver returned.</param>
    /// <param name="action">What was done, for the message: the function's or the kernel's name.</param>
    public static void Check(CUresult result, string action)
    {
        if (result != CUresult.Success)
        {
            throw Of(result, action);
        }
    }

    internal static CudaException Of(CUresult result, string action, string details = "")
    {
        var report = CudaDriver.Kind == DriverKind.Emulated ? EmulatedReport() : "";
        var rest = string.Join("; ", new[] { details, report }.Where(part => part.Length > 0));
        return new CudaException(result, $"{action}: {NameOf(result)}{(rest.Length > 0 ? $": {rest}" : "")}".ReplaceLineEndings(" "));
    }

    internal static unsafe string NameOf(CUresult result)
    {
        if (DriverApi.GetErrorName(result, out var name) != CUresult.Success || name == null)
        {
            return $"error {(int)result}";
        }

        return DriverApi.GetErrorText(result, out var text) == CUresult.Success && text != null
            ? $"{Marshal.PtrToStringUTF8((nint)name)} ({Marshal.PtrToStringUTF8((nint)text)})"
            : Marshal.PtrToStringUTF8((nint)name)!;
    }

    private static unsafe string EmulatedReport() => Marshal.PtrToStringUTF8((nint)DriverApi.EmulatedReport()) ?? "";
}
