using System.Text;
using System.Text.Json.Nodes;
using CudaTts.Models;
using CudaTts.Models.HifiGan;
using CudaTts.Models.Tacotron2;
using CudaTts.Weights;

namespace CudaTts.Tests.Models;

/// <summary>config.json, and the limits of what it may say.</summary>
internal sealed class ConfigJsonTests
{
    [Test]
    public void Round_trips_the_defaults()
    {
        Assert.That(Parse<Tacotron2Config>(ConfigJson.Write(new Tacotron2Config())), Is.EqualTo(new Tacotron2Config()));
        var text = ConfigJson.Write(new HifiGanConfig());
        Assert.That(ConfigJson.Write(Parse<HifiGanConfig>(text)), Is.EqualTo(text));
    }

    [TestCase("""{"n_symbols": 0}""", "n_symbols")]
    [TestCase("""{"decoder_rnn_dim": 1000000}""", "decoder_rnn_dim")]
    [TestCase("""{"encoder_embedding_dim": 256}""", "symbols_embedding_dim")]
    [TestCase("""{"encoder_embedding_dim": 5, "symbols_embedding_dim": 5}""", "even")]
    [TestCase("""{"postnet_n_convolutions": 1}""", "postnet_n_convolutions")]
    [TestCase("""{"encoder_kernel_size": 4}""", "odd")]
    [TestCase("""{"n_mel_channels": 40}""", "mel.mel_bands")]
    [TestCase("""{"model_type": "hifigan"}""", "model_type")]
    [TestCase("""{"mel": null}""", "mel")]
    [TestCase("""{"mel": {"fmax": 12000}}""", "mel.fmax")]
    [TestCase("""{"mel": {"floor": 0}}""", "mel.floor")]
    [TestCase("""{"mel": {"log": "e"}}""", "log")]
    [TestCase("null", "object")]
    [TestCase("{", "config")]
    public void Refuses_tacotron_2(string json, string because) =>
        Assert.That(() => Parse<Tacotron2Config>(json), Throws.TypeOf<WeightsException>().With.Message.Contains(because));

