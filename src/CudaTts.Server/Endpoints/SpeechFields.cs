namespace CudaTts.Server.Endpoints;

/// <summary>The fields of a request for speech: OpenAI's, and ours.</summary>
internal static class SpeechFields
{
    public const string Model = "model";
    public const string Input = "input";
    public const string Voice = "voice";
    public const string Instructions = "instructions";
    public const string ResponseFormat = "response_format";
    public const string Speed = "speed";
    public const string StreamFormat = "stream_format";
    public const string Stream = "stream";
    public const string SampleRate = "sample_rate";
    public const string Ssml = "ssml";
    public const string Seed = "seed";
    public const string Speaker = "speaker";
    public const string Pitch = "pitch";
    public const string Volume = "volume";
    public const string Timestamps = "timestamps";
    public const string Priority = "priority";
    public const string Pictures = "pictures";

    /// <summary>The fields of <c>/v1/audio/speech</c>.</summary>
    public static IReadOnlyDictionary<string, FieldKind> Known { get; } = new Dictionary<string, FieldKind>
    {
        [Model] = FieldKind.Text,
        [Input] = FieldKind.Text,
        [Voice] = FieldKind.Name,
        [Instructions] = FieldKind.Text,
        [ResponseFormat] = FieldKind.Text,
        [Speed] = FieldKind.Number,
        [StreamFormat] = FieldKind.Text,
        [Stream] = FieldKind.Flag,
        [SampleRate] = FieldKind.Integer,
        [Ssml] = FieldKind.Flag,
        [Seed] = FieldKind.Integer,
        [Speaker] = FieldKind.NumberOrName,
        [Pitch] = FieldKind.Number,
        [Volume] = FieldKind.Number,
        [Timestamps] = FieldKind.Flag,
        [Priority] = FieldKind.Text,
    };

    /// <summary>The fields of <c>/v1/audio/speech/captioned</c>.</summary>
    public static IReadOnlyDictionary<string, FieldKind> KnownCaptioned { get; } =
        new Dictionary<string, FieldKind>(Known) { [Pictures] = FieldKind.Flag };
}
