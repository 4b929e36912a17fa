using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cpu;

/// <summary>
/// The operations on the CPU's vector units, shared among a team of threads. Calls that overlap run on their caller's thread alone. Networks
/// run one row at a time, whose layers leave no core idle.
/// </summary>
public sealed partial class CpuCompute : ComputeDevice
{
    private readonly ThreadTeam _team;
    private readonly ConvolutionEngine _engine;
    private readonly WaveNetEngine _waveNet;
    private readonly TextEngine _text;

    /// <summary>Starts a team on the best vector instructions that this CPU has.</summary>
    /// <param name="threads">Threads that work on one operation, the caller included; 0 takes all cores.</param>
    public CpuCompute(int threads = 0)
        : this(threads, BestLevel)
    {
    }

    internal CpuCompute(int threads, SimdLevel level)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        _team = new ThreadTeam(threads == 0 ? Environment.ProcessorCount : threads);
        Level = level;
        _engine = level switch
        {
            SimdLevel.Avx512 => new ConvolutionEngine<Simd512, Vector512<float>>(_team),
            SimdLevel.Avx2 => new ConvolutionEngine<Simd256, Vector256<float>>(_team),
            _ => new ConvolutionEngine<SimdPortable, Vector<float>>(_team),
        };
        _waveNet = level switch
        {
            SimdLevel.Avx512 => new WaveNetEngine<Simd512, Vector512<float>>(_team),
            SimdLevel.Avx2 => new WaveNetEngine<Simd256, Vector256<float>>(_team),
            _ => new WaveNetEngine<SimdPortable, Vector<float>>(_team),
        };
        _text = level switch
        {
            SimdLevel.Avx512 => new TextEngine<Simd512, Vector512<float>>(_team),
            SimdLevel.Avx2 => new TextEngine<Simd256, Vector256<float>>(_team),
            _ => new TextEngine<SimdPortable, Vector<float>>(_team),
        };
    }

    /// <inheritdoc/>
    public override string Name => "cpu";

    /// <inheritdoc/>
    public override string DisplayName => ProcessorName;

    /// <inheritdoc/>
    public override DeviceKind Kind => DeviceKind.Processor;

    /// <summary>The processor's name as its maker writes it, or at least its architecture.</summary>
    public static string ProcessorName =>
        X86Base.IsSupported && X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < 0 && BrandString() is { Length: > 0 } brand
        ? brand
        : $"{RuntimeInformation.ProcessArchitecture} processor";

    /// <inheritdoc/>
    internal override int MostRows => 1;

    /// <inheritdoc/>
    internal override int MostDecoderRows => 1;

    /// <inheritdoc/>
    // Several rounds of rows of different lengths leave the cores idle only in the last.
    public override int PreferredBatch => 8 * Threads;

    /// <inheritdoc/>
    internal override bool RowsShareTime => true;

    /// <inheritdoc/>
    internal override void ForEachGroup(int rows, Action<Range> run)
    {
        if (rows == 1)
        {
            run(..1);
            return;
        }

        _team.RunTasks(rows, row => run(row..(row + 1)));
    }

    /// <inheritdoc/>
    internal override long MostElements { get; set; } = int.MaxValue;

    internal static SimdLevel BestLevel =>
        Avx512F.IsSupported ? SimdLevel.Avx512 : Avx2.IsSupported && Fma.IsSupported ? SimdLevel.Avx2 : SimdLevel.Portable;

    internal SimdLevel Level { get; }

    /// <inheritdoc/>
    internal override ThreadTeam Team => _team;

    /// <summary>Rows of a panel of packed weights.</summary>
    internal int PanelRows => _engine.MostRows;

    /// <summary>Numbers of a vector.</summary>
    internal int VectorWidth => _engine.VectorWidth;

    /// <summary>Whether all convolutions go as they are defined, which those that go by a filter are held against.</summary>
    internal bool GoesByDefinition { get; init; }

    /// <inheritdoc/>
    internal override ModelMemory CreateModelMemory()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return new CpuModelMemory(this);
    }

    /// <inheritdoc/>
    internal override DeviceBuffer Borrow(int elements) => new(new Tensor(elements));

    /// <inheritdoc/>
    internal override RowLengths Rows(params ReadOnlySpan<int> lengths) => lengths.Length <= MostRows
        ? new RowLengths(lengths)
        : throw new ArgumentException($"At most {MostRows} rows go through a network at once; found {lengths.Length}.");

    /// <inheritdoc/>
    internal override void Upload(Tensor host, Tensor sequence)
    {
        CheckShape(host, sequence.Shape);
        host.Span.CopyTo(sequence.Span);
    }

    /// <inheritdoc/>
    internal override Tensor Download(Tensor sequence)
    {
        using var stage = BeginStage(Stage.Download);
        return Tensor.From(sequence.Span, sequence.Shape);
    }

    /// <summary>Prepares a linear layer.</summary>
    /// <param name="weight">[Out, In].</param>
    /// <param name="bias">[Out], or none.</param>
    internal LinearWeights PackLinear(Tensor weight, Tensor? bias = null) => new(weight, bias, _engine.TileWidth);

    /// <summary>output = input W^T + bias for every row.</summary>
    /// <param name="input">[N, In].</param>
    /// <param name="weights">From <see cref="PackLinear"/> of an instance on the same kind of CPU.</param>
    /// <param name="output">[N, Out].</param>
    internal void Linear(Tensor input, LinearWeights weights, Tensor output)
    {
        if (input.Rank != 2 || input[1] != weights.Inputs || weights.PanelWidth != _engine.TileWidth)
        {
            throw new ArgumentException($"An input [N, {weights.Inputs}] was expected; found {input}.");
        }

        CheckShape(output, [input[0], weights.Outputs]);
        _engine.Linear(input, weights, output);
    }

    /// <inheritdoc/>
    internal override void Embed(ReadOnlySpan<int> ids, Tensor table, Tensor output)
    {
        var (channels, steps) = (table[1], output[2]);
        CheckShape(output, [ids.Length / steps, channels, steps]);
        for (var i = 0; i < ids.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)ids[i], (uint)table[0], nameof(ids));
            var row = table.Span.Slice(ids[i] * channels, channels);
            var columns = output.Slice(i / steps, 1).Span;
            for (var channel = 0; channel < channels; channel++)
            {
                columns[(channel * steps) + (i % steps)] = row[channel];
            }
        }
    }

    /// <inheritdoc/>
    internal override void FillNormal(Tensor sequence, RandomUse use, uint step, NoiseRow[] rows) =>
        VocoderOperations.FillNormal(_team, sequence, use, step, rows);

    /// <summary>Ends the team's threads.</summary>
    public override void Dispose()
    {
        IsDisposed = true;
        _team.Dispose();
    }

    /// <inheritdoc/>
    private protected override void Convolve(Tensor input, Conv1dWeights weights, Tensor output, ConvFusion fusion)
    {
        if (weights is not CpuConv1dWeights packed || packed.MostRows != _engine.MostRows)
        {
            throw new ArgumentException("These weights were packed for another kind of device.");
        }

        _engine.Convolve(input, packed, output, fusion);
    }

    /// <inheritdoc/>
    private protected override void RunWaveNetLayer(
        Tensor input, Tensor? conditioning, WaveNetLayerWeights weights, Tensor? output, Tensor skip, bool accumulate, Tensor? gateVectors)
    {
        if (weights is not CpuWaveNetLayerWeights packed || packed.BlockRows != _engine.MostRows)
        {
            throw new ArgumentException("These weights were packed for another kind of device.");
        }

        _waveNet.Layer(input, conditioning, packed, output, skip, accumulate, gateVectors);
    }

    /// <inheritdoc/>
    private protected override void RunUndoFlowStep(Tensor input, Tensor coupling, FlowStep step, Tensor? early, Tensor output) =>
        _waveNet.UndoFlowStep(input, coupling, step, early, output);

    // CPUID leaves 0x80000002 to 0x80000004 spell 48 bytes (AMD64 Architecture Programmer's Manual, volume 3, appendix E.4.2).
    private static string BrandString()
    {
        Span<int> words = stackalloc int[12];
        for (var leaf = 0; leaf < 3; leaf++)
        {
            (words[4 * leaf], words[(4 * leaf) + 1], words[(4 * leaf) + 2], words[(4 * leaf) + 3]) =
                X86Base.CpuId(unchecked((int)0x80000002) + leaf, 0);
        }

        return Encoding.ASCII.GetString(MemoryMarshal.AsBytes(words)).Trim('\0', ' ');
    }

    /// <inheritdoc/>
    private protected override void RunStretch(Tensor input, Tensor taps, int factor, int crop, Tensor output) =>
        VocoderOperations.Stretch(_team, input, taps.Span, factor, crop, output);
}
