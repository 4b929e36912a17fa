using Microsoft.ML.OnnxRuntime;

namespace CudaTts.Benchmarks.Peers;

/// <summary>A Piper voice in ONNX Runtime for one text, its inputs bound once; noise is switched off, so that every run makes the same.</summary>
internal sealed class OnnxVoice : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly OrtIoBinding _binding;
    private readonly OrtValue[] _values;

    /// <summary>Loads the model and binds the token ids.</summary>
    public OnnxVoice(string path, int threads, int[] ids)
    {
        _session = OnnxModel.Open(path, threads);
        _binding = _session.CreateIoBinding();
        (string, OrtValue)[] inputs =
        [
            ("input", OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(ids, id => (long)id), [1, ids.Length])),
            ("input_lengths", OrtValue.CreateTensorValueFromMemory<long>([ids.Length], [1])),
            ("scales", OrtValue.CreateTensorValueFromMemory<float>([0, 1, 0], [3])),
        ];
        foreach (var (name, value) in inputs)
        {
            _binding.BindInput(name, value);
        }

        _values = Array.ConvertAll(inputs, input => input.Item2);
        // How many samples there are is known when they are made.
        _binding.BindOutputToDevice("output", OrtMemoryInfo.DefaultInstance);
    }

    /// <summary>Makes the text's samples once.</summary>
    public void Run() => _session.RunWithBinding(_run, _binding);

    /// <summary>The samples [N] of the last run.</summary>
    public float[] Audio()
    {
        using var outputs = _binding.GetOutputValues();
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        Array.ForEach(_values, value => value.Dispose());
        _run.Dispose();
        _session.Dispose();
    }
}
