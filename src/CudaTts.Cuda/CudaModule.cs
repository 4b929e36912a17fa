using System.Runtime.InteropServices;
using System.Text;
using CudaTts.Cuda.Interop;

namespace CudaTts.Cuda;

/// <summary>Kernels loaded onto a device: PTX that the driver compiled for it, or the kernels of the emulated library.</summary>
public sealed unsafe class CudaModule : CudaHandle
{
    private const int LogBytes = 16 * 1024;

    private readonly Dictionary<string, CudaKernel> _kernels = new(StringComparer.Ordinal);

    /// <summary>Compiles PTX for the device and loads it.</summary>
    /// <param name="context">On which device.</param>
    /// <param name="name">What messages call the module: its file's name.</param>
    /// <param name="ptx">The text.</param>
    /// <exception cref="CudaException">The driver does not take it; the message holds what its compiler says.</exception>
    public CudaModule(CudaContext context, string name, string ptx)
        : this(context, name, Encoding.UTF8.GetBytes(ptx + '\0'), PtxSignature.Parse(ptx))
    {
    }

    /// <summary>Loads machine code that was compiled for just this kind of device.</summary>
    /// <param name="context">On which device.</param>
    /// <param name="name">What messages call the module: its file's name.</param>
    /// <param name="image">A cubin or fatbin, or PTX that ends with a zero byte.</param>
    /// <param name="signatures">Its kernels, from the PTX it was made of.</param>
    public CudaModule(CudaContext context, string name, ReadOnlySpan<byte> image, IReadOnlyList<PtxSignature> signatures)
        : base(context)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        if (image.IsEmpty)
        {
            throw new CudaException($"{name} is empty: there are no kernels to load.");
        }

        Name = name;
        Signatures = signatures;
        Enter();
        fixed (byte* bytes = image)
        {
            SetHandle(Load(bytes).Value);
        }

        foreach (var signature in signatures)
        {
            _kernels.Add(signature.Name, new CudaKernel(this, Function(signature.Name), signature));
        }
    }

    /// <summary>What messages call it.</summary>
    public string Name { get; }

    /// <summary>Its kernels, in the order of the PTX.</summary>
    public IReadOnlyList<PtxSignature> Signatures { get; }

    /// <summary>The kernels' names.</summary>
    public IEnumerable<string> KernelNames => _kernels.Keys;

    /// <summary>What the driver's compiler had to say; often nothing.</summary>
    public string CompilerLog { get; private set; } = "";

    /// <summary>The kernels that were compiled into the emulated library.</summary>
    /// <exception cref="CudaException">This process uses the NVIDIA driver.</exception>
    public static CudaModule Emulated(CudaContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.IsEmulated
            ? new CudaModule(context, "the emulated device", Marshal.PtrToStringUTF8((nint)DriverApi.cudatts_emulated_image()) ?? "")
            : throw new CudaException("the emulated device's kernels run on the emulated device alone; this process uses the NVIDIA driver.");
    }

    /// <summary>The kernel of a name.</summary>
    /// <exception cref="CudaException">There is none.</exception>
    public CudaKernel Kernel(string name)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        return _kernels.TryGetValue(name, out var kernel)
            ? kernel
            : throw new CudaException(
                $"{Name} has no kernel '{name}'; it has {_kernels.Count}: {string.Join(", ", _kernels.Keys.Order(StringComparer.Ordinal))}.");
    }

    private protected override void Release()
    {
        _ = DriverApi.cuModuleUnload(new CUmodule(handle));
    }

    private CUmodule Load(byte* image)
    {
        var information = stackalloc byte[LogBytes];
        var errors = stackalloc byte[LogBytes];
        information[0] = errors[0] = 0;
        const int options = 5;
        var names = stackalloc CUjit_option[options]
        {
            CUjit_option.CU_JIT_INFO_LOG_BUFFER, CUjit_option.CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES,
            CUjit_option.CU_JIT_ERROR_LOG_BUFFER, CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES,
            CUjit_option.CU_JIT_GENERATE_LINE_INFO,
        };

        // Numbers are passed in the pointer's place.
        var values = stackalloc void*[options] { information, (void*)LogBytes, errors, (void*)LogBytes, (void*)1 };
        CUmodule module;
        var result = DriverApi.cuModuleLoadDataEx(&module, image, options, names, values);
        information[LogBytes - 1] = errors[LogBytes - 1] = 0;
        if (result != CUresult.Success)
        {
            throw Context.Failed(result, $"loading the kernels of {Name}", advice: Advice(result, CudaDriver.OneLine(Text(errors))));
        }

        CompilerLog = Text(information);
        return module;
    }

    private string Advice(CUresult result, string log) => result switch
    {
        CUresult.UnsupportedPtxVersion =>
            $"the driver supports CUDA {CudaDriver.Used?.Version}, and the kernels were compiled by a newer toolkit",
        CUresult.NoBinaryForGpu =>
            $"{Context.Name} has compute capability {Context.ComputeCapability}, and the kernels were compiled for a newer one",
        _ when log.Length > 0 => $"the compiler says: {log}",
        _ => "",
    };

    private CUfunction Function(string name)
    {
        CUfunction function;
        CUresult result;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            result = DriverApi.cuModuleGetFunction(&function, new CUmodule(handle), text);
        }

        return result == CUresult.Success ? function : throw Context.Failed(result, $"finding the kernel '{name}' in {Name}");
    }

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
