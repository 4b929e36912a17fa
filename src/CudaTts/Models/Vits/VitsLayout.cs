using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.Vits;

/// <summary>
/// Recognises the VITS of jaywalnut310/vits and Piper's, which has the same names below <c>model_g.</c>, and reads its config off its tensors and off
/// what lies beside them.
/// </summary>
internal static class VitsLayout
{
    /// <summary>A name that every layout has, and that tells where the network begins.</summary>
    public const string Landmark = "enc_p.emb.weight";

    private static readonly string[] s_trainingOnly = ["enc_q.", "dp.post_", "dp.flows.1."];

    /// <summary>The widths that tensors tell, under their names in the public config.json.</summary>
    public static IEnumerable<(string Name, int Value)> Widths(VitsConfig config) =>
    [
        ("n_symbols", config.Symbols),
        ("inter_channels", config.InterChannels),
        ("hidden_channels", config.HiddenChannels),
        ("filter_channels", config.FilterChannels),
        ("n_heads", config.Heads),
        ("n_layers", config.Layers),
        ("kernel_size", config.Kernel),
    ];

    /// <summary>The factors that a caller may choose, under their names in config.json.</summary>
    public static IEnumerable<(string Name, float Value)> Factors(VitsConfig config) =>
    [
        ("noise_scale", config.NoiseScale),
        ("length_scale", config.LengthScale),
        ("noise_scale_w", config.DurationNoiseScale),
    ];

    /// <summary>The tensors that speaking needs.</summary>
    public static ModelWeights ForSpeaking(ModelWeights weights) => new(
        weights.Source,
        weights.Names.Where(name => !Array.Exists(s_trainingOnly, part => name.StartsWith(part, StringComparison.Ordinal)))
            .ToDictionary(name => name, weights.Entry));

    /// <summary>The config of tensors whose weight norm is folded in.</summary>
    /// <param name="weights">The tensors.</param>
    /// <param name="source">Where the rest is said.</param>
    /// <param name="notes">Receives what the person who converts should know.</param>
    /// <exception cref="WeightsException">A tensor is missing, or the config claims what the tensors do not have.</exception>
    public static VitsConfig Config(ModelWeights weights, VitsSource source, List<string> notes)
    {
        var config = Infer(weights);
        if (source.Sizes is { } sizes)
        {
            CheckAgainst(config, sizes, weights.Source);
        }

        foreach (var claim in (SourceConfig?[])[source.Sizes, source.Config, source.Config?.Section("data")])
        {
            CheckSpeakers(config, claim, weights.Source);
        }

        var decoder = source.Sizes is null ? UpsamplingLayout.Infer(weights, "dec.") : Decoder(source.Sizes, config.InterChannels);
        config = config with
        {
            ResidualBlock = decoder.ResidualBlock,
            ResidualKernels = decoder.ResidualKernels,
            ResidualDilations = decoder.ResidualDilations,
            UpsampleRates = decoder.UpsampleRates,
            UpsampleKernels = decoder.UpsampleKernels,
            InitialChannels = decoder.InitialChannels,
            SampleRate = source.Sizes?.Integer(source.Sizes.FirstOf("sampling_rate", "sample_rate", "sampling_rate")) ?? config.SampleRate,
            FftLength = source.Sizes?.Integer("filter_length") ?? config.FftLength,
        };
        var speakers = config.Speakers == 0 ? "one speaker" : $"{config.Speakers} speakers";
        notes.Add($"{config.Symbols} symbols, {speakers}, widths read off the tensors.");
        notes.Add(source.Sizes is null
            ? $"No config with its sizes was found: the decoder's rates {string.Join(",", config.UpsampleRates)} are half of its kernels, its "
            + "dilations those of the public configs; give --config if the voice sounds wrong."
            : $"The widths agree with {source.Sizes.Source}.");
        return source.IsPiper ? WithPiper(config, source.Config, weights.Source, notes) : WithData(config, source.Config, notes);
    }

    /// <summary>The widths that the tensors have, the decoder's left out.</summary>
    private static VitsConfig Infer(ModelWeights weights)
    {
        var embedding = Shape(weights, Landmark, 2);
        var feedForward = Shape(weights, "enc_p.encoder.ffn_layers.0.conv_1.weight", 3);
        var relative = Shape(weights, "enc_p.encoder.attn_layers.0.emb_rel_k", 3);
        var layers = 0;
        while (weights.Contains($"enc_p.encoder.attn_layers.{layers}.conv_q.weight"))
        {
            layers++;
        }

        int[] speakers = weights.Contains("emb_g.weight") ? Shape(weights, "emb_g.weight", 2) : [0, 0];
        return new VitsConfig
        {
            Symbols = embedding[0],
            HiddenChannels = embedding[1],
            FilterChannels = feedForward[0],
            Kernel = feedForward[2],
            Heads = Math.Max(1, embedding[1] / Math.Max(1, relative[2])),
            Layers = layers,
            InterChannels = Shape(weights, "dec.conv_pre.weight", 3)[1],
            Speakers = speakers[0],
            SpeakerChannels = speakers[1],
            HasStochasticDurations = weights.Contains("dp.flows.0.m"),
        };
    }

    private static void CheckAgainst(VitsConfig config, SourceConfig sizes, string checkpoint)
    {
        foreach (var (name, value) in Widths(config).Append(("num_symbols", config.Symbols)))
        {
            Require(sizes, name, value, checkpoint);
        }

        if ((sizes.Flag("use_sdp") ?? true) != config.HasStochasticDurations)
        {
            throw new WeightsException(
                $"{sizes.Source}: use_sdp: expected {(config.HasStochasticDurations ? "true" : "false")}, because {checkpoint} has "
                + $"{(config.HasStochasticDurations ? "" : "no ")}flows of durations.");
        }
    }

