using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Files;
using CudaTts.Models.FastPitch;
using CudaTts.Models.GriffinLim;
using CudaTts.Models.HifiGan;
using CudaTts.Models.ParallelWaveGan;
using CudaTts.Models.Tacotron2;
using CudaTts.Models.Vits;
using CudaTts.Models.WaveGlow;
using CudaTts.Models.WaveNet;
using CudaTts.Weights;

namespace CudaTts.Models;

/// <summary>
/// What the engine knows of one network: what config.json calls it, how its config is read and checked, which tensors it has, how the public
/// checkpoints spell them, and how it is loaded. A new network is a folder beside the others and a line in <see cref="All"/>.
/// </summary>
internal abstract class ModelFormat
{
    /// <summary>
    /// Every network. A checkpoint is offered to them in this order, and HiFi-GAN comes last: one of its spellings begins with names that other
    /// networks have too.
    /// </summary>
    public static IReadOnlyList<ModelFormat> All { get; } =
    [
        Tacotron2Format.Instance,
        VitsFormat.Instance,
        FastPitchFormat.Instance,
        WaveGlowFormat.Instance,
        ParallelWaveGanFormat.Instance,
        WaveNetFormat.Instance,
        GriffinLimFormat.Instance,
        HifiGanFormat.Instance,
    ];

    /// <summary>The value of <c>model_type</c> in config.json.</summary>
    public abstract string Type { get; }

    /// <summary>The network's name for people.</summary>
    public abstract string Title { get; }

    /// <summary>
    /// What can be loaded of it: an <see cref="AcousticModel"/>, a <see cref="Vocoder"/>, or both of a network from text to samples.
    /// </summary>
    public abstract IReadOnlyList<Type> Kinds { get; }

    /// <summary>The format whose config is a <typeparamref name="TConfig"/>.</summary>
    /// <exception cref="InvalidOperationException">No network has such a config: <see cref="All"/> lacks it.</exception>
    public static ModelFormat<TConfig> Of<TConfig>()
        where TConfig : class, new() =>
        All.OfType<ModelFormat<TConfig>>().SingleOrDefault()
            ?? throw new InvalidOperationException(
                $"{typeof(TConfig).Name} is the config of no model format; add its format to {nameof(ModelFormat)}.{nameof(All)}.");

    /// <summary>Loads the network of a model folder; its config.json says which it is.</summary>
    /// <exception cref="WeightsException">The folder is incomplete, damaged, or holds a network of another kind.</exception>
    public static TModel Load<TModel>(string folder, ComputeDevice device)
        where TModel : Model
    {
        ArgumentNullException.ThrowIfNull(device);
        var model = ModelFolder.Open(folder);
        return (TModel)Find<TModel>(model, folder).Load(typeof(TModel), model, device);
    }

    /// <summary>The mel of the network of a model folder, of which only config.json is read.</summary>
    /// <inheritdoc cref="Load{TModel}(string, ComputeDevice)" path="/exception"/>
    public static MelContract MelOf<TModel>(string folder)
        where TModel : Model
    {
        var model = ModelFolder.Open(folder);
        return Find<TModel>(model, folder).MelOf(model);
    }

    /// <summary>What the network of a model folder brings for a voice without any other network; null where it is none by itself.</summary>
    /// <param name="folder">The model folder, of which only config.json is read.</param>
    /// <param name="whyNot">Why a network that could be a voice is none, where that is so.</param>
    /// <exception cref="WeightsException">The config is not valid.</exception>
    public static TaughtText? VoiceOf(ModelFolder folder, out string? whyNot)
    {
        whyNot = null;
        return All.FirstOrDefault(format => format.Type == folder.Type)?.TextOf(folder, out whyNot);
    }

    /// <summary>Takes the network out of a checkpoint.</summary>
    /// <returns>Null when the checkpoint holds no such network.</returns>
    /// <exception cref="WeightsException">It holds one that is damaged or of a variant that is not supported.</exception>
    public abstract ConvertedModel? Import(CheckpointImport import);

