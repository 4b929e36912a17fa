using System.Net.Mime;
using CudaTts.Server.Access;
using CudaTts.Server.Encoding;
using CudaTts.Server.Settings;
using CudaTts.Server.Synthesis;
using CudaTts.Text.Ssml;
using Microsoft.Net.Http.Headers;

namespace CudaTts.Server.Endpoints;

/// <summary>Reads a request for speech and refuses what cannot be meant, before anything is made.</summary>
internal sealed class SpeechOrderReader(ServerSettings settings, VoiceCatalogue catalogue, FormatCatalogue formats)
{
    private const int LongestInstructions = 4096;
    private const int DefaultPcmRate = 24000;

    // Louder than this is full scale in any case; quieter is silence.
    private static readonly NumberRange s_volume = new(-100, SpeechLimits.Volume.Most);

    /// <summary>Reads an order.</summary>
    /// <param name="request">The request, whose body is read.</param>
    /// <param name="captioned">Whether this is the route with captions.</param>
    /// <param name="cancellation">Ends the wait for the body.</param>
    /// <exception cref="ApiException">Says which field is wrong.</exception>
    public async Task<SpeechOrder> ReadAsync(HttpRequest request, bool captioned, CancellationToken cancellation)
    {
        var order = await ReadFieldsAsync(request, captioned, cancellation);
        var schedule = new SpeechSchedule
        {
            Client = KeyUse.Of(request.HttpContext)?.Name,
            Priority = order.IsBulk ? SpeechPriority.Bulk : SpeechPriority.Interactive,
        };
        return order with { Options = order.Options with { Schedule = schedule } };
    }

    private async Task<SpeechOrder> ReadFieldsAsync(HttpRequest request, bool captioned, CancellationToken cancellation)
    {
        var known = captioned ? SpeechFields.KnownCaptioned : SpeechFields.Known;
        var type = MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed.MediaType.Value : null;
        if (type is not null && type.Equals("application/ssml+xml", StringComparison.OrdinalIgnoreCase))
        {
            RequireUtf8(parsed!);
            var query = RequestFields.OfQuery(request.Query, known);
            if (query.Has(SpeechFields.Input) || query.Has(SpeechFields.Ssml))
            {
                throw ApiException.Invalid(SpeechFields.Input, "input, ssml: expected in no query string, as the body is the document.");
            }

            var document = DocumentOf(await RequestBody.ReadAsync(request, settings.Limits.BodyBytes, cancellation));
            return Check(query, document, isDocument: true, captioned);
        }

        if (type is null || !type.Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType, ErrorTypes.InvalidRequest,
                $"Content-Type: expected application/json or application/ssml+xml, found '{RequestFields.Quote(request.ContentType ?? "")}'.")
            {
                Code = "unsupported_media_type",
            };
        }

