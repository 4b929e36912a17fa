using System.Runtime.InteropServices;
using CudaTts.Cuda;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;

/// <summary>
/// What steps put out, as it comes: memory of the host's that a kernel writes and the host reads at the same time, without a fence or a flag. A word
/// of 64 bits is a float in its lower half and its step's tag in the upper, and so tells by itself that it has come. The other way there is one word:
/// that the kernel is to end.
/// </summary>
internal sealed class StepRecords : IDisposable
{
    private readonly PinnedMemory _words;
    private readonly PinnedMemory _cancel;

    /// <summary>Allocates, with words that no tag has.</summary>
    /// <param name="context">The device.</param>
    /// <param name="rows">Rows of a launch.</param>
    /// <param name="steps">Steps of a launch.</param>
    /// <param name="width">Numbers that a step puts out for a row.</param>
    public StepRecords(CudaContext context, int rows, int steps, int width)
    {
        (Steps, Width) = (steps, width);
        _words = new PinnedMemory(context, sizeof(ulong) * (long)rows * steps * width, isMapped: true);
        _cancel = new PinnedMemory(context, sizeof(ulong), isMapped: true);
        Clear();
    }

    /// <summary>Steps of a launch at most.</summary>
    public int Steps { get; }

    /// <summary>Numbers that a step puts out for a row: frames, gate logit, alignment.</summary>
    public int Width { get; }

    /// <summary>Forgets what has come. No kernel may be under way.</summary>
    public void Clear() => _words.Span<ulong>().Clear();

    /// <summary>[rows, steps, width], for kernels.</summary>
    public CUdeviceptr WordsFor(CudaStream stream) => _words.MappedFor(stream);

    /// <summary>uint32, not 0 when the kernel is to end with the step under way, for kernels.</summary>
    public CUdeviceptr CancelFor(CudaStream stream) => _cancel.MappedFor(stream);

    /// <summary>Tells the kernel under way to end, or that the next one may go on. May be called from any thread.</summary>
    public void Cancel(bool isCancelled = true) => Volatile.Write(ref MemoryMarshal.GetReference(_cancel.Span<uint>()), isCancelled ? 1u : 0u);

    /// <summary>A row's words of a step.</summary>
    /// <param name="row">Which of the launch.</param>
    /// <param name="step">Counted from the launch's first.</param>
    public Span<ulong> Of(int row, int step) => _words.Span<ulong>().Slice(((row * Steps) + step) * Width, Width);

    /// <summary>Takes over what has come of a step, up to the first word that has not.</summary>
    /// <param name="words">The step's.</param>
    /// <param name="tag">The step's.</param>
    /// <param name="values">What is wanted, in the words' order.</param>
    /// <param name="come">How many of them have come before.</param>
    /// <returns>How many have come now.</returns>
    public static int Read(ReadOnlySpan<ulong> words, uint tag, Span<float> values, int come)
    {
        for (; come < values.Length; come++)
        {
            var word = Volatile.Read(in words[come]);
            if ((uint)(word >> 32) != tag)
            {
                break;
            }

            values[come] = BitConverter.UInt32BitsToSingle((uint)word);
        }

        return come;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _words.Dispose();
        _cancel.Dispose();
    }
}
