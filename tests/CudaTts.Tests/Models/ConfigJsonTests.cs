using System.Text;
using CudaTts.Models;
using CudaTts.Models.HifiGan;
using CudaTts.Models.Tacotron2;

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
    public void Refuses_hifi_gan(string json, string because) =>
        Assert.That(() => Parse<HifiGanConfig>(json), Throws.TypeOf<WeightsException>().With.Message.Contains(because));

    private static T Parse<T>(string json)
        where T : class, new() => ConfigJson.Parse<T>(Encoding.UTF8.GetBytes(json), "config.json");
}
