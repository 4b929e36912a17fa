using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <content>
/// Residual blocks of long sequences, part after part: all layers of a part find in the cache what the layer before has left there, where those of
/// the whole sequence would fetch it from memory. A part has as many steps beside it as its layers see, which are computed again.
/// </content>
public sealed partial class CpuCompute
{
    // Of one sequence of a part, of which there are four: two megabytes, which a core has to itself in the second- and third-level caches.
    private const int PartFloats = 128 * 1024;

    // A part is at least so many times as long as what its layers see on one side: not much more than a part in 24 is computed again.
    private const int LeastReaches = 48;

    // Of fewer parts a thread some would be idle in the last round for too long, where threads that share every layer are not.
    private const int LeastPartsPerThread = 2;

    [ThreadStatic]
    private static Tensor? _partMemory;

    /// <inheritdoc/>
    private protected override void RunResidualBlocks(
        Tensor input, ResidualBlockWeights weights, Tensor output, Tensor firstBuffer, Tensor secondBuffer, CancellationToken cancellation)
    {
        var (steps, reach) = (input[2], weights.Reach);
        var length = Math.Max(PartFloats / weights.Channels, LeastReaches * reach);
        var parts = Ceiling.Of(steps, length);
        if (input[0] > 1 || parts < LeastPartsPerThread * _team.Count)
        {
            base.RunResidualBlocks(input, weights, output, firstBuffer, secondBuffer, cancellation);
            return;
        }

        _team.RunTasks(parts, part =>
        {
            var (start, end) = ((int)((long)part * steps / parts), (int)((part + 1L) * steps / parts));
            var (from, to) = (Math.Max(0, start - reach), Math.Min(steps, end + reach));
            var size = weights.Channels * (to - from);
            var memory = _partMemory is { } kept && kept.Length >= 4 * size ? kept : _partMemory = Tensor.Uninitialized(4 * size);
            using var rows = new RowLengths([to - from]);
            var (x, y) = (memory.Slice(0, size).AsSequence(rows, weights.Channels), memory.Slice(size, size).AsSequence(rows, weights.Channels));
            CopySteps(input, from, x, 0, to - from);
            weights.RunSeparately(this, x, y, memory.Slice(2 * size, size), memory.Slice(3 * size, size), cancellation);
            CopySteps(y, start - from, output, start, end - start);
        });
    }

    private static void CopySteps(Tensor source, int from, Tensor destination, int to, int count)
    {
        for (var channel = 0; channel < source[1]; channel++)
        {
            source.Span.Slice((channel * source[2]) + from, count).CopyTo(destination.Span[((channel * destination[2]) + to)..]);
        }
    }
}
