using Microsoft.ML.OnnxRuntime;

namespace CudaTts.Benchmarks.Peers;

/// <summary>FastPitch in ONNX Runtime for one text, its input bound once.</summary>
internal sealed class OnnxFastPitch : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly OrtIoBinding _binding;
    private readonly OrtValue _ids;

    /// <summary>Loads the model and binds the token ids.</summary>
    public OnnxFastPitch(string path, int threads, int[] ids)
    {
        _session = OnnxModel.Open(path, threads);
        _binding = _session.CreateIoBinding();
        _ids = OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(ids, id => (long)id), [1, ids.Length]);
        _binding.BindInput("ids", _ids);

        // How many frames there are is known when they are made.
        _binding.BindOutputToDevice("mel", OrtMemoryInfo.DefaultInstance);
    }

    /// <summary>Makes the text's mel once.</summary>
    public void Run() => _session.RunWithBinding(_run, _binding);

    /// <summary>The log-mel [80, F] of the last run.</summary>
    public float[] Mel()
    {
        using var outputs = _binding.GetOutputValues();
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _ids.Dispose();
        _run.Dispose();
        _session.Dispose();
    }
}
