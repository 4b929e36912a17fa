using CudaTts.Cuda;

namespace CudaTts.Benchmarks.Probe;

/// <summary>
/// How fast tensor cores are with operands from registers and from shared memory, shared memory by itself, and a copy within the device's memory.
/// </summary>
internal sealed class RateProbe(ProbeKernels kernels)
{
    private const int Threads = 256;
    private const int BlocksAMultiprocessor = 2;
    private const int Warp = 32;

    // Of a warp's round (kernels/probe): 16 products of 16 x 8 x 16, and 6 KB by ldmatrix: 4 tiles of 512 bytes and 4 of 256.
    private const double OperationsAWarp = 16 * 2.0 * 16 * 8 * 16;
    private const double BytesAWarp = (4 * 512) + (4 * 256);

    // A round is some hundred clocks here, and thousands in a broadcast.
    private const int RoundsAround = 10;
    private const int Vectors = 1 << 24;
    private const int EmulatedVectors = 1 << 10;
    private const int VectorBytes = 16;

    /// <summary>Operations and bytes a second of the whole device.</summary>
    public IEnumerable<ProbeFigure> Run()
    {
        const double tera = 1e-6;
        yield return Rate("mma.sync m16n8k16 f16, operands in registers", "probe_products", OperationsAWarp * tera, "TFLOP/s");
        yield return Rate("the same, operands by ldmatrix, warps of 64 x 32", "probe_products_from_shared", OperationsAWarp * tera, "TFLOP/s");
        yield return Rate("ldmatrix alone", "probe_loads_from_shared", BytesAWarp * tera, "TB/s");
        yield return Copy();
    }

    private ProbeFigure Rate(string what, string kernel, double aWarp, string unit)
    {
        var (blocks, rounds) = (kernels.Context.Multiprocessors * BlocksAMultiprocessor, kernels.Rounds * RoundsAround);
        using var results = new CudaMemory(kernels.Context, (long)blocks * Threads * sizeof(float));
        var microseconds = kernels.Microseconds(() => { }, () => kernels[kernel].Launch(kernels.Stream, blocks, Threads, 0, results.Address, rounds));
        return new ProbeFigure(what, aWarp * rounds * blocks * (Threads / Warp) / microseconds, unit);
    }

    private ProbeFigure Copy()
    {
        var vectors = kernels.Context.IsEmulated ? EmulatedVectors : Vectors;
        using var source = new CudaMemory(kernels.Context, (long)vectors * VectorBytes);
        using var target = new CudaMemory(kernels.Context, (long)vectors * VectorBytes);
        kernels.Stream.Fill(source.Address, 0x3F801234, (long)vectors * VectorBytes / sizeof(uint));
        var blocks = kernels.Context.Multiprocessors * 8;
        var microseconds = kernels.Microseconds(
            () => { }, () => kernels["probe_copy"].Launch(kernels.Stream, blocks, Threads, 0, source.Address, target.Address, vectors));
        return new ProbeFigure("copy within the device's memory, read and written", 2.0 * vectors * VectorBytes / microseconds / 1e3, "GB/s");
    }
}
