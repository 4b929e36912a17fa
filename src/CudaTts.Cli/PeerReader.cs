using CudaTts.Files;

namespace CudaTts.Cli;

/// <summary>
/// Puts the figures of <c>benchmarks/peers/pytorch_peer.py</c> beside ours, job by job, where network, precision and batch are the same; and says of
/// the others why not.
/// </summary>
internal sealed class PeerReader
{
    // The jobs' names are the peer's.
    private const string DecoderJob = "Tacotron 2 decoder step";
    private const string SentenceJob = "Tacotron 2 and ";
    private const double MostDifference = 0.05;

    private readonly BenchReport _ours;
    private readonly List<PeerFigure> _figures;
    private readonly List<PeerLine> _lines = [];
    private readonly List<string> _notes = [];

    private PeerReader(BenchReport ours, IEnumerable<PeerFigure> figures)
    {
        _ours = ours;
        _figures = [.. figures.Where(figure => figure.Failed is null)];
    }

    /// <summary>Reads the peer's file; nothing is measured yet, so that a wrong file costs no time.</summary>
    /// <exception cref="CudaTtsException">It can't be read, or is something else.</exception>
    public static PeerFile Read(string path)
    {
        var file = JsonInput.Read(path, CliJson.Instance.PeerFile);
        return file is { Pytorch: not null, Device: not null, Figures: not null } && file.Figures.All(IsFigure)
            ? file
            : throw new CudaTtsException(
                $"{path}: expected what benchmarks/peers/pytorch_peer.py --json writes: pytorch, device, and figures with job, way, precision, "
                + "batch and a time.");
    }

    /// <summary>Compares our figures with the peer's.</summary>
    public static PeerComparison Compare(BenchReport ours, PeerFile peer)
    {
        var reader = new PeerReader(ours, peer.Figures!);
        reader.CompareDecoder();
        reader.CompareVocoder();
        reader.CompareSentence();
        if (peer.Device != ours.DeviceName && peer.Device != ours.Device)
        {
            reader._notes.Add($"ours ran on {ours.DeviceName}, the peer on {peer.Device}: the ratios compare two machines");
        }

        return new PeerComparison($"PyTorch {peer.Pytorch}", peer.Device!, reader._lines, reader._notes);
    }

    private static bool IsFigure(PeerFigure? figure) =>
        figure is { Job: not null, Way: not null, Precision: not null, Batch: > 0 }
        && (figure.Failed is not null || figure is { MedianMilliseconds: > 0, AudioSecondsPerSecond: > 0 });

    private void CompareDecoder()
    {
        if (!_ours.AcousticIsPublicSize)
        {
            _notes.Add(
                "not compared: the decoder: the voice's has other widths than the published ones, which the peer runs; --untrained measures those");
            return;
        }

        foreach (var own in _ours.Throughput)
        {
            if (own.DecoderStepSeconds is { } seconds)
            {
                Add(DecoderJob, "ms", own.Batch, seconds * 1000, figure => figure.MedianMilliseconds!.Value, isTime: true);
            }
            else
            {
                _notes.Add($"not compared: {DecoderJob}, batch {own.Batch}: of so many rows some wait for others to end, there is no step of all");
            }
        }
    }

    private void CompareVocoder()
    {
        foreach (var own in _ours.Throughput)
        {
            var ours = own.VocoderAudioSecondsPerSecond;
            Add(_ours.VocoderTitle, "s of audio / s", own.Batch, ours, figure => figure.AudioSecondsPerSecond!.Value, isTime: false);
        }
    }

    /// <summary>A whole sentence, where the peer's is as long as ours.</summary>
    private void CompareSentence()
    {
        var job = $"{SentenceJob}{_ours.VocoderTitle}";
        var frames = _figures.Where(figure => figure.Job!.StartsWith(job, StringComparison.Ordinal)).Select(figure => figure.Frames).FirstOrDefault();
        if (!_ours.AcousticIsPublicSize || frames == 0)
        {
            _notes.Add($"not compared: a whole sentence: the peer has none of {job} of the voice's widths");
        }
        else if (Math.Abs(frames - _ours.Frames) > MostDifference * frames)
        {
            _notes.Add($"not compared: a whole sentence: ours has {_ours.Frames} frames, the peer's {frames}");
        }
        else
        {
            Add(job, "ms", 1, _ours.Stages[^1].MedianSeconds * 1000, figure => figure.MedianMilliseconds!.Value, isTime: true);
        }
    }

    private void Add(string job, string unit, int batch, double ours, Func<PeerFigure, double> figureOf, bool isTime)
    {
        var same = _figures.Where(figure => figure.Job == job || figure.Job!.StartsWith($"{job}, ", StringComparison.Ordinal)).ToList();
        var ofPrecision = same.Where(figure => figure.Precision == _ours.Precision).ToList();
        var ways = ofPrecision.Where(figure => figure.Batch == batch)
            .Select(figure => new PeerWay(figure.Way!, figureOf(figure), isTime ? figureOf(figure) / ours : ours / figureOf(figure))).ToList();
        if (ways.Count > 0)
        {
            _lines.Add(new PeerLine($"{job}, {unit}", batch, ours, ways));
        }
        else
        {
            var reason = same.Count == 0 ? "the peer has not run it"
                : ofPrecision.Count == 0 ? $"the peer has not run it in {_ours.Precision}"
                : $"the peer has the batches {string.Join(", ", ofPrecision.Select(figure => figure.Batch).Distinct().Order())}";
            _notes.Add($"not compared: {job}, batch {batch}: {reason}");
        }
    }
}
