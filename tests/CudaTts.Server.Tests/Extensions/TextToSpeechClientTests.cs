using CudaTts.Audio;
using CudaTts.Compute;
using CudaTts.Extensions.AI;
using CudaTts.Tests.Pipeline;
using Microsoft.Extensions.AI;

namespace CudaTts.Server.Tests.Extensions;

/// <summary>The client of Microsoft.Extensions.AI, compared with the synthesiser that it stands for.</summary>
[TestFixture]
internal sealed class TextToSpeechClientTests
{
    private const string Text = "One sentence. And another one.";
    private const int WavHeader = 44;

    private string _folder = null!;
    private SpeechSynthesizer _synthesizer = null!;
    private CudaTtsTextToSpeechClient _client = null!;

    [OneTimeSetUp]
    public void Load()
    {
        _folder = Directory.CreateTempSubdirectory("cudatts-client-").FullName;
        _synthesizer = SpeechSynthesizer.Load(TinyVoice.CreateWithHifiGan(_folder), new DeviceOptions { Name = "cpu" });
        _client = new CudaTtsTextToSpeechClient(_synthesizer);
    }

    [OneTimeTearDown]
    public void Unload()
    {
        _client.Dispose();
        _synthesizer.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [TestCase(null)]
    [TestCase("wav")]
    [TestCase("audio/wav")]
    [TestCase("AUDIO/X-WAV")]
    public async Task Sound_is_a_whole_wav_file_of_what_the_synthesiser_says(string? format)
    {
        var response = await _client.GetAudioAsync(Text, new TextToSpeechOptions { AudioFormat = format });
        var expected = new MemoryStream();
        WavFile.Write(expected, _synthesizer.Speak(Text).Audio);
        var data = (DataContent)response.Contents.Single();
        Assert.That(data.MediaType, Is.EqualTo("audio/wav"));
        Assert.That(data.Data.ToArray(), Is.EqualTo(expected.ToArray()));
    }

    [TestCase("pcm")]
    [TestCase("audio/pcm")]
    public async Task Pcm_is_the_samples_alone(string format)
    {
        var pcm = await BytesAsync(new TextToSpeechOptions { AudioFormat = format });
        Assert.That(pcm, Is.EqualTo((await BytesAsync(null))[WavHeader..]));
    }

    [Test]
    public async Task A_response_says_what_was_read_and_made()
    {
        var response = await _client.GetAudioAsync(Text);
        var speech = (SpeechResult)response.RawRepresentation!;
        Assert.That(response.ModelId, Is.EqualTo("tacotron2"));
        Assert.That(response.ResponseId, Is.Not.Empty);
        Assert.That(response.Usage!.InputTokenCount, Is.EqualTo(speech.Sentences.Sum(sentence => sentence.Tokens.Ids.Length)));
        Assert.That(response.Usage.TotalTokenCount, Is.EqualTo(response.Usage.InputTokenCount + response.Usage.OutputTokenCount));
        Assert.That(response.AdditionalProperties![CudaTtsTextToSpeechClient.SampleRateKey], Is.EqualTo(22050));
        Assert.That(
            response.AdditionalProperties.ContainsKey(CudaTtsTextToSpeechClient.FaultsKey), Is.EqualTo(speech.Faults != Models.SpeechFaults.None));
    }

    [Test]
    public async Task A_stream_opens_updates_and_closes_and_its_chunks_joined_are_the_sound()
    {
        var updates = new List<TextToSpeechResponseUpdate>();
        await foreach (var update in _client.GetStreamingAudioAsync(Text, new TextToSpeechOptions { AudioFormat = "pcm" }))
        {
            updates.Add(update);
        }

        Assert.That(updates[0].Kind, Is.EqualTo(TextToSpeechResponseUpdateKind.SessionOpen));
        Assert.That(updates[^1].Kind, Is.EqualTo(TextToSpeechResponseUpdateKind.SessionClose));
        Assert.That(updates[1..^1].Select(update => update.Kind),
            Has.All.EqualTo(TextToSpeechResponseUpdateKind.AudioUpdating).Or.EqualTo(TextToSpeechResponseUpdateKind.Error));
        Assert.That(updates.Select(update => update.ResponseId).Distinct().Count(), Is.EqualTo(1));
        Assert.That(Joined(updates), Is.EqualTo(await BytesAsync(new TextToSpeechOptions { AudioFormat = "pcm" })));
    }

    [Test]
    public async Task A_streamed_wav_has_one_header_of_unknown_length()
    {
        var updates = await _client.GetStreamingAudioAsync(Text).ToListAsync();
        var bytes = Joined(updates);
        Assert.That(BitConverter.ToUInt32(bytes, 4), Is.EqualTo(uint.MaxValue));
        Assert.That(BitConverter.ToUInt32(bytes, 40), Is.EqualTo(uint.MaxValue));
        Assert.That(bytes[WavHeader..], Is.EqualTo((await BytesAsync(null))[WavHeader..]));
    }

    // The untrained voice reads nothing of what it is given, which its verdict says.
    [Test]
    public async Task What_is_wrong_with_a_sentence_is_told_and_the_speech_goes_on()
    {
        var updates = await _client.GetStreamingAudioAsync(Text).ToListAsync();
        var errors = updates.Where(update => update.Kind == TextToSpeechResponseUpdateKind.Error).ToList();
        Assert.That(errors, Has.Count.EqualTo(2));
        Assert.That(((ErrorContent)errors[0].Contents.Single()).Message, Does.Contain("Sentence 0"));
        Assert.That(updates[^1].Kind, Is.EqualTo(TextToSpeechResponseUpdateKind.SessionClose));
    }

    [Test]
    public async Task Speed_pitch_and_volume_are_the_engines()
    {
        var options = new TextToSpeechOptions { Speed = 2, Pitch = 2, Volume = 0.1f };
        var speech = (SpeechResult)(await _client.GetAudioAsync(Text, options)).RawRepresentation!;
        var expected = _synthesizer.Speak(Text, new SpeechOptions { Speed = 2, PitchSemitones = 12, VolumeDecibels = 20 * Math.Log10(0.1f) });
        Assert.That(speech.Audio.Samples, Is.EqualTo(expected.Audio.Samples));
        var silence = (SpeechResult)(await _client.GetAudioAsync(Text, new TextToSpeechOptions { Volume = 0 })).RawRepresentation!;
        Assert.That(silence.Audio.Samples, Has.All.Zero);
    }

    [Test]
    public async Task The_engines_own_options_pass_through_with_what_is_set_beside_them()
    {
        var options = new TextToSpeechOptions { RawRepresentationFactory = _ => new SpeechOptions { Seed = 7, Speed = 3 }, Speed = 0.5f };
        var speech = (SpeechResult)(await _client.GetAudioAsync(Text, options)).RawRepresentation!;
        Assert.That(speech.Audio.Samples, Is.EqualTo(_synthesizer.Speak(Text, new SpeechOptions { Seed = 7, Speed = 0.5 }).Audio.Samples));
    }

    [Test]
    public void What_is_not_there_is_refused_and_nothing_else_is_spoken()
    {
        Refuses<ArgumentException>(new TextToSpeechOptions { VoiceId = "alloy" }, "VoiceId: expected 'tiny'");
        Refuses<ArgumentException>(new TextToSpeechOptions { ModelId = "tts-1" }, "ModelId: expected 'tacotron2'");
        Refuses<ArgumentException>(new TextToSpeechOptions { Language = "de-DE" }, "Language: expected 'en'");
        Refuses<NotSupportedException>(new TextToSpeechOptions { AudioFormat = "mp3" }, "AudioFormat: expected wav");
        Refuses<ArgumentException>(new TextToSpeechOptions { Pitch = 0 }, "Pitch: expected");
        Refuses<ArgumentException>(new TextToSpeechOptions { Volume = -1 }, "Volume: expected");
        Refuses<CudaTtsException>(new TextToSpeechOptions { Speed = 9 }, "Speed");
        Assert.That(async () => await _client.GetAudioAsync(null!), Throws.ArgumentNullException);
        Assert.That(() => _client.GetStreamingAudioAsync(null!), Throws.ArgumentNullException);
    }

    [Test]
    public async Task The_loaded_voice_may_be_named()
    {
        var options = new TextToSpeechOptions { VoiceId = "tiny", ModelId = "tacotron2", Language = "en-GB" };
        Assert.That(await BytesAsync(options), Is.EqualTo(await BytesAsync(null)));
    }

    [Test]
    public void A_cancelled_call_throws() => Assert.That(
        async () => await _client.GetAudioAsync(Text, cancellationToken: new CancellationToken(canceled: true)),
        Throws.InstanceOf<OperationCanceledException>());

    [Test]
    public async Task Many_calls_at_once_each_get_their_own_speech()
    {
        var texts = Enumerable.Range(0, 8).Select(i => string.Concat(Enumerable.Repeat("word ", i + 1)) + ".").ToList();
        var responses = await Task.WhenAll(texts.Select(text => _client.GetAudioAsync(text)));
        Assert.That(responses.Select(response => ((SpeechResult)response.RawRepresentation!).Audio.Samples),
            Is.EqualTo(texts.Select(text => _synthesizer.Speak(text).Audio.Samples)));
    }

    [Test]
    public void Services_are_what_the_client_is_made_of()
    {
        Assert.That(_client.GetService(typeof(SpeechSynthesizer)), Is.SameAs(_synthesizer));
        Assert.That(_client.GetService(typeof(Voice)), Is.SameAs(_synthesizer.Voice));
        Assert.That(_client.GetService(typeof(ITextToSpeechClient)), Is.SameAs(_client));
        Assert.That(((TextToSpeechClientMetadata)_client.GetService(typeof(TextToSpeechClientMetadata))!).ProviderName, Is.EqualTo("cudatts"));
        Assert.That(_client.GetService(typeof(SpeechSynthesizer), "key"), Is.Null);
        Assert.That(_client.GetService(typeof(string)), Is.Null);
    }

    private void Refuses<TError>(TextToSpeechOptions options, string message)
        where TError : Exception => Assert.That(
        async () => await _client.GetAudioAsync(Text, options), Throws.InstanceOf<TError>().With.Message.Contains(message));

    private async Task<byte[]> BytesAsync(TextToSpeechOptions? options) =>
        ((DataContent)(await _client.GetAudioAsync(Text, options)).Contents.Single()).Data.ToArray();

    private static byte[] Joined(IEnumerable<TextToSpeechResponseUpdate> updates) =>
        [.. updates.SelectMany(update => update.Contents.OfType<DataContent>()).SelectMany(data => data.Data.ToArray())];
}
