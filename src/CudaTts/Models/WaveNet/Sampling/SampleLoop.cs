namespace CudaTts.Models.WaveNet.Sampling;

/// <summary>
/// Draws samples one after the other, each of which depends on those before it: on one kind of device, with the weights packed for it.
/// </summary>
internal abstract class SampleLoop
{
    /// <summary>The state of an utterance that has not begun.</summary>
    public abstract SampleState Begin();

    /// <summary>Draws the samples of rows. A row's numbers are those that it has alone.</summary>
    /// <param name="rows">Their states move on, and are of no use after a failure.</param>
    /// <param name="cancellation">Looked at every few hundred samples.</param>
    public abstract void Run(IReadOnlyList<SampleRun> rows, CancellationToken cancellation);
}
