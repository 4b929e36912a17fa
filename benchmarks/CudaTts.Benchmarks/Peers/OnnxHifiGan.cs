using Microsoft.ML.OnnxRuntime;

namespace CudaTts.Benchmarks.Peers;

/// <summary>A HiFi-GAN generator in ONNX Runtime for one mel length, its input and output bound once.</summary>
internal sealed class OnnxHifiGan : IDisposable
{
    private const int Hop = 256;
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly OrtIoBinding _binding;
    private readonly OrtValue _mel;
    private readonly OrtValue _audio;

    /// <summary>Loads the model and binds a copy of <paramref name="mel"/> [1, 80, F].</summary>
    public OnnxHifiGan(string path, int threads, ReadOnlySpan<float> mel, int frames)
    {
        _session = OnnxModel.Open(path, threads);
        (_mel, var input) = OnnxModel.Allocate(1, mel.Length / frames, frames);
        mel.CopyTo(input);
        (_audio, Audio) = OnnxModel.Allocate(1, 1, (long)frames * Hop);
        _binding = _session.CreateIoBinding();
        _binding.BindInput("mel", _mel);
        _binding.BindOutput("audio", _audio);
    }

    /// <summary>The samples [N] of the last run.</summary>
    public float[] Audio { get; }

    /// <summary>Runs the generator once.</summary>
    public void Run() => _session.RunWithBinding(_run, _binding);

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _mel.Dispose();
        _audio.Dispose();
        _run.Dispose();
        _session.Dispose();
    }
}
