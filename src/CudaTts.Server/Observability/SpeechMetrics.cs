using System.Diagnostics.Metrics;
using CudaTts.Models;
using CudaTts.Server.Endpoints;

namespace CudaTts.Server.Observability;

/// <summary>
/// The server's own metrics: what the request path counts and times. Labels are words of ours and ids of the catalogue, never a client's.
/// </summary>
internal sealed class SpeechMetrics
{
    /// <summary>The meter's name, under which any exporter of .NET finds them.</summary>
    public const string MeterName = "CudaTts";

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _request;
    private readonly UpDownCounter<long> _inFlight;
    private readonly Histogram<double> _queueWait;
    private readonly Histogram<double> _firstAudio;
    private readonly Histogram<double> _stage;
    private readonly Histogram<double> _realTime;
    private readonly Histogram<long> _steps;
    private readonly Counter<double> _audio;
    private readonly Counter<long> _characters;
    private readonly Counter<long> _faults;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _cancelled;
    private readonly Counter<long> _deviceErrors;

    /// <summary>Makes the instruments.</summary>
    /// <param name="factory">Whoever listens to the meters of this factory gets the measurements.</param>
    public SpeechMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        _requests = meter.CreateCounter<long>("cudatts.requests", "{request}", "Requests that have ended, by how.");
        _request = Seconds(meter, "cudatts.request", "From a request to the last byte of its answer.", MetricBounds.Request);
        _inFlight = meter.CreateUpDownCounter<long>("cudatts.requests_in_flight", "{request}", "Requests for speech that have begun and not ended.");
        _queueWait = Seconds(meter, "cudatts.queue_wait", "From a request to the begin of the work on it.", MetricBounds.Wait);
        _firstAudio = Seconds(meter, "cudatts.time_to_first_audio", "From a request to the first byte of its sound.", MetricBounds.Wait);
        _stage = Seconds(meter, "cudatts.stage", "Time of a stage: of a sentence, and of a request for the encoder.", MetricBounds.Stage);
        _realTime = meter.CreateHistogram("cudatts.real_time_factor", null, "Seconds of making for a second of speech, of a request.", [],
            new InstrumentAdvice<double> { HistogramBucketBoundaries = MetricBounds.RealTime });
        _steps = meter.CreateHistogram("cudatts.decoder_steps", "{step}", "Decoder steps of a sentence.", [],
            new InstrumentAdvice<long> { HistogramBucketBoundaries = MetricBounds.Steps });
        _audio = meter.CreateCounter<double>("cudatts.audio", "s", "Seconds of speech that were made.");
        _characters = meter.CreateCounter<long>("cudatts.characters", "{character}", "Characters that were admitted to be spoken.");
        _faults = meter.CreateCounter<long>(
            "cudatts.attention_faults", "{fault}", "Sentences that are probably not what the text says, by what is wrong.");
        _rejected = meter.CreateCounter<long>("cudatts.rejected", "{request}", "Requests that were turned away, by why: key_limit is a key's own.");
        _cancelled = meter.CreateCounter<long>("cudatts.cancelled", "{request}", "Requests whose client was gone before the end.");
        _deviceErrors = meter.CreateCounter<long>("cudatts.device_errors", "{error}", "Errors of the device, by kind.");
    }

    /// <summary>
    /// Gives every counter whose labels are known the value 0. A counter that first appears with 1 has never grown for Prometheus, and no alert would
    /// see the first device error.
    /// </summary>
    /// <param name="endpoints">The endpoints that count their requests.</param>
    /// <param name="voices">Ids of the voices.</param>
    public void CountFromZero(IReadOnlyList<string> endpoints, IReadOnlyList<string> voices)
    {
        foreach (var endpoint in endpoints)
        {
            foreach (var outcome in MetricLabels.WordsOf<RequestOutcome>())
            {
                _requests.Add(0, new("endpoint", endpoint), new("outcome", outcome));
            }
        }

        Zero(_faults, "kind", MetricLabels.Faults.Select(fault => fault.Word));
        Zero(_rejected, "reason", MetricLabels.WordsOf<RejectionReason>());
        Zero(_deviceErrors, "kind", MetricLabels.WordsOf<DeviceErrorKind>());
        _characters.Add(0);
        _cancelled.Add(0);
        _inFlight.Add(0);
        foreach (var voice in voices)
        {
            _audio.Add(0, new KeyValuePair<string, object?>("voice", voice));
        }
    }

    /// <summary>Somebody has asked for speech.</summary>
    public void SpeechAsked() => _inFlight.Add(1);

    /// <summary>A request for speech has ended.</summary>
    public void SpeechEnded() => _inFlight.Add(-1);

    /// <summary>A request has ended.</summary>
    /// <param name="endpoint">A name of ours for what was asked, not the path.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="elapsed">The time from its begin.</param>
    public void RequestEnded(string endpoint, RequestOutcome outcome, TimeSpan elapsed)
    {
        _requests.Add(1, new("endpoint", endpoint), new("outcome", MetricLabels.Of(outcome)));
        _request.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("endpoint", endpoint));
        if (outcome == RequestOutcome.Cancelled)
        {
            _cancelled.Add(1);
        }
    }

    /// <summary>A request was turned away.</summary>
    public void Rejected(RejectionReason reason) => _rejected.Add(1, new KeyValuePair<string, object?>("reason", MetricLabels.Of(reason)));

    /// <summary>A request was admitted.</summary>
    /// <param name="characters">Characters of its input.</param>
    /// <param name="waited">How long it waited for its turn.</param>
    public void Admitted(int characters, TimeSpan waited)
    {
        _characters.Add(characters);
        _queueWait.Record(waited.TotalSeconds);
    }

    /// <summary>The first sound of a request is on its way.</summary>
    public void FirstAudio(string endpoint, TimeSpan elapsed) =>
        _firstAudio.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("endpoint", endpoint));

    /// <summary>A stage has taken so long.</summary>
    public void Stage(SpeechStage stage, TimeSpan elapsed) =>
        _stage.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("stage", MetricLabels.Of(stage)));

    /// <summary>Speech was made.</summary>
    /// <param name="voice">Id of the voice in the catalogue.</param>
    /// <param name="seconds">How much.</param>
    public void AudioMade(string voice, double seconds) => _audio.Add(seconds, new KeyValuePair<string, object?>("voice", voice));

    /// <summary>A sentence is whole.</summary>
    /// <param name="steps">Decoder steps that it took.</param>
    /// <param name="faults">What its attention says is wrong.</param>
    public void SentenceSpoken(int steps, SpeechFaults faults)
    {
        _steps.Record(steps);
        foreach (var (fault, word) in MetricLabels.Faults)
        {
            if (faults.HasFlag(fault))
            {
                _faults.Add(1, new KeyValuePair<string, object?>("kind", word));
            }
        }
    }

    /// <summary>All sound of a request has been made.</summary>
    /// <param name="making">The time that it took.</param>
    /// <param name="audioSeconds">How much sound that is; nothing is told of none.</param>
    public void Made(TimeSpan making, double audioSeconds)
    {
        if (audioSeconds > 0)
        {
            _realTime.Record(making.TotalSeconds / audioSeconds);
        }
    }

    /// <summary>The device failed.</summary>
    public void DeviceError(DeviceErrorKind kind) => _deviceErrors.Add(1, new KeyValuePair<string, object?>("kind", MetricLabels.Of(kind)));

    private static Histogram<double> Seconds(Meter meter, string name, string description, double[] bounds) =>
        meter.CreateHistogram(name, "s", description, [], new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    private static void Zero(Counter<long> counter, string label, IEnumerable<string> words)
    {
        foreach (var word in words)
        {
            counter.Add(0, new KeyValuePair<string, object?>(label, word));
        }
    }
}
