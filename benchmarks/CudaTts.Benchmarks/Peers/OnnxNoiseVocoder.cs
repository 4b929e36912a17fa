using CudaTts.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace CudaTts.Benchmarks.Peers;

/// <summary>A vocoder that makes speech of noise, in ONNX Runtime for one mel length, its inputs and output bound once.</summary>
internal sealed class OnnxNoiseVocoder : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly OrtIoBinding _binding;
    private readonly List<OrtValue> _values = [];

    /// <summary>Loads the model and binds copies of its inputs.</summary>
    public OnnxNoiseVocoder(string path, int threads, IEnumerable<(string Name, Tensor Value)> inputs, int samples)
    {
        _session = OnnxModel.Open(path, threads);
        _binding = _session.CreateIoBinding();
        foreach (var (name, value) in inputs)
        {
            var (bound, data) = OnnxModel.Allocate(Array.ConvertAll(value.Shape, size => (long)size));
            value.Span.CopyTo(data);
            _values.Add(bound);
            _binding.BindInput(name, bound);
        }

        (var audio, Audio) = OnnxModel.Allocate(1, samples);
        _values.Add(audio);
        _binding.BindOutput("audio", audio);
    }

    /// <summary>The samples [N] of the last run.</summary>
    public float[] Audio { get; }

    /// <summary>Runs the network once.</summary>
    public void Run() => _session.RunWithBinding(_run, _binding);

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _values.ForEach(value => value.Dispose());
        _run.Dispose();
        _session.Dispose();
    }
}
