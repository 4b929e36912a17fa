using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CudaTts.Tests.Pipeline;

namespace CudaTts.Server.Tests;

/// <summary>Several voices in one server, and one whose vocoder speaks before its sentence is whole.</summary>
[TestFixture]
internal sealed class VoiceTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task Every_voice_of_the_settings_can_be_named()
    {
        await using var server = await RunningServer.StartTinyAsync("--CudaTts:Voices:second", TinyVoice.Create(_folder.Path("second")));
        var list = await server.Client.GetFromJsonAsync<JsonElement>("/v1/audio/voices");
        var ids = list.GetProperty("voices").EnumerateArray().Select(voice => voice.GetProperty("id").GetString());
        Assert.That(ids, Is.EqualTo(new[] { "tiny", "second" }));
        foreach (var (voice, status) in new[] { ("tiny", 200), ("second", 200), ("alloy", 200), ("third", 400) })
        {
            using var answer = await server.Client.PostAsync("/v1/audio/speech", JsonContent.Create(new
            {
                model = "cudatts", voice, input = "Hi.", response_format = "wav",
            }));
            Assert.That((int)answer.StatusCode, Is.EqualTo(status), voice);
        }
    }

    [TestCase("\"anna\"", "speaker anna: the voice 'tiny' has one voice and no speakers to choose from; leave it out.")]
    [TestCase("0", "speaker 0: the voice 'tiny' has one voice and no speakers to choose from; leave it out.")]
    [TestCase("[]", "speaker: expected a whole number or a name, found an array.")]
    public async Task A_speaker_is_a_number_or_a_name_of_the_voice(string speaker, string message)
    {
        await using var server = await RunningServer.StartTinyAsync();
        using var answer = await server.SpeakAsync($"\"input\":\"Hi.\",\"response_format\":\"wav\",\"speaker\":{speaker}");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await RunningServer.ErrorOf(answer)).GetProperty("message").GetString(), Is.EqualTo(message));
        var list = await server.Client.GetFromJsonAsync<JsonElement>("/v1/audio/voices");
        Assert.That(list.GetProperty("voices")[0].GetProperty("speaker_names").EnumerateObject(), Is.Empty);
    }

    [Test]
    public async Task Two_voices_of_one_name_are_refused()
    {
        using var error = new StringWriter();
        var code = await ServerProgram.RunAsync(
            ["--device", "cpu", "--voice", TinyVoice.Create(_folder.Path("a")), "--CudaTts:Voices:tiny", TinyVoice.Create(_folder.Path("b"))],
            TextWriter.Null, error);
        Assert.That(code, Is.EqualTo(2));
        Assert.That(error.ToString(), Does.Contain("'tiny' is the default voice's name already"));
    }

    [Test]
    public async Task Speech_that_is_probably_not_as_written_says_so_where_it_can()
    {
        await using var server = await RunningServer.StartTinyAsync();
        using var whole = await server.SpeakAsync("\"input\":\"Hi.\",\"response_format\":\"wav\",\"stream\":false");
        Assert.That(whole.Headers.GetValues("X-Speech-Faults").Single(), Does.Contain("frame_limit"));
        using var lines = await server.SpeakAsync("\"input\":\"Hi.\"", "/v1/audio/speech/captioned");
        var last = (await EventTests.LinesOf(lines))[^1];
        Assert.That(last.GetProperty("faults").EnumerateArray().Select(fault => fault.GetString()), Does.Contain("frame_limit"));
    }

    [Test]
    public async Task A_vocoder_that_needs_no_whole_sentence_is_heard_before_it_is_whole()
    {
        var voice = TinyVoice.CreateWithHifiGan(_folder.Path("neural"), gateBias: -100);
        await using var server = await RunningServer.StartAsync("--voice", voice);
        using var answer = await server.SpeakAsync("\"input\":\"One two three. Four.\"", "/v1/audio/speech/captioned");
        var types = (await EventTests.LinesOf(answer)).ConvertAll(line => line.GetProperty("type").GetString()!);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(types.IndexOf("sentence"), Is.GreaterThan(1), string.Join(' ', types));
        Assert.That(types.Count(type => type == "sentence"), Is.EqualTo(2));

        using var streamed = await server.SpeakAsync("\"input\":\"One two three. Four.\",\"response_format\":\"pcm\",\"sample_rate\":22050");
        Assert.That((await streamed.Content.ReadAsByteArrayAsync()).Length, Is.GreaterThan(2 * 20_000));
    }
}
