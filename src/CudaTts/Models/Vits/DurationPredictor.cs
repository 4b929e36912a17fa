using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models.Vits;

/// <summary>Says how long each token lasts. It runs in float32 on every device: a duration is rounded up to whole frames.</summary>
internal abstract class DurationPredictor(ComputeDevice device, SpeakerProjection? speakers)
{
    /// <summary>Buffers that <see cref="Run"/> takes besides the text, each of one sequence of <see cref="Width"/> channels.</summary>
    public const int Buffers = 4;

    /// <summary>Most channels of any of its sequences.</summary>
    public abstract int Width { get; }

    /// <summary>Where it runs.</summary>
    protected ComputeDevice Device => device;

    /// <summary>Predicts the logarithms of durations in frames.</summary>
    /// <param name="text">The text encoding [B, H, T]; it may be overwritten.</param>
    /// <param name="options">Of each row: its noise.</param>
    /// <param name="voices">Of each row the speaker; 0 without speakers.</param>
    /// <param name="buffers">Four buffers; their contents are lost.</param>
    /// <returns>On the host, [B, 1, T] or [B, 2, T], of which the first channel counts.</returns>
    public abstract Tensor Run(Tensor text, VitsOptions[] options, int[] voices, Tensor[] buffers);

    /// <summary>Adds what the speakers' vectors say.</summary>
    protected void AddSpeakers(Tensor sequence, int[] voices)
    {
        if (speakers is not null)
        {
            device.AddRowVectors(sequence, speakers.Of(voices));
        }
    }
}