    private static void CheckSpeakers(VitsConfig config, SourceConfig? claim, string checkpoint)
    {
        foreach (var name in (string[])["n_speakers", "num_speakers"])
        {
            // One speaker has no vector.
            if (claim?.Integer(name) is { } number && !(number <= 1 && config.Speakers == 0))
            {
                Require(claim, name, config.Speakers, checkpoint);
            }
        }

        if (claim is not null && config.Speakers > 0)
        {
            Require(claim, "gin_channels", config.SpeakerChannels, checkpoint);
        }
    }

    private static void Require(SourceConfig claim, string name, int found, string checkpoint)
    {
        if (claim.Integer(name) is { } number && number != found)
        {
            throw new WeightsException($"{claim.Source}: {name}: expected {found}, which the tensors of {checkpoint} have, found {number}.");
        }
    }

    // Blocks of kind "2" have two convolutions and those of kind "1" three, however many dilations a config lists.
    private static UpsamplingSizes Decoder(SourceConfig sizes, int channels)
    {
        var decoder = UpsamplingLayout.FromSource(sizes, channels);
        var count = decoder.ResidualBlock == "1" ? 3 : 2;
        return decoder with { ResidualDilations = [.. decoder.ResidualDilations.Select(list => list.Take(count).ToArray())] };
    }

    private static VitsConfig WithData(VitsConfig config, SourceConfig? source, List<string> notes)
    {
        var data = source?.Section("data") ?? source;
        if (data is null)
        {
            notes.Add($"The sample rate is taken as {config.SampleRate} Hz and the symbols as those of {VitsText.VitsKind}'s English.");
            return config with { Text = new VitsText { EspeakVoice = "en-us", Language = "en-us" } };
        }

        config = config with
        {
            SampleRate = data.Integer("sampling_rate") ?? config.SampleRate,
            FftLength = data.Integer("filter_length") ?? config.FftLength,
            AddsBlanks = data.Flag("add_blank") ?? config.AddsBlanks,
        };
        if (data.Integer("hop_length") is { } hop && hop != config.Decoder.Hop)
        {
            throw new WeightsException($"{data.Source}: hop_length: expected {config.Decoder.Hop}, the product of upsample_rates, found {hop}.");
        }

        var cleaners = data.Strings("text_cleaners") ?? [];
        var isEnglish = cleaners.Length == 0 || cleaners.Any(cleaner => cleaner.StartsWith("english", StringComparison.Ordinal));
        if (!isEnglish)
        {
            notes.Add(
                $"Its texts went through {string.Join(", ", cleaners)}, which is not English: what it is given must be the symbols themselves.");
        }

        return config with
        {
            Text = new VitsText { EspeakVoice = isEnglish ? "en-us" : null, Language = isEnglish ? "en-us" : null },
        };
    }

    private static VitsConfig WithPiper(VitsConfig config, SourceConfig? source, string checkpoint, List<string> notes)
    {
        if (source is null)
        {
            notes.Add("No config.json of Piper was found, which says how a text becomes ids; give it with --config.");
            return config with { Text = new VitsText { Kind = VitsText.PiperKind } };
        }

        Require(source, "num_symbols", config.Symbols, checkpoint);
        var (audio, inference, espeak) = (source.Section("audio"), source.Section("inference"), source.Section("espeak"));
        return config with
        {
            SampleRate = audio?.Integer(audio.FirstOf("sampling_rate", "sample_rate")) ?? config.SampleRate,
            NoiseScale = (float)(inference?.Number("noise_scale") ?? config.NoiseScale),
            LengthScale = (float)(inference?.Number("length_scale") ?? config.LengthScale),
            DurationNoiseScale = (float)(inference?.Number(inference.FirstOf("noise_scale_w", "noise_w")) ?? config.DurationNoiseScale),
            Text = new VitsText
            {
                Kind = VitsText.PiperKind,
                EspeakVoice = espeak?.Text("voice"),
                PhonemeType = source.Text("phoneme_type") ?? new VitsText().PhonemeType,
                PhonemeIdMap = Map(source.Section("phoneme_id_map"), (section, name) => section.Integers(name)!),
                PhonemeMap = Map(source.Section("phoneme_map"), (section, name) => section.Strings(name)!),
                PhonemeSilence = Map(inference?.Section("phoneme_silence"), (section, name) => section.Number(name)!.Value),
                SpeakerIdMap = Map(source.Section("speaker_id_map"), (section, name) => section.Integer(name)!.Value),
                Language = source.Section("language")?.Text("code") ?? espeak?.Text("voice"),
            },
        };
    }

    private static Dictionary<string, T> Map<T>(SourceConfig? section, Func<SourceConfig, string, T> value) =>
        section is null ? [] : section.Names.Where(section.Has).ToDictionary(name => name, name => value(section, name));

    private static int[] Shape(ModelWeights weights, string name, int dimensions)
    {
        var shape = weights.Entry(name).Shape;
        return shape.Length == dimensions && !shape.Contains(0)
            ? shape
            : throw new WeightsException(
                $"{weights.Source}: tensor '{name}': expected {dimensions} dimensions, none of them 0, found shape {Tensor.Describe(shape)}.");
    }
}
