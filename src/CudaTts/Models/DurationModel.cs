using System.Runtime.ExceptionServices;
using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Tensors;

namespace CudaTts.Models;

/// <summary>
/// An acoustic model that says how long each token lasts before it makes frames, all of them at once: nothing is decoded step by step, and there is
/// no attention that could go astray.
/// </summary>
public abstract class DurationModel : AcousticModel
{
    private protected DurationModel(string name, string title, MelContract mel, ComputeDevice device)
        : base(name, title, mel, device)
    {
    }

    /// <inheritdoc/>
    public sealed override bool HasAttention => false;

    /// <inheritdoc/>
    internal sealed override StopReason UsualStop => StopReason.Durations;

    /// <inheritdoc/>
    public sealed override string DecoderWay => "parallel";

    /// <inheritdoc/>
    public sealed override IReadOnlyList<AcousticResult> SynthesizeBatch(
        IReadOnlyList<int[]> utterances, IReadOnlyList<AcousticOptions> options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(utterances);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNotEqual(options.Count, utterances.Count, nameof(options));
        for (var row = 0; row < utterances.Count; row++)
        {
            Require(utterances[row], options[row]);
        }

        using var run = Memory.BeginRun();
        var results = new List<DurationResult>();
        foreach (var group in Enumerable.Range(0, utterances.Count).Chunk(Device.MostRows))
        {
            results.AddRange(cancellation.IsCancellationRequested
                ? group.Select(row => DurationResult.Cancelled(Mel.MelBands, utterances[row].Length))
                : Complete(
                    Predict(Array.ConvertAll(group, row => utterances[row]), Array.ConvertAll(group, row => options[row]), cancellation),
                    Array.ConvertAll(group, row => options[row]), cancellation));
        }

        return results;
    }

    /// <inheritdoc/>
    internal sealed override AcousticBatch CreateBatch() => new DurationBatch(this);

    /// <inheritdoc/>
    internal override Tensor[] Refine(IReadOnlyList<Tensor> mels, IReadOnlyList<AcousticOptions> options)
    {
        var refined = Refine(mels, options, CancellationToken.None);
        Array.ForEach(refined, RequireFinite);
        return refined;
    }

    /// <summary>Refuses what cannot be spoken.</summary>
    /// <exception cref="TextException">There are no ids, or one is not a symbol of this model.</exception>
    /// <exception cref="CudaTtsException">There is no such speaker, or not as many tokens' prosody as tokens.</exception>
    internal void Require(int[] ids, AcousticOptions options)
    {
        if (ids.Length == 0)
        {
            throw new TextException("There are no tokens to speak: expected at least one id.");
        }

        if (Array.Find(ids, id => id < 0 || id >= Symbols) is var wrong && (wrong < 0 || wrong >= Symbols))
        {
            throw new TextException(
                $"Token id {wrong} is no symbol of the model: it has {Symbols}. Do the ids come from this voice's front end?");
        }

        SpeakerChoice.Require(options.Speaker, Speakers, Name);
        if (options.Prosody is { } prosody && prosody.Count != ids.Length)
        {
            throw new CudaTtsException($"prosody: expected one entry for each of {ids.Length} tokens, found {prosody.Count}.");
        }
    }

    /// <summary>
    /// Tokens to durations and to frames that <see cref="RefineRows"/> has not seen, of at most as many rows as the device takes at once.
    /// </summary>
    /// <exception cref="CudaTtsException">A value is not finite.</exception>
    internal DurationResult[] Predict(int[][] utterances, AcousticOptions[] options, CancellationToken cancellation)
    {
        var results = PredictRows(utterances, options, cancellation);
        for (var row = 0; row < results.Length; row++)
        {
            RequireFinite(results[row].Mel);
        }

        return results;
    }

    /// <summary>What <see cref="Predict"/> made, with its frames refined; cancelled rows say so in their results.</summary>
    internal DurationResult[] Complete(DurationResult[] predicted, AcousticOptions[] options, CancellationToken cancellation)
    {
        var spoken = Enumerable.Range(0, predicted.Length).Where(row => predicted[row].Mel[2] > 0).ToArray();
        var refined = Refine(Array.ConvertAll(spoken, row => predicted[row].Mel), Array.ConvertAll(spoken, row => options[row]), cancellation);
        for (var i = 0; i < spoken.Length; i++)
        {
            ref var result = ref predicted[spoken[i]];
            if (cancellation.IsCancellationRequested || options[spoken[i]].Ending.IsCancellationRequested)
            {
                result = DurationResult.Cancelled(Mel.MelBands, result.Durations.Length);
                continue;
            }

            RequireFinite(refined[i]);
            result = result with { Mel = refined[i] };
        }

        return predicted;
    }

    /// <summary>Tokens to durations and frames, of checked rows; cancelled rows say so in their results.</summary>
    private protected abstract DurationResult[] PredictRows(int[][] utterances, AcousticOptions[] options, CancellationToken cancellation);

