using CudaTts.Tensors;

namespace CudaTts.Compute;

/// <content>The operations of networks that read a text as a whole: transformers, duration predictors, and what repeats tokens as frames.</content>
public abstract partial class ComputeDevice
{
    /// <summary>
    /// The same device computing in float32: itself where it does so already. For what must not be rounded, such as durations, beside what may be.
    /// It lives as long as this device, which disposes of it.
    /// </summary>
    internal virtual ComputeDevice FullPrecision => this;

    /// <summary>
    /// Layer normalisation over the channels of every step (as PyTorch's LayerNorm), and what stands around it:
    /// output = (activation(norm(input + residual) * scale + shift) + addend) * mask.
    /// </summary>
    /// <param name="input">[B, C, T].</param>
    /// <param name="weights">Scale and shift, [C] each.</param>
    /// <param name="output">[B, C, T]; may be any of the inputs.</param>
    /// <param name="fusion">What stands around it; nothing when omitted.</param>
    internal void LayerNorm(Tensor input, LayerNormWeights weights, Tensor output, LayerNormFusion? fusion = null)
    {
        fusion ??= LayerNormFusion.None;
        CheckShape(input, [input[0], weights.Scale.Length, input.Shape[^1]]);
        CheckShape(output, input.Shape);
        foreach (var tensor in (ReadOnlySpan<Tensor?>)[fusion.Residual, fusion.Addend])
        {
            if (tensor is not null)
            {
                CheckShape(tensor, input.Shape);
            }
        }

        if (fusion.Mask is not null)
        {
            CheckShape(fusion.Mask, [input[0], 1, input[2]]);
        }

        RunLayerNorm(input, weights, output, fusion);
    }

    /// <summary>
    /// Self-attention of every head over all steps of a row: output_i = sum over j of p_ij (v_j + RelativeValues[j - i + W]), where p is the softmax
    /// over j of (q_i / sqrt D) . (k_j + RelativeKeys[j - i + W]); the relative terms only where |j - i| is at most W (arXiv:1803.02155). Where
    /// nothing can be attended to, the output is zero.
    /// </summary>
    /// <param name="projected">[B, 3 H D, T]: queries, keys and values one after the other, each head by head.</param>
    /// <param name="heads">Their number H, and the relative embeddings.</param>
    /// <param name="output">[B, H D, T].</param>
    /// <param name="mask">[B, 1, T], 0 for steps that nobody attends to, else 1; all count when omitted.</param>
    internal void SelfAttention(Tensor projected, AttentionHeads heads, Tensor output, Tensor? mask = null)
    {
        CheckShape(projected, [projected[0], 3 * output[1], projected.Shape[^1]]);
        CheckShape(output, [projected[0], output[1], projected[2]]);
        if (output[1] % heads.Count != 0)
        {
            throw new ArgumentException($"{output[1]} channels cannot be divided among {heads.Count} heads.");
        }

        if (mask is not null)
        {
            CheckShape(mask, [projected[0], 1, projected[2]]);
        }

        if (heads.RelativeKeys is not null || heads.RelativeValues is not null)
        {
            var (keys, values) = (heads.RelativeKeys?.Shape ?? [], heads.RelativeValues?.Shape ?? []);
            if (keys is not [var places, var width]
                || places % 2 == 0 || width != output[1] / heads.Count || !keys.SequenceEqual(values))
            {
                throw new ArgumentException(
                    $"Two relative embeddings [2 W + 1, {output[1] / heads.Count}] were expected; found {Tensor.Describe(keys)} and "
                    + $"{Tensor.Describe(values)}.");
            }
        }

        RunSelfAttention(projected, heads, output, mask);
    }

    /// <summary>A convolution in which every channel sees itself alone, padded with zeros so that the length stays.</summary>
    /// <param name="input">[B, C, T].</param>
    /// <param name="weights">Taps and bias.</param>
    /// <param name="output">[B, C, T]; must not share memory with the input.</param>
    internal void DepthwiseConv1d(Tensor input, DepthwiseWeights weights, Tensor output)
    {
        CheckShape(input, [input[0], weights.Taps[0], input.Shape[^1]]);
        CheckShape(output, input.Shape);
        RunDepthwiseConv1d(input, weights, output);
    }

