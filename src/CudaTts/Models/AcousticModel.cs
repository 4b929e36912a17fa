using System.Collections.ObjectModel;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models;

/// <summary>The first network of the pipeline: token ids [T] to a log-mel [1, bands, F], whichever network makes it.</summary>
public abstract class AcousticModel : Model
{
    private protected AcousticModel(string name, string title, MelContract mel, ComputeDevice device)
        : base(name, title, mel, device)
    {
    }

    /// <summary>Number of symbols that the model reads; a token id is below it.</summary>
    public abstract int Symbols { get; }

    /// <summary>Whether its widths are those that are published, so that its speed can be compared with that of others.</summary>
    public abstract bool IsPublicSize { get; }

    /// <summary>How a text becomes the ids that the network was taught with; null where its config says nothing of it.</summary>
    public virtual TaughtText? Text => null;

    /// <summary>How sentences are decoded, for statistics: <c>stepwise</c> and the like.</summary>
    public abstract string DecoderWay { get; }

    /// <summary>Whether attention reads the text, which can go astray, and which needs other words before a very short text.</summary>
    public virtual bool HasAttention => true;

    /// <summary>Whether its frames are drawn with noise, so that <see cref="AcousticOptions.NoiseScale"/> is heeded.</summary>
    public virtual bool DrawsFrames => false;

    /// <summary>Whether its durations are drawn with noise, so that <see cref="AcousticOptions.DurationNoiseScale"/> is heeded.</summary>
    public virtual bool DrawsDurations => false;

    /// <summary>Whether a second attempt at a sentence may be better than the first: one that draws nothing makes the same again.</summary>
    public bool HasAttempts => HasAttention || DrawsDurations;

    /// <summary>Why the model stops when it has said everything.</summary>
    internal virtual StopReason UsualStop => StopReason.Gate;

    /// <summary>How many speakers there are to choose from; 0 where the network knows of none.</summary>
    public virtual int Speakers => 0;

    /// <summary>The names that speakers have, with their numbers; none where the network gives none.</summary>
    public virtual IReadOnlyDictionary<string, int> SpeakerNames => ReadOnlyDictionary<string, int>.Empty;

    /// <summary>The number of a speaker who is named by it, or by one of <see cref="SpeakerNames"/>.</summary>
    /// <exception cref="CudaTtsException">There is no such speaker; says which there are.</exception>
    public int SpeakerOf(string speaker) => SpeakerChoice.Of(speaker, Speakers, SpeakerNames, Name);

    /// <summary>What the model itself does of how tokens are to be spoken.</summary>
    public virtual ProsodyControls Controls => ProsodyControls.None;

    /// <summary>
    /// Frames on each side that can influence a frame's refinement (<see cref="Refine(Tensor)"/>) after it has been told to
    /// <see cref="AcousticOptions.Frames"/>.
    /// </summary>
    internal abstract int RefinementContextFrames { get; }

    /// <summary>
    /// Speaks several utterances, on a device that takes batches side by side. Each result is what it would be alone: bit for bit where both go the
    /// same way through the network, and else, in float16 on a GPU, to rounding, which may move a row's end by a step.
    /// </summary>
    /// <param name="utterances">The token ids [T] of each.</param>
    /// <param name="options">The options of each.</param>
    /// <param name="cancellation">Ends the work within one step; results then hold what there is, and say so.</param>
    /// <exception cref="TextException">There are no ids, or one is not a symbol of this model.</exception>
    /// <exception cref="CudaTtsException">The model put out a value that is not finite.</exception>
    public abstract IReadOnlyList<AcousticResult> SynthesizeBatch(
        IReadOnlyList<int[]> utterances, IReadOnlyList<AcousticOptions> options, CancellationToken cancellation = default);

    /// <summary>Utterances that come and go while others are under way; the caller's to dispose of, before the model.</summary>
    internal abstract AcousticBatch CreateBatch();

    /// <summary>
    /// Refines frames that were told to <see cref="AcousticOptions.Frames"/>, [1, bands, F] to [1, bands, F]; those at the ends lack their context.
    /// </summary>
    /// <exception cref="CudaTtsException">A value is not finite.</exception>
    internal Tensor Refine(Tensor mel) => Refine([mel], [new AcousticOptions()])[0];

    /// <summary>The same for several rows of frames, each with an F and options of its own.</summary>
    internal abstract Tensor[] Refine(IReadOnlyList<Tensor> mels, IReadOnlyList<AcousticOptions> options);

    /// <summary>What a stage takes at least for one sentence.</summary>
    /// <param name="stage">Which.</param>
    /// <param name="tokens">T.</param>
    /// <param name="frames">F.</param>
    /// <returns>Null for stages that are not this model's.</returns>
    internal abstract StageWork? WorkOf(Stage stage, int tokens, int frames);
}