    /// <summary>
    /// Refines frames [1, bands, F] of each row; those at the ends of a part lack their context. Where it is cancelled, what it returns is of no use.
    /// </summary>
    private protected virtual Tensor[] RefineRows(Tensor[] mels, AcousticOptions[] options, CancellationToken cancellation) => mels;

    /// <summary>Refuses frames that a damaged network has made.</summary>
    /// <exception cref="CudaTtsException">A value is not finite.</exception>
    private protected void RequireFinite(Tensor mel)
    {
        if (mel.Span.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) >= 0)
        {
            throw new CudaTtsException($"the model {Name} put out a value that is not finite; its weights are damaged.");
        }
    }

    private Tensor[] Refine(IReadOnlyList<Tensor> mels, IReadOnlyList<AcousticOptions> options, CancellationToken cancellation)
    {
        using var run = Memory.BeginRun();
        return [.. Enumerable.Range(0, mels.Count).Chunk(Device.MostRows).SelectMany(group =>
            RefineRows(Array.ConvertAll(group, row => mels[row]), Array.ConvertAll(group, row => options[row]), cancellation))];
    }

    /// <summary>Utterances of a model that makes each in one step.</summary>
    private sealed class DurationBatch(DurationModel model) : AcousticBatch
    {
        public override int MostRows => model.Device.MostRows == 1 ? 2 * model.Device.Threads : model.Device.MostRows;

        public override long MostBytes => model.BytesOfRows(MostRows);

        public override bool HasRoomFor(IReadOnlyList<int> tokens) => true;

        public override IReadOnlyList<AcousticRow> Join(IReadOnlyList<int[]> utterances, IReadOnlyList<AcousticOptions> options)
        {
            for (var row = 0; row < utterances.Count; row++)
            {
                model.Require(utterances[row], options[row]);
            }

            return [.. utterances.Zip(options, (ids, option) => new DurationRow(ids, option))];
        }

        public override void Advance(IReadOnlyList<AcousticRow> rows, Func<bool> isInterrupted)
        {
            using var run = model.Memory.BeginRun();
            Advance([.. rows.Cast<DurationRow>().Take(model.Device.MostRows)]);
        }

        public override IReadOnlyList<AcousticResult> Finish(IReadOnlyList<AcousticRow> rows)
        {
            if (rows.Select(row => row.Failure).FirstOrDefault(failure => failure is not null) is { } error)
            {
                ExceptionDispatchInfo.Throw(error);
            }

            // A row that is heard while it is made is refined part by part, as it is vocoded.
            using var run = model.Memory.BeginRun();
            var results = rows.Cast<DurationRow>().Select(row => row.Result
                ?? DurationResult.Cancelled(model.Mel.MelBands, row.Ids.Length)).ToArray();
            var whole = Enumerable.Range(0, rows.Count).Where(row => ((DurationRow)rows[row]).Options.Frames is null).ToArray();
            var options = Array.ConvertAll(whole, row => ((DurationRow)rows[row]).Options);
            using var ending = new EndOfAll(Array.ConvertAll(options, row => row.Ending));
            var complete = model.Complete(Array.ConvertAll(whole, row => results[row]), options, ending.Token);
            for (var i = 0; i < whole.Length; i++)
            {
                results[whole[i]] = complete[i];
            }

            return results;
        }

        public override void Leave(AcousticRow row)
        {
        }

        public override void Dispose()
        {
        }

        private void Advance(DurationRow[] rows)
        {
            try
            {
                using var ending = new EndOfAll(Array.ConvertAll(rows, row => row.Options.Ending));
                var results = model.Predict(Array.ConvertAll(rows, row => row.Ids), Array.ConvertAll(rows, row => row.Options), ending.Token);
                for (var row = 0; row < rows.Length; row++)
                {
                    rows[row].Take(rows[row].Options.Ending.IsCancellationRequested
                        ? DurationResult.Cancelled(model.Mel.MelBands, rows[row].Ids.Length) : results[row]);
                }
            }
            catch (Exception error) when (rows.Length == 1)
            {
                rows[0].Fail(error);
            }
            catch (Exception)
            {
                // One of them is to blame: alone each has its own fault, or none.
                Array.ForEach(rows, row => Advance([row]));
            }
        }
    }

    /// <summary>What the activations of so many rows take at most, bytes.</summary>
    private protected abstract long BytesOfRows(int rows);

    private sealed class DurationRow(int[] ids, AcousticOptions options) : AcousticRow
    {
        public int[] Ids => ids;

        public AcousticOptions Options => options;

        public DurationResult? Result { get; private set; }

        public void Fail(Exception error) => (Failure, IsDone) = (error, true);

        public void Take(DurationResult result)
        {
            Result = result;
            IsDone = true;
            options.Progress?.Report(result.Mel[2]);
            if (options.Frames is { } sink)
            {
                var (bands, frames) = (result.Mel[1], result.Mel[2]);
                var frame = new float[bands];
                for (var at = 0; at < frames; at++)
                {
                    for (var band = 0; band < bands; band++)
                    {
                        frame[band] = result.Mel.Span[(band * frames) + at];
                    }

                    sink(frame);
                }
            }
        }
    }
}