    [TestCase("""{"resblock": "3"}""", "resblock")]
    [TestCase("""{"upsample_rates": [8, 8]}""", "upsample_rates")]
    [TestCase("""{"upsample_rates": [8, 8, 2, 0]}""", "upsample_rates")]
    [TestCase("""{"upsample_rates": [8, 8, 2, 3]}""", "upsample_rates")]
    [TestCase("""{"upsample_rates": null}""", "upsample_rates")]
    [TestCase("""{"upsample_initial_channel": 8}""", "upsample_initial_channel")]
    [TestCase("""{"upsample_initial_channel": 100}""", "multiple of 16")]
    [TestCase("""{"resblock_kernel_sizes": [3, 4, 11]}""", "odd")]
    [TestCase("""{"resblock_kernel_sizes": []}""", "resblock_kernel_sizes")]
    [TestCase("""{"resblock_dilation_sizes": [[1], null, [1]]}""", "resblock_dilation_sizes")]
    [TestCase("""{"resblock_dilation_sizes": [[1], [0], [1]]}""", "resblock_dilation_sizes")]
    [TestCase("""{"mel": {"hop_length": 300}}""", "product of upsample_rates")]
    [TestCase("""{"upsample_rates": [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}""", "upsample_rates: expected a list of 1 to 16 numbers, found 17")]
    [TestCase("""{"upsample_rates": [8, 8, 2, 2.5]}""", "upsample_rates: expected a list of whole numbers, found [8, 8, 2, 2.5]")]
    [TestCase("""{"upsample_rates": {}}""", "upsample_rates: expected a list of whole numbers, found an object")]
    [TestCase("""{"upsample_kernel_sizes": ["16", 16, 4, 4]}""", "upsample_kernel_sizes: expected a list of whole numbers")]
    [TestCase("""{"resblock_dilation_sizes": [[1], [null], [1]]}""", "resblock_dilation_sizes: expected a list of lists of whole numbers")]
    [TestCase("""{"resblock_dilation_sizes": [1, 3, 5]}""", "resblock_dilation_sizes: expected a list of lists of whole numbers, found [1, 3, 5]")]
    [TestCase("""{"resblock": 1}""", "resblock: expected a text in quotation marks, found 1")]
    [TestCase("""{"mel": {"sample_rate": 99999999999}}""", "mel.sample_rate: expected a whole number of at most 2147483647")]
    [TestCase("""{"mel": {"fmax": "8000"}}""", "mel.fmax: expected a number, found \"8000\"")]
    [TestCase("""{"mel": {"floor": 1e300}}""", "mel.floor: expected above 0 and at most 1")]
    [TestCase("""{"mel": {"floor": 1e999}}""", "mel.floor: expected a number, found 1e999")]
    [TestCase("""{"mel": {"floor": null}}""", "mel.floor: expected a number, found null")]
    [TestCase("""{"mel": {"normalisation": "x"}}""", "mel.normalisation: expected")]
    [TestCase("""{"mel": {"normalisation": "mean-variance:12"}}""", "mel.normalisation: expected")]
    [TestCase("""{"mel": {"log": 10}}""", "mel.log: expected \"natural\" or \"log10\", found 10")]
    [TestCase("""{"mel": {}, "mel": {}}""", "the key 'mel' is there twice")]
    [TestCase("""{"model_type": "\ud800"}""", "half of a character")]
    [TestCase("[]", "expected a JSON object {...}, found []")]
    [TestCase("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "at most 32 deep")]
    [TestCase("""{"a": 1 "b": 2}""", "not JSON: the mistake is at column 9")]
    [TestCase("{\n\"a\": 01}", "not JSON: the mistake is at line 2, column 7")]
    public void Refuses_hifi_gan(string json, string because) =>
        Assert.That(() => Parse<HifiGanConfig>(json), Throws.TypeOf<WeightsException>().With.Message.Contains(because));

    [Test]
    public void No_message_is_in_words_of_the_library()
    {
        var random = new Random(3);
        string[] values =
            ["null", "true", "-1", "0", "1e300", "1e999", "99999999999999999999", "\"x\"", "[]", "[null]", "[[null]]", "{}", "{\"a\":1}"];
        foreach (var text in (string[])[ConfigJson.Write(new HifiGanConfig()), ConfigJson.Write(new Tacotron2Config())])
        {
            for (var round = 0; round < 3000; round++)
            {
                var json = JsonNode.Parse(text)!.AsObject();
                var section = random.Next(2) == 0 ? json["mel"]!.AsObject() : json;
                section[section.ElementAt(random.Next(section.Count)).Key] = JsonNode.Parse(values[random.Next(values.Length)]);
                var changed = json.ToJsonString();
                try
                {
                    _ = text.Contains("resblock", StringComparison.Ordinal) ? (object)Parse<HifiGanConfig>(changed) : Parse<Tacotron2Config>(changed);
                }
                catch (WeightsException error)
                {
                    Assert.That(error.Message, Does.Not.Match(@"System\.|Parameter|\.NET|CudaTts\.|constructor|converted|LineNumber|\n"), changed);
                }
            }
        }
    }

    [Test]
    public void A_byte_order_mark_is_no_part_of_the_text()
    {
        const string Text = """{"upsample_initial_channel": 256}""";
        foreach (var encoding in (Encoding[])[Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode])
        {
            byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes(Text)];
            Assert.That(ConfigJson.Parse<HifiGanConfig>(bytes, "file").InitialChannels, Is.EqualTo(256), encoding.WebName);
            Assert.That(SourceConfig.Parse(bytes, "file").Integer("upsample_initial_channel"), Is.EqualTo(256), encoding.WebName);
        }

        Assert.That(
            () => ConfigJson.Parse<HifiGanConfig>(new byte[] { 0xEF, 0xBB, 0xBF }, "file"),
            Throws.TypeOf<WeightsException>().With.Message.Contains("nothing"));
    }

    private static T Parse<T>(string json)
        where T : class, new() => ConfigJson.Parse<T>(Encoding.UTF8.GetBytes(json), "config.json");
}
