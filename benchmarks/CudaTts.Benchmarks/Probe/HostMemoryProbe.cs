using CudaTts.Cuda;

namespace CudaTts.Benchmarks.Probe;

/// <summary>The host's memory as kernels see it where it is mapped: the decoder's records go there, and its sign to end was read there.</summary>
internal sealed class HostMemoryProbe(ProbeKernels kernels)
{
    /// <summary>Microseconds of a read, a write and a question with its answer.</summary>
    public IEnumerable<ProbeFigure> Run()
    {
        using var memory = new PinnedMemory(kernels.Context, 2 * sizeof(ulong), isMapped: true);
        using var answer = new PinnedMemory(kernels.Context, sizeof(ulong), isMapped: true);
        using var result = new CudaMemory(kernels.Context, sizeof(ulong));
        var rounds = kernels.Rounds;

        yield return Timed("read of mapped host memory, one after another", () =>
            kernels["probe_read_mapped"].Launch(kernels.Stream, 1, 1, 0, answer.MappedFor(kernels.Stream), result.Address, rounds));
        (string What, int IsFenced)[] writes =
            [("8-byte write to mapped host memory, one after another", 0), ("the same, each until the host can see it", 1)];
        foreach (var (what, isFenced) in writes)
        {
            yield return Timed(what, () =>
                kernels["probe_write_mapped"].Launch(kernels.Stream, 1, 1, 0, memory.MappedFor(kernels.Stream), rounds, isFenced));
        }

        yield return AskHost(memory, answer, result);

        ProbeFigure Timed(string what, Action launch) => new(what, kernels.Microseconds(() => answer.Span<ulong>().Clear(), launch) / rounds, "us");
    }

    /// <summary>A thread of the host answers each number that the kernel writes.</summary>
    private ProbeFigure AskHost(PinnedMemory question, PinnedMemory answer, CudaMemory result)
    {
        var (rounds, isOver) = (kernels.Rounds, false);
        var host = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                Volatile.Write(ref answer.Span<uint>()[0], (uint)Volatile.Read(ref question.Span<ulong>()[0]));
            }
        });
        question.Span<ulong>().Clear();
        host.Start();
        try
        {
            var microseconds = kernels.Microseconds(
                () => question.Span<ulong>().Clear(),
                () => kernels["probe_ask_host"].Launch(
                    kernels.Stream, 1, 1, 0, question.MappedFor(kernels.Stream), answer.MappedFor(kernels.Stream), result.Address, rounds));
            var done = new int[1];
            kernels.Stream.Download<int>(result.Address, done);
            return new ProbeFigure(
                "write to the host and its answer", done[0] == rounds ? microseconds / rounds : null, "us",
                done[0] == rounds ? "" : $"no answer after {done[0]} of {rounds}");
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            host.Join();
        }
    }
}
