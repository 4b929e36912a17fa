using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using CudaTts.Compute.Cpu;

namespace CudaTts.Compute;

/// <summary>
/// The operations on the CPU's vector units, shared among a team of threads. Sequences are channels first, <c>[B, C, T]</c>.
/// One instance may be used from several threads; calls that overlap run on their caller's thread alone.
/// Arguments that do not fit together are programming errors and throw <see cref="ArgumentException"/>.
/// </summary>
public sealed class CpuCompute : IDisposable
{
    private readonly ThreadTeam _team;
    private readonly ConvolutionEngine _engine;

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
    }

    /// <summary>Threads that work on one operation, the caller included.</summary>
    public int Threads => _team.Count;

    internal static SimdLevel BestLevel =>
        Avx512F.IsSupported ? SimdLevel.Avx512 : Avx2.IsSupported && Fma.IsSupported ? SimdLevel.Avx2 : SimdLevel.Portable;

    internal SimdLevel Level { get; }

    internal ThreadTeam Team => _team;

    /// <summary>Prepares a convolution.</summary>
    /// <param name="weight">[Cout, Cin, K].</param>
    /// <param name="bias">[Cout], or none.</param>
    /// <param name="dilation">Steps between taps.</param>
    /// <param name="padding">Zeros before and after the input.</param>
    public Conv1dWeights PackConv1d(Tensor weight, Tensor? bias, int dilation, int padding) =>
        Conv1dWeights.Pack(weight, bias, dilation, padding, _engine.MostRows);

    /// <summary>Prepares a transposed convolution.</summary>
    /// <param name="weight">[Cin, Cout, K].</param>
    /// <param name="bias">[Cout], or none.</param>
    /// <param name="stride">Output samples an input step.</param>
    /// <param name="padding">Samples cut from both ends of the output.</param>
    public Conv1dWeights PackConvTranspose1d(Tensor weight, Tensor? bias, int stride, int padding) =>
        Conv1dWeights.PackTransposed(weight, bias, stride, padding, _engine.MostRows);

    /// <summary>Prepares a linear layer.</summary>
    /// <param name="weight">[Out, In].</param>
    /// <param name="bias">[Out], or none.</param>
    public LinearWeights PackLinear(Tensor weight, Tensor? bias = null) => new(weight, bias, _engine.TileWidth);

    /// <summary>Convolution or transposed convolution over time (as PyTorch's Conv1d and ConvTranspose1d).</summary>
    /// <param name="input">[B, Cin, T].</param>
    /// <param name="weights">From <see cref="PackConv1d"/> or <see cref="PackConvTranspose1d"/>.</param>
    /// <param name="output">[B, Cout, T'], T' as <see cref="Conv1dWeights.OutputLength"/> says. Must not share memory with the input.</param>
    /// <param name="fusion">What else to do; none when omitted.</param>
    public void Conv1d(Tensor input, Conv1dWeights weights, Tensor output, ConvFusion? fusion = null)
    {
        fusion ??= ConvFusion.None;
        if (weights.MostRows != _engine.MostRows)
        {
            throw new ArgumentException("These weights were packed for another kind of CPU.");
        }

        if (!(fusion.InputSlope is >= 0 and <= 1))
        {
            throw new ArgumentException($"A leaky ReLU's slope lies within 0 and 1; found {fusion.InputSlope}.");
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

        _engine.Convolve(input, weights, output, fusion);
    }

    /// <inheritdoc cref="Conv1d(Tensor, Conv1dWeights, Tensor, ConvFusion?)"/>
    /// <returns>The output in a new tensor.</returns>
    public Tensor Conv1d(Tensor input, Conv1dWeights weights, ConvFusion? fusion = null)
    {
        var output = new Tensor(input[0], weights.OutputChannels, weights.OutputLength(input[2]));
        Conv1d(input, weights, output, fusion);
        return output;
    }

    /// <summary>output = input W^T + bias for every row.</summary>
    /// <param name="input">[N, In].</param>
    /// <param name="weights">From <see cref="PackLinear"/> of an instance on the same kind of CPU.</param>
    /// <param name="output">[N, Out].</param>
    public void Linear(Tensor input, LinearWeights weights, Tensor output)
    {
        if (input.Rank != 2 || input[1] != weights.Inputs || weights.PanelWidth != _engine.TileWidth)
        {
            throw new ArgumentException($"An input [N, {weights.Inputs}] was expected; found {input}.");
        }

        CheckShape(output, [input[0], weights.Outputs]);
        _engine.Linear(input, weights, output);
    }

    /// <summary>Looks up rows of a table.</summary>
    /// <param name="ids">[T], each below the table's number of rows.</param>
    /// <param name="table">[symbols, C].</param>
    /// <returns>[1, C, T].</returns>
    public static Tensor Embedding(ReadOnlySpan<int> ids, Tensor table)
    {
        var channels = table[1];
        var rows = table.Span;
        var output = new Tensor(1, channels, ids.Length);
        var columns = output.Span;
        for (var t = 0; t < ids.Length; t++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)ids[t], (uint)table[0], nameof(ids));
            var row = rows.Slice(ids[t] * channels, channels);
            for (var channel = 0; channel < channels; channel++)
            {
                columns[(channel * ids.Length) + t] = row[channel];
            }
        }

        return output;
    }

    /// <summary>Ends the team's threads.</summary>
    public void Dispose() => _team.Dispose();

    private static void CheckShape(Tensor tensor, ReadOnlySpan<int> expected)
    {
        if (!expected.SequenceEqual(tensor.Shape))
        {
            throw new ArgumentException($"A tensor {Tensor.Describe(expected)} was expected; found {tensor}.");
        }
    }
}
