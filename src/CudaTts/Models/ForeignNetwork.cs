namespace CudaTts.Models;

/// <summary>Networks of others that people try here, by the names of their tensors: a checkpoint is said to be what it is.</summary>
internal static class ForeignNetwork
{
    private const string CoquiLayer = ".convolution1d.";
    private const string CbhgLayer = "cbhg.";
    private static readonly string[] s_tacotrons = [CoquiLayer, CbhgLayer];

    private static readonly (string Part, string What)[] s_networks =
    [
        (CoquiLayer, "a Tacotron 2 of Coqui TTS, whose layers differ from NVIDIA's"),
        (CbhgLayer, "a Tacotron, the first"),
        ("waveform_decoder.", "a VITS of Coqui TTS"),
        ("enc_p.", "a VITS of another kind, such as one that changes voices"),
        ("decoder.flows.", "a Glow-TTS"),
        ("upsampler.0.", "a HiFi-GAN of Hugging Face transformers, which calls its layers upsampler.N; take the checkpoint that it was made from"),
        ("discriminators.",
            "the discriminators of a vocoder; of a HiFi-GAN take the generator's file (g_...), not the discriminators' (do_...); of a VITS "
            + "G_N.pth, not D_N.pth"),
        (".activations.0.", "a BigVGAN"),
        ("melgan.", "a MelGAN"),
        ("rnn1.weight_ih_l0", "a WaveRNN"),
        ("duration_predictor.", "a FastSpeech, FastPitch or another network that predicts durations"),
        ("variance_adaptor.", "a FastSpeech 2"),
        ("gpt.", "an XTTS or Tortoise"),
        ("text_encoder.", "a network with a text encoder of its own, such as StyleTTS or Kokoro"),
    ];

    /// <summary>What a checkpoint with such tensors is, with its article; null where that is not known.</summary>
    public static string? Of(IEnumerable<string> tensors)
    {
        var names = tensors.ToList();
        return Array.Find(s_networks, network => names.Exists(name => Holds(name, network.Part))).What;
    }

    /// <summary>Whether the tensors are those of a Tacotron that has names of NVIDIA's as well, and other layers.</summary>
    public static bool IsOtherTacotron(IEnumerable<string> tensors) => tensors.Any(name => Array.Exists(s_tacotrons, part => Holds(name, part)));

    // A part that begins with a layer's name begins the tensor's, or stands behind a point.
    private static bool Holds(string name, string part) =>
        name.IndexOf(part, StringComparison.Ordinal) is >= 0 and var at && (at == 0 || part[0] == '.' || name[at - 1] is '.' or '_');
}
