using System.Runtime.InteropServices;
using System.Text;

namespace CudaTts.Cuda;

/// <summary>Loaded device code.</summary>
public sealed unsafe class CudaModule : IDisposable
{
    private const int LogBytes = 8192;

    // CUjit_option of cuda.h.
    private const int ErrorLogBuffer = 5;
    private const int ErrorLogBufferBytes = 6;
    private readonly Dictionary<string, PtxSignature> _signatures;
    private readonly CudaContext _context;
    private readonly string _name;
    private CUmodule _module;

    /// <summary>Compiles PTX for the device and loads it.</summary>
    /// <param name="context">The device.</param>
    /// <param name="name">What messages call the module.</param>
    /// <param name="ptx">The text.</param>
    /// <exception cref="CudaException">The driver refuses it; the message has the compiler's first line.</exception>
    public CudaModule(CudaContext context, string name, string ptx)
    {
        ArgumentNullException.ThrowIfNull(context);
        (_context, _name) = (context, name);
        _signatures = PtxSignature.Parse(ptx).ToDictionary(signature => signature.Name);
        context.MakeCurrent();
        var image = Encoding.UTF8.GetBytes(ptx + "\0");
        var log = new byte[LogBytes];
        int[] options = [ErrorLogBuffer, ErrorLogBufferBytes];
        fixed (byte* imageStart = image, logStart = log)
        fixed (int* optionStart = options)
        {
            nint[] values = [(nint)logStart, LogBytes];
            fixed (nint* valueStart = values)
            {
                var result = DriverApi.ModuleLoadData(out _module, imageStart, (uint)options.Length, optionStart, valueStart);
                if (result != CUresult.Success)
                {
                    throw CudaException.Of(result, $"loading the kernels of {name}", Encoding.UTF8.GetString(log).TrimEnd('\0').Trim());
                }
            }
        }
    }

    /// <summary>The kernels' names.</summary>
    public IEnumerable<string> KernelNames => _signatures.Keys;

    /// <summary>The kernels that were compiled into the emulated device.</summary>
    public static CudaModule Emulated(CudaContext context) =>
        new(context, "the emulated device", Marshal.PtrToStringUTF8((nint)DriverApi.EmulatedImage()) ?? "");

    /// <summary>A kernel.</summary>
    /// <exception cref="CudaException">There is none of this name.</exception>
    public CudaKernel Kernel(string name)
    {
        ObjectDisposedException.ThrowIf(_module.Value == 0, this);
        if (!_signatures.TryGetValue(name, out var signature))
        {
            throw new CudaException($"{_name} has no kernel '{name}'.");
        }

        CudaException.Check(DriverApi.ModuleGetFunction(out var function, _module, name), $"cuModuleGetFunction({name})");
        return new CudaKernel(function, signature);
    }

    /// <summary>Unloads the code; its kernels cannot be launched any more.</summary>
    public void Dispose()
    {
        if (_module.Value != 0)
        {
            _context.MakeCurrent();
            DriverApi.ModuleUnload(_module);
            _module = default;
        }
    }
}