    /// <summary>
    /// Undoes a coupling whose one channel went through a monotonic rational-quadratic spline (arXiv:1906.04032, with linear tails), in place.
    /// </summary>
    /// <param name="parameters">[B, 3 K - 1, T]: K widths, K heights and K - 1 inner slopes of each step, none of them normalised yet.</param>
    /// <param name="coupling">Which channel it is, and the spline's constants.</param>
    /// <param name="variables">[B, 2, T].</param>
    internal void UndoSpline(Tensor parameters, SplineCoupling coupling, Tensor variables)
    {
        CheckShape(parameters, [variables[0], (3 * coupling.Bins) - 1, variables[2]]);
        CheckShape(variables, [variables[0], 2, variables[2]]);
        RunUndoSpline(parameters, coupling, variables);
    }

    /// <summary>Copies steps: output[.., f] = input[.., places[f]].</summary>
    /// <param name="input">[B, C, T].</param>
    /// <param name="places">[B, F] row by row, each within its row of the input; what lies past a row's length is not looked at.</param>
    /// <param name="output">[B, C, F].</param>
    internal void Gather(Tensor input, ReadOnlySpan<int> places, Tensor output)
    {
        CheckShape(output, [input[0], input[1], places.Length / input[0]]);
        CheckPlaces(places, input, output);
        RunGather(input, places, output);
    }

    /// <summary>
    /// Draws frames from the normal distributions of their tokens, in place:
    /// frames[c, f] = mean[c, token of f] + frames[c, f] * exp(log deviation[c, token of f]).
    /// </summary>
    /// <param name="distributions">[B, 2 C, T]: means, then logarithms of deviations.</param>
    /// <param name="places">The token of each frame, [B, F] row by row; what lies past a row's length is not looked at.</param>
    /// <param name="frames">[B, C, F]: noise, already scaled, that becomes the frames.</param>
    internal void DrawFrames(Tensor distributions, ReadOnlySpan<int> places, Tensor frames)
    {
        CheckShape(distributions, [frames[0], 2 * frames[1], distributions.Shape[^1]]);
        if (places.Length != frames[0] * frames[2])
        {
            throw new ArgumentException($"{frames[0] * frames[2]} places were expected; found {places.Length}.");
        }

        CheckPlaces(places, distributions, frames);
        RunDrawFrames(distributions, places, frames);
    }

    /// <summary>
    /// Adds what says where a step is (arXiv:1706.03762, section 3.5, all sines before all cosines):
    /// output[c, t] = (input[c, t] + sin(t f_c), or cos(t f_(c - C/2)) in the second half) * mask[t].
    /// </summary>
    /// <param name="input">[B, C, T].</param>
    /// <param name="frequencies">[C / 2] from <see cref="ModelMemory.Store"/>.</param>
    /// <param name="output">[B, C, T]; may be the input.</param>
    /// <param name="mask">[B, 1, T], or none.</param>
    internal void AddPositions(Tensor input, Tensor frequencies, Tensor output, Tensor? mask = null)
    {
        CheckShape(input, [input[0], 2 * frequencies.Length, input.Shape[^1]]);
        CheckShape(output, input.Shape);
        if (mask is not null)
        {
            CheckShape(mask, [input[0], 1, input[2]]);
        }

        RunAddPositions(input, frequencies, output, mask);
    }

    /// <summary>Adds a vector of each row to all its steps, in place.</summary>
    /// <param name="sequence">[B, C, T].</param>
    /// <param name="vectors">[B, C], on the host.</param>
    internal void AddRowVectors(Tensor sequence, Tensor vectors)
    {
        CheckShape(vectors, [sequence[0], sequence[1]]);
        RunAddRowVectors(sequence, vectors);
    }

    /// <summary>Every place of a row's real steps is one of the row's real steps in the source.</summary>
    private static void CheckPlaces(ReadOnlySpan<int> places, Tensor source, Tensor target)
    {
        for (var row = 0; row < target[0]; row++)
        {
            var steps = source.Rows is null ? source[2] : source.Rows.Values[row] * source.StepsPerUnit;
            var real = target.Rows is null ? target[2] : target.Rows.Values[row] * target.StepsPerUnit;
            var ofRow = places.Slice(row * target[2], real);
            var wrong = ofRow.IndexOfAnyExceptInRange(0, steps - 1);
            if (wrong >= 0)
            {
                throw new ArgumentException($"Row {row} has {steps} steps; place {wrong} is {ofRow[wrong]}.");
            }
        }
    }

