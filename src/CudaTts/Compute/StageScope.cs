using CudaTts.Cuda;

namespace CudaTts.Compute;

/// <summary>
/// A stage that is under way, until it is disposed on the thread that began it. The default is a stage that nobody wants to know of.
/// </summary>
internal readonly struct StageScope : IDisposable
{
    private readonly StageRecorder? _recorder;
    private readonly bool _hasRange;

    /// <param name="recorder">Who measures it, if anybody.</param>
    /// <param name="stage">What begins.</param>
    /// <param name="stream">Where its work will be queued; none for work of the host.</param>
    public StageScope(StageRecorder? recorder, Stage stage, CudaStream? stream)
    {
        recorder?.Begin(stage, stream);
        _recorder = recorder;
        _hasRange = Nvtx.IsPresent;
        if (_hasRange)
        {
            Nvtx.Push(StageNames.ForProfiler(stage));
        }
    }

    public void Dispose()
    {
        _recorder?.End();
        if (_hasRange)
        {
            Nvtx.Pop();
        }
    }
}
