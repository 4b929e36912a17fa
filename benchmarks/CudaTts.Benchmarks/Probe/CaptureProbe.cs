using CudaTts.Cuda;

namespace CudaTts.Benchmarks.Probe;

/// <summary>What may be made while a stream is captured thread by thread: whether it breaks the capture is said nowhere.</summary>
internal sealed class CaptureProbe(ProbeKernels kernels)
{
    /// <summary>1 where the capture goes on and its graph runs, 0 where it does not.</summary>
    public IEnumerable<ProbeFigure> Run()
    {
        yield return Try("nothing", () => { });
        yield return Try("an event", () => new CudaEvent(kernels.Context).Dispose());
        yield return Try("a stream", () => new CudaStream(kernels.Context).Dispose());
        yield return Try("device memory", () => new CudaMemory(kernels.Context, 1024).Dispose());
        yield return Try("a module, loaded", () => ProbeKernels.Load(kernels.Context).Dispose());
    }

    private ProbeFigure Try(string what, Action make)
    {
        var name = $"made during a capture: {what}";
        using var stream = new CudaStream(kernels.Context);
        using var memory = new CudaMemory(kernels.Context, 2 * sizeof(ulong));
        stream.Clear(memory.Address, memory.Bytes);
        stream.Synchronize();
        try
        {
            using var graph = stream.Capture(() =>
            {
                make();
                kernels["probe_read"].Launch(stream, 1, 1, 0, memory.Address, memory.Address, 1);
            });
            graph.Launch(stream);
            stream.Synchronize();
            return new ProbeFigure(name, 1, "", "goes on");
        }
        catch (CudaException error)
        {
            // Not a failure of the probe: this is what it is for.
            return new ProbeFigure(name, 0, "", error.Message.ReplaceLineEndings(" "));
        }
    }
}
