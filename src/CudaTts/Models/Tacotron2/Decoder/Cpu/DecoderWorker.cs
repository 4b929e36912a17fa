using CudaTts.Compute.Cpu;
using CudaTts.Models.Tacotron2.Attention;
using CudaTts.Tensors;

namespace CudaTts.Models.Tacotron2.Decoder.Cpu;

/// <summary>
/// One thread's part in the decoder's steps (arXiv:1712.05884, section 2.2; graph as in NVIDIA/tacotron2 model.py): its share of every layer's
/// outputs, for some rows, so that weights are read once for all of them. A barrier stands wherever a layer reads what all threads wrote.
/// </summary>
internal sealed unsafe class DecoderWorker(
    Tacotron2Config config, DecoderWeights weights, DecoderKernels kernels, CpuDecoderRow[] rows, Lockstep steps, int member)
{
    /// <summary>From the frames of one step to those of the next.</summary>
    /// <param name="offset">Steps since the run began.</param>
    public void Step(int offset)
    {
        // Prenet.
        PrenetLayer(offset, 0, weights.PrenetFirst, row => new(row.Frame.Pointer, row.PrenetHidden.Pointer));
        steps.Barrier(member);
        PrenetLayer(offset, 1, weights.PrenetSecond, row => new(row.PrenetHidden.Pointer, row.PrenetOutput.Pointer));
        foreach (var row in rows)
        {
            CopyShare(row.State.AttentionHidden, config.AttentionRnn, row.State.AttentionInput, config.Prenet + config.EncoderEmbedding);
        }

        steps.Barrier(member);

        // Attention LSTM over [prenet, context, its own last state].
        Lstm(weights.AttentionLstm, weights.AttentionBias, row => row.AttentionLstm);
        steps.Barrier(member);

        // Location-sensitive attention: energies from the query, the keys, and where attention has been.
        Multiply(weights.Query, rows[0].State.NoBias, row => new(row.AttentionHidden.Pointer, row.Query.Pointer));
        foreach (var row in rows)
        {
            CopyShare(row.State.AttentionHidden, config.AttentionRnn, row.State.DecoderInput, 0);
            CopyShare(row.State.DecoderHidden, config.DecoderRnn, row.State.DecoderInput, config.AttentionRnn + config.EncoderEmbedding);
        }

        steps.Barrier(member);
        foreach (var row in rows)
        {
            Energies(row.State, row.Row.Options.Window);
        }

        steps.Barrier(member);
        foreach (var row in rows)
        {
            Context(row.State);
        }

        steps.Barrier(member);

        // Decoder LSTM over [attention state, context, its own last state].
        Lstm(weights.DecoderLstm, weights.DecoderBias, row => row.DecoderLstm);
        steps.Barrier(member);

        // Frames and gate from [decoder state, context].
        foreach (var row in rows)
        {
            Copy(row.State.DecoderHidden, 0, config.DecoderRnn, row.State.ProjectionInput, 0);
        }

        Multiply(weights.Projection, weights.ProjectionBias, row => new(row.ProjectionInput.Pointer, row.Frame.Pointer));
        steps.Barrier(member);
    }

    private void PrenetLayer(int offset, int layer, DecoderMatrix matrix, Func<DecoderState, VectorPair> vectors)
    {
        Multiply(matrix, rows[0].State.NoBias, vectors);
        var panels = steps.Share(matrix.Panels, member);
        var first = Math.Min(panels.Start * DecoderMatrix.PanelRows, config.Prenet);
        var end = Math.Min(panels.End * DecoderMatrix.PanelRows, config.Prenet);
        foreach (var row in rows)
        {
            var output = (layer == 0 ? row.State.PrenetHidden : row.State.PrenetOutput).Span[first..end];
            row.Row.Dropout.Apply(row.FirstStep + offset, layer, first, output);
            if (layer == 1)
            {
                output.CopyTo(row.State.AttentionInput.Span[first..]);
            }
        }
    }

    /// <summary>This thread's share of a product with a vector of every row.</summary>
    private void Multiply(DecoderMatrix matrix, Tensor bias, Func<DecoderState, VectorPair> vectors)
    {
        Span<VectorPair> pairs = stackalloc VectorPair[rows.Length];
        for (var row = 0; row < pairs.Length; row++)
        {
            pairs[row] = vectors(rows[row].State);
        }

        matrix.Multiply(pairs, bias.Pointer, steps.Share(matrix.Panels, member));
    }

    private void Lstm(LstmCell cell, Tensor bias, Func<DecoderState, LstmVectors> vectors)
    {
        Span<LstmVectors> states = stackalloc LstmVectors[rows.Length];
        for (var row = 0; row < states.Length; row++)
        {
            states[row] = vectors(rows[row].State);
        }

        cell.Step(states, bias.Pointer, steps.Share(cell.Blocks, member));
    }

    private void Energies(DecoderState s, AttentionWindow? window)
    {
        var blocks = steps.Share(s.TokenBlocks, member);
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
            CloseOutside(s, around, blocks.Start * DecoderKernels.TokenBlock, end);
        }
    }

    /// <summary>Leaves only the tokens around the last step's peak open to attention, of those that this thread has computed.</summary>
    private void CloseOutside(DecoderState s, AttentionWindow around, int start, int end)
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

    private void Context(DecoderState s)
    {
        var alignment = s.Weights.Pointer + (member * s.PaddedTokens);
        kernels.Softmax(s.Energies.Pointer, alignment, s.PaddedTokens);
        var blocks = steps.Share(s.ContextBlocks, member);
        kernels.WeightedSum(alignment, s.Tokens, s.Memory.Pointer, s.Memory[1], s.Context.Pointer, blocks);
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
                s.Previous.Pointer[centre + token] = alignment[token];
                s.Cumulative.Pointer[centre + token] += alignment[token];
            }
        }
    }

    private void CopyShare(Tensor source, int length, Tensor destination, int at)
    {
        var (start, end) = steps.Share(length, member);
        Copy(source, start, end - start, destination, at);
    }

    private static void Copy(Tensor source, int first, int count, Tensor destination, int at) =>
        source.Span.Slice(first, count).CopyTo(destination.Span[(at + first)..]);
}
