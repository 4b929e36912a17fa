using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.Vits;

/// <summary>The tensors of a VITS, each checked against the shape that the config asks for when it is taken.</summary>
internal sealed class VitsWeights
{
    private readonly ModelWeights _weights;
    private readonly Dictionary<string, int[]> _shapes;
    private readonly Tensor? _speakers;

    /// <param name="config">A checked config.</param>
    /// <param name="weights">The tensors of <see cref="VitsTensors.Expected"/>.</param>
    public VitsWeights(VitsConfig config, ModelWeights weights)
    {
        _weights = weights;
        _shapes = VitsTensors.Expected(config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
        _speakers = config.Speakers > 0 ? Take("emb_g.weight") : null;
    }

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="WeightsException">It is missing or of another shape.</exception>
    public Tensor Take(string name) => _weights.Take(name, _shapes[name]);

    /// <summary>What the layer of a name says of speakers, or null in a network of one voice.</summary>
    /// <inheritdoc cref="Take" path="/exception"/>
    public SpeakerProjection? Speakers(string name) =>
        _speakers is null ? null : new SpeakerProjection(_speakers, Take($"{name}.weight"), Take($"{name}.bias"));
}
