using Microsoft.ML.OnnxRuntime;

namespace CudaTts.Benchmarks.Peers;

/// <summary>
/// The Tacotron 2 decoder loop over one-step ONNX graphs. Two bindings, made once, swap the roles of two sets of state buffers,
/// so that a step's outputs are the next step's inputs and nothing is copied or allocated between steps but the dropout mask.
/// </summary>
internal sealed class OnnxDecoder : IDisposable
{
    private static readonly (string Name, int Width)[] _states =
    [
        ("frame", Frame), ("attention_hidden", 1024), ("attention_cell", 1024), ("decoder_hidden", 1024), ("decoder_cell", 1024), ("context", 512),
    ];

    private const int Frame = 80;
    private const int Prenet = 256;
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly List<OrtValue> _values = [];
    private readonly List<float[]> _stateData = [];
    private readonly OrtIoBinding[] _bindings;
    private readonly float[][] _frames = new float[2][];
    private readonly float[] _gate;
    private readonly float[][] _keep;

    /// <summary>Loads the model and binds copies of the encoder's results.</summary>
    /// <param name="path">The step's ONNX file, exported for T tokens.</param>
    /// <param name="threads">Threads inside one operator.</param>
    /// <param name="memory">Encoder memory [1, T, 512].</param>
    /// <param name="keys">The memory through the attention's memory layer, [1, T, 128].</param>
    /// <param name="tokens">T.</param>
    public OnnxDecoder(string path, int threads, ReadOnlySpan<float> memory, ReadOnlySpan<float> keys, int tokens)
    {
        _session = OnnxModel.Open(path, threads);
        _bindings = [_session.CreateIoBinding(), _session.CreateIoBinding()];
        BindInput("memory", memory, tokens);
        BindInput("keys", keys, tokens);
        _keep = [Allocate(1, Prenet, "keep0"), Allocate(1, Prenet, "keep1")];
        (var gate, _gate) = OnnxModel.Allocate(1, 1);
        _values.Add(gate);
        foreach (var binding in _bindings)
        {
            binding.BindOutput("gate", gate);
        }

        foreach (var (name, width) in _states.Concat([("weights", tokens), ("cumulative", tokens)]))
        {
            BindState(name, width);
        }
    }

    /// <summary>Decodes from zero states.</summary>
    /// <param name="keep">Prenet dropout masks [steps, 2, 256] of 0 and 2.</param>
    /// <param name="mel">Receives the frames, [steps, 80].</param>
    /// <param name="gates">Receives the gate logits, [steps].</param>
    public void Decode(ReadOnlySpan<float> keep, Span<float> mel, Span<float> gates)
    {
        foreach (var state in _stateData)
        {
            Array.Clear(state);
        }

        for (var step = 0; step < gates.Length; step++)
        {
            keep.Slice(step * 2 * Prenet, Prenet).CopyTo(_keep[0]);
            keep.Slice(((step * 2) + 1) * Prenet, Prenet).CopyTo(_keep[1]);
            var parity = step & 1;
            _session.RunWithBinding(_run, _bindings[parity]);
            _frames[1 - parity].CopyTo(mel[(step * Frame)..]);
            gates[step] = _gate[0];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var binding in _bindings)
        {
            binding.Dispose();
        }

        _values.ForEach(value => value.Dispose());
        _run.Dispose();
        _session.Dispose();
    }

    private void BindInput(string name, ReadOnlySpan<float> values, int tokens) => values.CopyTo(Allocate(tokens, values.Length / tokens, name, 1));

    private float[] Allocate(int rows, int width, string name, params long[] leading)
    {
        var (value, data) = OnnxModel.Allocate([.. leading, rows, width]);
        _values.Add(value);
        foreach (var binding in _bindings)
        {
            binding.BindInput(name, value);
        }

        return data;
    }

    private void BindState(string name, int width)
    {
        for (var parity = 0; parity < 2; parity++)
        {
            var (value, data) = OnnxModel.Allocate(1, width);
            _values.Add(value);
            _stateData.Add(data);
            _bindings[parity].BindInput(name, value);
            _bindings[1 - parity].BindOutput("next_" + name, value);
            if (name == "frame")
            {
                _frames[parity] = data;
            }
        }
    }
}
