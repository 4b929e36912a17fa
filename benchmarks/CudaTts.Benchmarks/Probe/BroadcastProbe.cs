using CudaTts.Cuda;

namespace CudaTts.Benchmarks.Probe;

/// <summary>
/// What blocks that wait for each other wait for: mailboxes of tagged words, as the persistent decoder has them, a barrier, and a trip to L2.
/// </summary>
internal sealed class BroadcastProbe(ProbeKernels kernels)
{
    // As the persistent decoder has them.
    private const int Blocks = 128;
    private const int Threads = 256;
    private const int Parities = 2;
    private const uint GivenUp = uint.MaxValue;
    private const int ClusterBlocks = 8;

    /// <summary>Microseconds a round of each.</summary>
    public IEnumerable<ProbeFigure> Run()
    {
        var blocks = Math.Min(Blocks, kernels["probe_broadcast"].MostCooperativeBlocks(Threads));
        foreach (var words in (int[])[64, 256, 1024])
        {
            yield return Broadcast(blocks, words);
        }

        foreach (var words in kernels.HasClusters ? (int[])[64, 256, 1024] : [])
        {
            yield return ClusterBroadcast(words);
        }

        yield return Barrier(blocks);
        yield return Read();
    }

    private ProbeFigure Broadcast(int blocks, int words)
    {
        using var mail = new CudaMemory(kernels.Context, (long)Parities * words * sizeof(ulong));
        using var sums = new CudaMemory(kernels.Context, (long)blocks * Threads * sizeof(uint));
        var microseconds = kernels.Microseconds(
            () => kernels.Stream.Clear(mail.Address, mail.Bytes),
            () => kernels["probe_broadcast"].LaunchCooperative(
                kernels.Stream, blocks, Threads, 0, mail.Address, sums.Address, words, kernels.Rounds));
        return Checked($"broadcast of {words} words, {blocks} blocks", microseconds, sums, words, blocks, together: 2);
    }

    /// <summary>The same within clusters, through the shared memory of their blocks.</summary>
    private ProbeFigure ClusterBroadcast(int words)
    {
        var clusters = Math.Min(Blocks / ClusterBlocks, kernels["probe_cluster_broadcast"].MostClusters(Threads, 0, ClusterBlocks));
        var blocks = clusters * ClusterBlocks;
        if (clusters == 0)
        {
            return new ProbeFigure($"broadcast of {words} words within clusters of {ClusterBlocks}", null, "us", "the device holds no such clusters");
        }

        using var sums = new CudaMemory(kernels.Context, (long)blocks * Threads * sizeof(uint));
        var microseconds = kernels.Microseconds(
            () => { },
            () => kernels["probe_cluster_broadcast"].LaunchCooperativeClusters(
                kernels.Stream, ClusterBlocks, blocks, Threads, 0, sums.Address, words, kernels.Rounds));
        return Checked($"broadcast of {words} words within each of {clusters} clusters of {ClusterBlocks}", microseconds, sums, words, blocks,
            together: 1);
    }

    // together: words side by side that a thread takes.
    private ProbeFigure Checked(string what, double microseconds, CudaMemory sums, int words, int blocks, int together)
    {
        var received = new uint[blocks * Threads];
        kernels.Stream.Download<uint>(sums.Address, received);
        return received.Contains(GivenUp) ? new ProbeFigure(what, null, "us", "a block waited in vain")
            : received.Where((sum, i) => sum != Expected(i % Threads, words, together)).Any()
                ? new ProbeFigure(what, null, "us", "words came that nobody had sent")
            : new ProbeFigure(what, microseconds / kernels.Rounds, "us");
    }

    // Each word is its column, and tags add nothing to it.
    private uint Expected(int thread, int words, int together)
    {
        uint sum = 0;
        for (var column = 0; column < words; column++)
        {
            sum += column / together % Threads == thread ? (uint)(column * kernels.Rounds) : 0;
        }

        return sum;
    }

    private ProbeFigure Barrier(int blocks)
    {
        using var counter = new CudaMemory(kernels.Context, sizeof(uint));
        var microseconds = kernels.Microseconds(
            () => kernels.Stream.Clear(counter.Address, counter.Bytes),
            () => kernels["probe_grid_barrier"].LaunchCooperative(kernels.Stream, blocks, Threads, 0, counter.Address, kernels.Rounds));
        return new ProbeFigure($"grid barrier, {blocks} blocks", microseconds / kernels.Rounds, "us");
    }

    private ProbeFigure Read()
    {
        using var words = new CudaMemory(kernels.Context, 2 * sizeof(ulong));
        kernels.Stream.Clear(words.Address, words.Bytes);
        var microseconds = kernels.Microseconds(
            () => { }, () => kernels["probe_read"].Launch(kernels.Stream, 1, 1, 0, words.Address, words.Address, kernels.Rounds));
        return new ProbeFigure("relaxed read of one word, one after another", microseconds / kernels.Rounds, "us", "a trip to L2");
    }
}
