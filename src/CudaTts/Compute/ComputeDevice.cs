using System.Globalization;
using CudaTts.Compute.Cpu;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute;

/// <summary>
/// Where networks run, and their operations: encoder, postnet and vocoders are written once over these. Sequences are <c>[B, C, T]</c>; how they
/// lie in memory is the device's own business. One instance may be used from several threads.
/// Arguments that do not fit together are programming errors and throw <see cref="ArgumentException"/>.
/// </summary>
public abstract partial class ComputeDevice : IDisposable
{
    /// <summary>Most CPU threads that may share one operation.</summary>
    public const int MostThreads = 256;

    /// <summary>Opens a device.</summary>
    /// <param name="options">Which one; a GPU if there is one, when omitted.</param>
    /// <exception cref="CudaTtsException">There is no such device here; the message says why.</exception>
    public static ComputeDevice Open(DeviceOptions? options = null)
    {
        options ??= new DeviceOptions();
        var (name, ordinal) = options.Name.Split(':') is [var first, var second] ? (first, second) : (options.Name, "0");
        if (!ushort.TryParse(ordinal, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw new CudaTtsException($"device '{options.Name}': expected auto, cpu, cuda, cuda:N or emulated.");
        }

        if (options.Threads is < 0 or > MostThreads)
        {
            throw new CudaTtsException($"threads: expected 0 to {MostThreads}, found {options.Threads}.");
        }

        return name switch
        {
            "cpu" => new CpuCompute(options.Threads),
            "emulated" => CudaCompute.Open(DriverKind.Emulated, number, options.Precision),
            "cuda" => CudaCompute.Open(DriverKind.Hardware, number, options.Precision),
            "auto" when CudaDriver.Kind != DriverKind.Emulated && CudaDriver.WhyNot(DriverKind.Hardware) is null
                && KernelLibrary.PtxResources().Any() =>
                CudaCompute.Open(DriverKind.Hardware, ordinal: 0, options.Precision),
            "auto" => new CpuCompute(options.Threads),
            _ => throw new CudaTtsException($"device '{options.Name}': expected auto, cpu, cuda, cuda:N or emulated."),
        };
    }

    /// <summary>What <c>--device</c> calls it.</summary>
    public abstract string Name { get; }

    /// <summary>The product's name, for people.</summary>
    public abstract string DisplayName { get; }

    /// <summary>What kind of device it is, for reports: nothing is computed otherwise because of it.</summary>
    public abstract DeviceKind Kind { get; }

    /// <summary>What it can do at most, by its own attributes; null where that is not known.</summary>
    public virtual DevicePeak? Peak => null;

    /// <summary>The type of weights and activations.</summary>
    public virtual Precision Precision => Precision.Full;

    /// <summary>CPU threads that share one operation.</summary>
    public int Threads => Team.Count;

    /// <summary>The host's threads that work for this device.</summary>
    internal abstract ThreadTeam Team { get; }

    /// <summary>Rows that one run of a network takes at most; more are a caller's to divide.</summary>
    internal abstract int MostRows { get; }

    /// <summary>Rows that keep this device busy: what a caller with many utterances gives at a time.</summary>
    public abstract int PreferredBatch { get; }

    /// <summary>
    /// Rows that a network with a loop over time takes at most, where rows have
    /// ends of their own: those that find no slot wait until others have ended.
    /// </summary>
    internal abstract int MostDecoderRows { get; }

    /// <summary>Whether rows side by side take longer than one of them does, as where few rows keep the device busy.</summary>
    internal abstract bool RowsShareTime { get; }

    /// <summary>
    /// Divides rows into groups of at most <see cref="MostDecoderRows"/> and runs a network on each: side by side where that is faster.
    /// </summary>
    internal abstract void ForEachGroup(int rows, Action<Range> run);

    /// <summary>
    /// Numbers that the largest buffer of a workspace holds at most, so that a batch's memory is bounded. A single row may exceed it.
    /// </summary>
    internal abstract long MostElements { get; set; }

    /// <summary>Bytes of an activation, and of a weight that is multiplied with it.</summary>
    internal virtual int ElementBytes => sizeof(float);

    /// <summary>Whether the device has been disposed of, and its models with it.</summary>
    internal bool IsDisposed { get; private protected set; }

    /// <summary>Whether this thread is one of the device's own, and so at work for a call of another thread.</summary>
    internal bool IsOwnThread => Team.IsOwnThread;

    /// <summary>Who measures the stages; usually nobody.</summary>
    internal virtual StageRecorder? Stages { get; set; }

    /// <summary>Where the operations are queued; none where they are done at once.</summary>
    private protected virtual CudaStream? StageStream => null;

    /// <summary>Begins a stage whose work this device does. Costs two comparisons unless somebody measures or profiles.</summary>
    internal StageScope BeginStage(Stage stage) => Stages is null && !Nvtx.IsPresent ? default : new StageScope(Stages, stage, StageStream);

    /// <summary>Begins a stage whose work the host does.</summary>
    internal StageScope BeginHostStage(Stage stage) => Stages is null && !Nvtx.IsPresent ? default : new StageScope(Stages, stage, stream: null);

    /// <summary>Memory for what a model has on this device, the model's to dispose of.</summary>
    /// <exception cref="ObjectDisposedException">The device has been disposed of.</exception>
    internal abstract ModelMemory CreateModelMemory();

    /// <summary>
    /// Uninitialised memory for <paramref name="elements"/> numbers in the type that activations have here, the caller's to give back.
    /// </summary>
    internal abstract DeviceBuffer Borrow(int elements);

    /// <summary>What times this device's streams; none where operations are done at once.</summary>
    internal virtual DeviceClock? CreateClock() => null;

    /// <summary>A batch whose rows have these lengths, the caller's to dispose of when its sequences are no longer needed.</summary>
    /// <exception cref="ArgumentException">More rows than <see cref="MostRows"/>, or none.</exception>
    internal abstract RowLengths Rows(params ReadOnlySpan<int> lengths);

    /// <summary>Copies a host tensor [B, C, T] into a sequence of the same shape.</summary>
    internal abstract void Upload(Tensor host, Tensor sequence);

    /// <summary>Waits for a sequence [B, C, T] and returns it as a host tensor of the same shape.</summary>
    internal abstract Tensor Download(Tensor sequence);

    /// <summary>Convolution or transposed convolution over time (as PyTorch's Conv1d and ConvTranspose1d).</summary>
    /// <param name="input">[B, Cin, T].</param>
    /// <param name="weights">From <see cref="ModelMemory.PackConv1d"/> or <see cref="ModelMemory.PackConvTranspose1d"/> of this device.</param>
    /// <param name="output">[B, Cout, T'], T' as <see cref="Conv1dWeights.OutputLength"/> says. Must not share memory with the input.</param>
    /// <param name="fusion">What else to do; none when omitted.</param>
    internal void Conv1d(Tensor input, Conv1dWeights weights, Tensor output, ConvFusion? fusion = null)
    {
        fusion ??= ConvFusion.None;
        if (!(fusion.InputSlope is >= 0 and <= 1))
        {
            throw new ArgumentException(FormattableString.Invariant($"A leaky ReLU's slope lies within 0 and 1; found {fusion.InputSlope}."));
        }

        if (weights.IsTransposed && fusion != ConvFusion.None with { InputSlope = fusion.InputSlope })
        {
            throw new ArgumentException("A transposed convolution fuses nothing but the leaky ReLU of its input.");
        }

        if (input.Rank != 3 || input[1] != weights.InputChannels)
        {
            throw new ArgumentException($"An input [B, {weights.InputChannels}, T] was expected; found {input}.");
        }

        ReadOnlySpan<int> expected = [input[0], weights.OutputChannels, weights.OutputLength(input[2])];
        CheckShape(output, expected);
        if (fusion.Residual is not null)
        {
            CheckShape(fusion.Residual, expected);
        }

        Convolve(input, weights, output, fusion);
    }

    /// <summary>Runs residual blocks side by side: output = mean of block(input); <see cref="ResidualBlockWeights"/> has the equations.</summary>
    /// <param name="input">[B, C, T]; left as it is.</param>
    /// <param name="weights">From <see cref="ModelMemory.PackResidualBlocks"/> of this device.</param>
    /// <param name="output">[B, C, T].</param>
    /// <param name="firstBuffer">For intermediate results: <see cref="ResidualBlockWeights.BufferSequences"/> sequences of the input's shape.</param>
    /// <param name="secondBuffer">As much again.</param>
    /// <param name="cancellation">Looked at between blocks, or between their layers.</param>
    internal void ResidualBlocks(
        Tensor input, ResidualBlockWeights weights, Tensor output, Tensor firstBuffer, Tensor secondBuffer, CancellationToken cancellation = default)
    {
        CheckShape(input, [input[0], weights.Channels, input.Shape[^1]]);
        CheckShape(output, input.Shape);
        RunResidualBlocks(input, weights, output, firstBuffer, secondBuffer, cancellation);
    }

    /// <summary>Looks up rows of a table.</summary>
    /// <param name="ids">[B, T] row by row, each below the table's number of rows; what lies past a row's length is not looked at.</param>
    /// <param name="table">[symbols, C] from <see cref="ModelMemory.Store"/>.</param>
    /// <param name="output">[B, C, T].</param>
    internal abstract void Embed(ReadOnlySpan<int> ids, Tensor table, Tensor output);

    /// <summary>Runs a WaveNet layer; <see cref="WaveNetLayerWeights"/> has the equations.</summary>
    /// <param name="input">x, [B, Cx, T].</param>
    /// <param name="conditioning">c, [B, Cc, T]; none where the layer has no weights for it.</param>
    /// <param name="weights">From <see cref="ModelMemory.PackWaveNetLayer"/> of this device.</param>
    /// <param name="output">[B, Cx, T], where the layer has a residual; must not share memory with the input.</param>
    /// <param name="skip">[B, Cs, T].</param>
    /// <param name="accumulate">Whether to add to what the skip connection holds.</param>
    /// <param name="gateVectors">[B, 2 Cg] on the host, added to [a; s] at every step of a row: what a speaker adds. None when omitted.</param>
    internal void WaveNetLayer(
        Tensor input, Tensor? conditioning, WaveNetLayerWeights weights, Tensor? output, Tensor skip, bool accumulate, Tensor? gateVectors = null)
    {
        CheckShape(input, [input[0], weights.InputChannels, input.Shape[^1]]);
        if (weights.ConditioningChannels > 0 != conditioning is not null)
        {
            throw new ArgumentException(
                $"The layer has {weights.ConditioningChannels} channels of conditioning; found {conditioning?.ToString() ?? "none"}.");
        }

        if (conditioning is not null)
        {
            CheckShape(conditioning, [input[0], weights.ConditioningChannels, input[2]]);
        }

        if (gateVectors is not null)
        {
            CheckShape(gateVectors, [input[0], 2 * weights.GateChannels]);
        }

        CheckShape(skip, [input[0], weights.SkipChannels, input[2]]);
        if (weights.HasResidual != output is not null)
        {
            throw new ArgumentException($"The layer {(weights.HasResidual ? "has" : "has no")} output besides its skip connection.");
        }

        if (output is not null)
        {
            CheckShape(output, input.Shape);
        }

        RunWaveNetLayer(input, conditioning, weights, output, skip, accumulate, gateVectors);
    }

    /// <summary>
    /// Undoes one step of a flow: y = x, except for the transformed half, where y = (x - shift) exp(-log scale); output = inverse * y.
    /// </summary>
    /// <param name="input">x, [B, G, T].</param>
    /// <param name="coupling">[B, G, T]: shifts in the first half of the channels, logarithms of scales in the second.</param>
    /// <param name="step">The mixing matrix, and which half is transformed.</param>
    /// <param name="early">[B, E, T] that becomes the output's first channels, or none.</param>
    /// <param name="output">[B, E + G, T].</param>
    internal void UndoFlowStep(Tensor input, Tensor coupling, FlowStep step, Tensor? early, Tensor output)
    {
        CheckShape(input, [input[0], step.Channels, input.Shape[^1]]);
        CheckShape(coupling, input.Shape);
        CheckShape(output, [input[0], step.Channels + (early?[1] ?? 0), input[2]]);
        if (early is not null)
        {
            CheckShape(early, [input[0], early[1], input[2]]);
        }

        RunUndoFlowStep(input, coupling, step, early, output);
    }

    /// <summary>
    /// Repeats every step <paramref name="factor"/> times and smooths the result: output[t] = sum over k of taps[k] * repeated[t + k - factor].
    /// </summary>
    /// <param name="input">[B, C, T + 2 crop].</param>
    /// <param name="taps">[2 factor + 1] from <see cref="ModelMemory.Store"/>.</param>
    /// <param name="factor">Output steps an input step.</param>
    /// <param name="crop">Steps at both ends of the input that count as zero.</param>
    /// <param name="output">[B, C, T x factor].</param>
    internal void Stretch(Tensor input, Tensor taps, int factor, int crop, Tensor output)
    {
        CheckShape(output, [input[0], input[1], (input[2] - (2 * crop)) * factor]);
        if (taps.Length != (2 * factor) + 1)
        {
            throw new ArgumentException($"{(2 * factor) + 1} taps were expected for a factor of {factor}; found {taps.Length}.");
        }

        RunStretch(input, taps, factor, crop, output);
    }

    /// <summary>Fills a sequence [B, C, T] with normally distributed numbers.</summary>
    /// <param name="sequence">Overwritten.</param>
    /// <param name="use">Which use of randomness.</param>
    /// <param name="step">Which sequence of numbers within the use.</param>
    /// <param name="rows">[B].</param>
    internal abstract void FillNormal(Tensor sequence, RandomUse use, uint step, NoiseRow[] rows);

    /// <summary>
    /// Releases the device, and frees what models still have on it: they are disposed of before it, or are of no use afterwards. More than once does
    /// nothing. No model may be running.
    /// </summary>
    public abstract void Dispose();

    /// <summary>What <see cref="WaveNetLayer"/> does, its arguments checked.</summary>
    private protected abstract void RunWaveNetLayer(
        Tensor input, Tensor? conditioning, WaveNetLayerWeights weights, Tensor? output, Tensor skip, bool accumulate, Tensor? gateVectors);

    /// <summary>What <see cref="UndoFlowStep"/> does, its arguments checked.</summary>
    private protected abstract void RunUndoFlowStep(Tensor input, Tensor coupling, FlowStep step, Tensor? early, Tensor output);

    /// <summary>What <see cref="Stretch"/> does, its arguments checked.</summary>
    private protected abstract void RunStretch(Tensor input, Tensor taps, int factor, int crop, Tensor output);

    /// <summary>What <see cref="ResidualBlocks"/> does, its arguments checked.</summary>
    private protected virtual void RunResidualBlocks(
        Tensor input, ResidualBlockWeights weights, Tensor output, Tensor firstBuffer, Tensor secondBuffer, CancellationToken cancellation) =>
        weights.RunSeparately(this, input, output, firstBuffer, secondBuffer, cancellation);

    /// <summary>What <see cref="Conv1d"/> does, its arguments checked.</summary>
    private protected abstract void Convolve(Tensor input, Conv1dWeights weights, Tensor output, ConvFusion fusion);

    private protected static void CheckShape(Tensor tensor, ReadOnlySpan<int> expected)
    {
        if (!expected.SequenceEqual(tensor.Shape))
        {
            throw new ArgumentException($"A tensor {Tensor.Describe(expected)} was expected; found {tensor}.");
        }
    }
}