    /// <summary>Reads the config and puts the weights onto the device.</summary>
    /// <param name="kind">Which of <see cref="Kinds"/>.</param>
    /// <param name="folder">The model folder.</param>
    /// <param name="device">Where it runs.</param>
    /// <exception cref="WeightsException">A tensor is missing or does not fit the config, or the config is not valid.</exception>
    private protected abstract Model Load(Type kind, ModelFolder folder, ComputeDevice device);

    /// <inheritdoc cref="VoiceOf"/>
    private protected virtual TaughtText? TextOf(ModelFolder folder, out string? whyNot)
    {
        whyNot = null;
        return null;
    }

    /// <summary>What the network's mel means, as its config says.</summary>
    /// <exception cref="WeightsException">The config is not valid.</exception>
    protected abstract MelContract MelOf(ModelFolder folder);

    private static ModelFormat Find<TModel>(ModelFolder model, string folder)
        where TModel : Model
    {
        var known = All.Where(format => format.Kinds.Contains(typeof(TModel))).ToList();
        var kindName = typeof(TModel) == typeof(Vocoder) ? "a vocoder" : "an acoustic model";
        var types = string.Join(" or ", known.Select(format => format.Type));
        return known.Find(format => format.Type == model.Type)
            ?? throw new WeightsException($"{folder}: expected {kindName} ({types}), found the model type '{model.Type}'.");
    }
}

/// <summary>A format by its config.</summary>
/// <typeparam name="TConfig">The network's config. What config.json leaves out has the value of <c>new TConfig()</c>.</typeparam>
internal abstract class ModelFormat<TConfig> : ModelFormat
    where TConfig : class, new()
{
    /// <summary>How the config is written as JSON.</summary>
    protected abstract JsonTypeInfo<TConfig> Json { get; }

    /// <summary>Every tensor of the network, weight norm folded in.</summary>
    public abstract IEnumerable<(string Name, int[] Shape)> Expected(TConfig config);

    /// <summary>Refuses a config that no such network can have. This is the only rule: what it lets pass can be loaded and run.</summary>
    /// <param name="config">The config.</param>
    /// <param name="source">What error messages call it.</param>
    /// <param name="claims">What values of it were read from, if that is another file; the one that counts most last.</param>
    /// <returns>The config.</returns>
    /// <exception cref="WeightsException">
    /// A value is out of its range; the message names it by its name in config.json, or where it was read.
    /// </exception>
    public TConfig Check(TConfig config, string source, params SourceConfig?[] claims)
    {
        Check(config, new ConfigRules(source, claims));
        return config;
    }

    /// <summary>The config of JSON text.</summary>
    /// <exception cref="WeightsException">It is not JSON, not of this shape, or not valid.</exception>
    public TConfig Parse(ReadOnlyMemory<byte> json, string source)
    {
        try
        {
            using var given = JsonInput.Parse(json, source);
            JsonShape.Require(given.RootElement, Json, source);
            var complete = JsonSerializer.SerializeToNode(new TConfig(), Json)!.AsObject();
            Overlay(complete, JsonObject.Create(given.RootElement)!);
            return Check(complete.Deserialize(Json)!, source);
        }
        catch (FileException error)
        {
            throw new WeightsException(error.Message, error);
        }
    }

    /// <summary>The config as indented JSON text.</summary>
    public string Write(TConfig config) => JsonSerializer.Serialize(config, Json);

    /// <inheritdoc/>
    protected override MelContract MelOf(ModelFolder folder) => MelOf(folder.Config<TConfig>());

    /// <summary>What the network's mel means.</summary>
    protected abstract MelContract MelOf(TConfig config);

    /// <inheritdoc cref="Check(TConfig, string, SourceConfig?[])"/>
    protected abstract void Check(TConfig config, ConfigRules rules);

    // The serialiser's generated code sets absent init-only properties to zero or null instead of leaving their defaults.
    private static void Overlay(JsonObject complete, JsonObject given)
    {
        foreach (var (key, value) in given)
        {
            if (value is JsonObject section && complete[key] is JsonObject defaults)
            {
                Overlay(defaults, section);
            }
            else
            {
                complete[key] = value?.DeepClone();
            }
        }
    }
}