    /// <summary>What <see cref="LayerNorm"/> does, its arguments checked.</summary>
    private protected abstract void RunLayerNorm(Tensor input, LayerNormWeights weights, Tensor output, LayerNormFusion fusion);

    /// <summary>What <see cref="SelfAttention"/> does, its arguments checked.</summary>
    private protected abstract void RunSelfAttention(Tensor projected, AttentionHeads heads, Tensor output, Tensor? mask);

    /// <summary>What <see cref="DepthwiseConv1d"/> does, its arguments checked.</summary>
    private protected abstract void RunDepthwiseConv1d(Tensor input, DepthwiseWeights weights, Tensor output);

    /// <summary>What <see cref="UndoSpline"/> does, its arguments checked.</summary>
    private protected abstract void RunUndoSpline(Tensor parameters, SplineCoupling coupling, Tensor variables);

    /// <summary>What <see cref="Gather"/> does, its arguments checked.</summary>
    private protected abstract void RunGather(Tensor input, ReadOnlySpan<int> places, Tensor output);

    /// <summary>What <see cref="DrawFrames"/> does, its arguments checked.</summary>
    private protected abstract void RunDrawFrames(Tensor distributions, ReadOnlySpan<int> places, Tensor frames);

    /// <summary>What <see cref="AddPositions"/> does, its arguments checked.</summary>
    private protected abstract void RunAddPositions(Tensor input, Tensor frequencies, Tensor output, Tensor? mask);

    /// <summary>What <see cref="AddRowVectors"/> does, its arguments checked.</summary>
    private protected abstract void RunAddRowVectors(Tensor sequence, Tensor vectors);
}

/// <summary>Layer normalisation's weights, in the device's memory.</summary>
/// <param name="Scale">Often called gamma, [C].</param>
/// <param name="Shift">Often called beta, [C].</param>
internal sealed record LayerNormWeights(Tensor Scale, Tensor Shift)
{
    /// <summary>Added to the variance, as PyTorch has it.</summary>
    public const float Epsilon = 1e-5f;
}

/// <summary>What stands around a layer normalisation.</summary>
internal sealed record LayerNormFusion
{
    /// <summary>Nothing but the normalisation.</summary>
    public static LayerNormFusion None { get; } = new();

    /// <summary>[B, C, T] that is added to the input first.</summary>
    public Tensor? Residual { get; init; }

    /// <summary>Whether the result goes through GELU (arXiv:1606.08415, with the error function itself).</summary>
    public bool HasGelu { get; init; }

    /// <summary>[B, C, T] that is added after that.</summary>
    public Tensor? Addend { get; init; }

    /// <summary>[B, 1, T], the last factor.</summary>
    public Tensor? Mask { get; init; }
}

/// <summary>The heads of a self-attention.</summary>
/// <param name="Count">H.</param>
/// <param name="RelativeKeys">[2 W + 1, D] in the device's memory, shared by the heads; none where there is nothing relative.</param>
/// <param name="RelativeValues">As much again.</param>
internal sealed record AttentionHeads(int Count, Tensor? RelativeKeys = null, Tensor? RelativeValues = null);

/// <summary>A depthwise convolution's weights, in the device's memory.</summary>
/// <param name="Taps">[C, K], K odd.</param>
/// <param name="Bias">[C].</param>
/// <param name="Dilation">Steps between taps.</param>
internal sealed record DepthwiseWeights(Tensor Taps, Tensor Bias, int Dilation);

/// <summary>A coupling by a rational-quadratic spline.</summary>
/// <param name="Channel">0 or 1: the channel that went through the spline.</param>
/// <param name="Bins">K.</param>
/// <param name="Bound">The spline is on [-Bound, Bound], and the identity outside.</param>
/// <param name="Factor">On widths and heights before their softmax.</param>
internal sealed record SplineCoupling(int Channel, int Bins, float Bound, float Factor)
{
    /// <summary>The least width of a bin, its least height and its least slope.</summary>
    public const double Least = 1e-3;
}