        RequireUtf8(parsed!);
        var fields = RequestFields.OfJson(await RequestBody.ReadAsync(request, settings.Limits.BodyBytes, cancellation), known);
        return Check(fields, fields.Text(SpeechFields.Input), isDocument: false, captioned);
    }

    private static void RequireUtf8(MediaTypeHeaderValue type)
    {
        if (type.Charset is { HasValue: true } charset && !charset.Value!.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType, ErrorTypes.InvalidRequest,
                $"Content-Type: expected charset=utf-8 or none, found '{RequestFields.Quote(charset.Value!)}'.")
            {
                Code = "unsupported_media_type",
            };
        }
    }

    private static string DocumentOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            return new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body.Span).TrimStart('\uFEFF');
        }
        catch (System.Text.DecoderFallbackException)
        {
            throw ApiException.Invalid(SpeechFields.Input, "The body: expected a document in UTF-8, found bytes that are none.");
        }
    }

    private SpeechOrder Check(RequestFields fields, string? input, bool isDocument, bool captioned)
    {
        CheckModel(fields, isDocument);
        var voice = VoiceOf(fields, isDocument);
        var characters = CheckInput(input);
        CheckInstructions(fields);
        var isEvents = fields.Choice(SpeechFields.StreamFormat, ("audio", false), ("sse", true)) ?? false;
        var hasTimestamps = fields.Flag(SpeechFields.Timestamps) ?? false;
        if (hasTimestamps && !isEvents && !captioned)
        {
            throw ApiException.Invalid(
                SpeechFields.Timestamps, "timestamps: expected with stream_format 'sse'; the route /v1/audio/speech/captioned has them always.");
        }

        if (captioned && isEvents)
        {
            throw ApiException.Invalid(
                SpeechFields.StreamFormat, "stream_format: expected 'audio' or nothing, as this route sends lines of JSON, found 'sse'.");
        }

        // Lines of JSON carry plain samples whatever the format; all but raw samples say their own rate.
        var format = captioned ? formats.Pcm : FormatOf(fields);
        var own = voice.Synthesizer.Voice.Vocoder.Mel.SampleRate;
        var options = OptionsOf(fields, isDocument) with { Speaker = SpeakerOf(fields, voice) };
        var silence = SilenceOf(input!, options);
        return new SpeechOrder(input!, voice, options, format)
        {
            Characters = characters,
            SilenceSeconds = silence,
            SampleRate = RateOf(fields, format, format == formats.Pcm && !captioned ? DefaultPcmRate : own),
            IsStreamed = (fields.Flag(SpeechFields.Stream) ?? true) || isEvents || captioned,
            IsEvents = isEvents,
            HasTimestamps = hasTimestamps || captioned,
            HasPictures = fields.Flag(SpeechFields.Pictures) ?? false,
            IsBulk = fields.Choice(SpeechFields.Priority, ("interactive", false), ("bulk", true)) ?? false,
        };
    }

    private static void CheckModel(RequestFields fields, bool isDocument)
    {
        var model = fields.Text(SpeechFields.Model) ?? (isDocument ? VoiceCatalogue.Model : throw Missing(SpeechFields.Model, VoiceCatalogue.Model));
        if (!VoiceCatalogue.HasModel(model))
        {
            throw ModelRoutes.Unknown(model);
        }
    }

    private static ApiException Missing(string field, string example) =>
        ApiException.Invalid(field, $"{field}: expected a string such as '{example}', found nothing.", "missing_required_parameter");

    private static void CheckInstructions(RequestFields fields)
    {
        // How to say it is asked of models that follow instructions; ours does not, and its limit holds nevertheless.
        if (fields.Text(SpeechFields.Instructions) is { } text && CharactersOf(text) is > LongestInstructions and var found)
        {
            throw ApiException.Invalid(SpeechFields.Instructions, $"instructions: expected at most {LongestInstructions} characters, found {found}.");
        }
    }

    private static int CharactersOf(string text) => text.EnumerateRunes().Count();

    private CatalogueVoice VoiceOf(RequestFields fields, bool isDocument)
    {
        var name = fields.Name(SpeechFields.Voice)
            ?? (isDocument ? catalogue.Default.Id : throw Missing(SpeechFields.Voice, catalogue.Default.Id));
        return catalogue.Find(name) ?? throw ApiException.Invalid(
            SpeechFields.Voice,
            $"voice: expected {string.Join(" or ", catalogue.Voices.Select(voice => voice.Id))}, or one of OpenAI's names, "
            + $"found '{RequestFields.Quote(name)}'.");
    }

    private int CheckInput(string? input)
    {
        if (input is null)
        {
            throw Missing(SpeechFields.Input, "Hello.");
        }

        var characters = CharactersOf(input);
        return input.Length == 0
            ? throw ApiException.Invalid(SpeechFields.Input, "input: expected a text, found an empty one.")
            : characters <= settings.Limits.InputCharacters
                ? characters
                : throw ApiException.Invalid(
                    SpeechFields.Input, $"input: expected at most {settings.Limits.InputCharacters} characters, found {characters}: divide it.",
                    "string_above_max_length");
    }

    // A break of a few characters makes a minute of samples.
    private double SilenceOf(string input, SpeechOptions options)
    {
        var milliseconds = options.IsSsml ? SsmlReader.Read(input).Steps.OfType<SsmlBreak>().Sum(silence => (long)silence.Milliseconds) : 0;
        if (milliseconds > settings.Limits.SilenceSeconds * 1000L)
        {
            throw ApiException.Invalid(
                SpeechFields.Input,
                $"input: expected at most {settings.Limits.SilenceSeconds} seconds of breaks, found {milliseconds / 1000}: divide it.");
        }

        return milliseconds / 1000.0;
    }

    private AudioFormat FormatOf(RequestFields fields)
    {
        var name = fields.Text(SpeechFields.ResponseFormat) ?? "mp3";
        return formats.Find(name) ?? throw ApiException.Invalid(
            SpeechFields.ResponseFormat, $"response_format: expected {string.Join(" or ", formats.Names)}, found '{RequestFields.Quote(name)}'"
            + (formats.IsMissing(name) ? ", which this server has no encoder for: install ffmpeg." : "."),
            formats.IsMissing(name) ? "unsupported_format" : null);
    }

    private static int RateOf(RequestFields fields, AudioFormat format, int usual)
    {
        var asked = (int?)fields.Integer(SpeechFields.SampleRate, AudioFormat.LeastRate, AudioFormat.MostRate);
        return asked is null || format.Rates.Count == 0 || format.Rates.Contains(asked.Value)
            ? asked ?? format.RateFor(usual)
            : throw ApiException.Invalid(
                SpeechFields.SampleRate, $"sample_rate: expected {string.Join(", ", format.Rates)} with {format.Name}, found {asked}.");
    }

    private static int? SpeakerOf(RequestFields fields, CatalogueVoice voice)
    {
        if (fields.NumberOrName(SpeechFields.Speaker) is not { } speaker)
        {
            return null;
        }

        try
        {
            return voice.Synthesizer.Voice.SpeakerOf(speaker);
        }
        catch (CudaTtsException error)
        {
            throw ApiException.Invalid(SpeechFields.Speaker, error.Message);
        }
    }

    private static SpeechOptions OptionsOf(RequestFields fields, bool isDocument) => new()
    {
        Speed = fields.Number(SpeechFields.Speed, SpeechLimits.Speed) ?? 1,
        PitchSemitones = fields.Number(SpeechFields.Pitch, SpeechLimits.Pitch) ?? 0,
        VolumeDecibels = fields.Number(SpeechFields.Volume, s_volume) ?? 0,
        Seed = fields.Integer(SpeechFields.Seed, 0, ulong.MaxValue),
        IsSsml = isDocument || (fields.Flag(SpeechFields.Ssml) ?? false),
    };
}
