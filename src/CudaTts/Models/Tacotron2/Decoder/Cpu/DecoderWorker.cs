using CudaTts.Compute.Cpu;
using CudaTts.Models.Tacotron2.Attention;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Decoder.Cpu;

/// <summary>
/// One thread's part in the decoder's steps (arXiv:1712.05884, section 2.2; graph as in NVIDIA/tacotron2 model.py): its share of every layer's
/// rows. A barrier stands wherever a layer reads what all threads wrote.
/// </summary>
internal sealed unsafe class DecoderWorker(
    Tacotron2Config config,
    DecoderWeights weights,
    DecoderKernels kernels,
    DecoderState s,
    PrenetDropout dropout,
    AttentionWindow? window,
    DecoderTeam team,
    int member)
{
    private readonly float* _alignment = s.Weights.Pointer + (member * s.PaddedTokens);

    /// <summary>From the frames of one step to those of the next.</summary>
    public void Step(int step)
    {
        // Prenet.
        PrenetLayer(step, 0, weights.PrenetFirst, s.Frame, s.PrenetHidden);
        team.Barrier(member);
        PrenetLayer(step, 1, weights.PrenetSecond, s.PrenetHidden, s.PrenetOutput);
        CopyShare(s.AttentionHidden, config.AttentionRnn, s.AttentionInput, config.Prenet + config.EncoderEmbedding);
        team.Barrier(member);

        // Attention LSTM over [prenet, context, its own last state].
        weights.AttentionLstm.Step(
            s.AttentionInput.Pointer,
            weights.AttentionBias.Pointer,
            s.AttentionGates.Pointer,
            s.AttentionCell.Pointer,
            s.AttentionHidden.Pointer,
            team.Share(weights.AttentionLstm.Blocks, member));
        team.Barrier(member);

        // Location-sensitive attention: energies from the query, the keys, and where attention has been.
        weights.Query.Multiply(s.AttentionHidden.Pointer, s.NoBias.Pointer, s.Query.Pointer, team.Share(weights.Query.Panels, member));
        CopyShare(s.AttentionHidden, config.AttentionRnn, s.DecoderInput, 0);
        CopyShare(s.DecoderHidden, config.DecoderRnn, s.DecoderInput, config.AttentionRnn + config.EncoderEmbedding);
        team.Barrier(member);
        Energies();
        team.Barrier(member);
        Context();
        team.Barrier(member);

        // Decoder LSTM over [attention state, context, its own last state].
        weights.DecoderLstm.Step(
            s.DecoderInput.Pointer,
            weights.DecoderBias.Pointer,
            s.DecoderGates.Pointer,
            s.DecoderCell.Pointer,
            s.DecoderHidden.Pointer,
            team.Share(weights.DecoderLstm.Blocks, member));
        team.Barrier(member);

        // Frames and gate from [decoder state, context].
        Copy(s.DecoderHidden, 0, config.DecoderRnn, s.ProjectionInput, 0);
        weights.Projection.Multiply(
            s.ProjectionInput.Pointer, weights.ProjectionBias.Pointer, s.Frame.Pointer, team.Share(weights.Projection.Panels, member));
        team.Barrier(member);
    }

    private void PrenetLayer(int step, int layer, DecoderMatrix matrix, Tensor input, Tensor output)
    {
        var panels = team.Share(matrix.Panels, member);
        matrix.Multiply(input.Pointer, s.NoBias.Pointer, output.Pointer, panels);
        var first = Math.Min(panels.Start * DecoderMatrix.PanelRows, config.Prenet);
        var end = Math.Min(panels.End * DecoderMatrix.PanelRows, config.Prenet);
        dropout.Apply(step, layer, first, output.Span[first..end]);
        if (layer == 1)
        {
            output.Span[first..end].CopyTo(s.AttentionInput.Span[first..]);
        }
    }

    private void Energies()
    {
        var blocks = team.Share(s.TokenBlocks, member);
        kernels.LocationEnergies(
            weights.Location, s.Query.Pointer, s.Keys.Pointer, s.Previous.Pointer, s.Cumulative.Pointer, s.Energies.Pointer, blocks);

        // The last block may reach beyond the text.
        var end = blocks.End * DecoderKernels.TokenBlock;
        if (end > s.Tokens)
        {
            s.Energies.Span[s.Tokens..end].Fill(float.NegativeInfinity);
        }

        if (window is { } around)
        {
            CloseOutside(around, blocks.Start * DecoderKernels.TokenBlock, end);
        }
    }

    /// <summary>Leaves only the tokens around the last step's peak open to attention, of those that this thread has computed.</summary>
    private void CloseOutside(AttentionWindow around, int start, int end)
    {
        var previous = s.Previous.Span.Slice(config.LocationKernel / 2, s.Tokens);
        var peak = 0;
        for (var token = 1; token < previous.Length; token++)
        {
            peak = previous[token] > previous[peak] ? token : peak;
        }

        for (var token = start; token < end; token++)
        {
            if (token < peak - around.Behind || token > peak + around.Ahead)
            {
                s.Energies.Span[token] = float.NegativeInfinity;
            }
        }
    }

    private void Context()
    {
        kernels.Softmax(s.Energies.Pointer, _alignment, s.PaddedTokens);
        var blocks = team.Share(s.ContextBlocks, member);
        kernels.WeightedSum(_alignment, s.Tokens, s.Memory.Pointer, s.Memory[1], s.Context.Pointer, blocks);
        var first = Math.Min(blocks.Start * DecoderKernels.ColumnBlock, config.EncoderEmbedding);
        var count = Math.Min(blocks.End * DecoderKernels.ColumnBlock, config.EncoderEmbedding) - first;
        Copy(s.Context, first, count, s.AttentionInput, config.Prenet);
        Copy(s.Context, first, count, s.DecoderInput, config.AttentionRnn);
        Copy(s.Context, first, count, s.ProjectionInput, config.DecoderRnn);
        if (member == 0)
        {
            var centre = config.LocationKernel / 2;
            for (var token = 0; token < s.Tokens; token++)
            {
                s.Previous.Pointer[centre + token] = _alignment[token];
                s.Cumulative.Pointer[centre + token] += _alignment[token];
            }
        }
    }

    private void CopyShare(Tensor source, int length, Tensor destination, int at)
    {
        var (start, end) = team.Share(length, member);
        Copy(source, start, end - start, destination, at);
    }

    private static void Copy(Tensor source, int first, int count, Tensor destination, int at) =>
        source.Span.Slice(first, count).CopyTo(destination.Span[(at + first)..]);
}
