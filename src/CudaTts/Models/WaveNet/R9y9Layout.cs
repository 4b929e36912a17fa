using CudaTts.Audio;
using CudaTts.Weights;

namespace CudaTts.Models.WaveNet;

/// <summary>
/// Recognises the networks of r9y9/wavenet_vocoder, of both its generations, and reads their widths off their tensors as far as these tell. The
/// generation is told by the names of the upsampling.
/// </summary>
internal static class R9y9Layout
{
    /// <summary>A beginning of names that only this network has.</summary>
    public const string Landmark = "conv_layers.0.conv1x1c.";

    private const int MuLawClasses = 256;
    private const float PreEmphasis = 0.85f;
    private const double AmplitudeFloor = 1e-5;

    // What hparams.json of this repository has and those of others have not, for one that lost its name.
    private static readonly string[] s_ownKeys = ["skip_out_channels", "input_type", "upsample_conditional_features"];

    /// <summary>Whether a config is hparams.json of this repository.</summary>
    public static bool IsMeant(SourceConfig source) => source.Has("name") ? source.Text("name") == "wavenet_vocoder" : s_ownKeys.Any(source.Has);

    /// <summary>What a config should say and does not, of what the tensors do not tell.</summary>
    public static IReadOnlyList<string> Unsaid(SourceConfig source, WaveNetConfig config)
    {
        string[] needed = ["stacks", .. config.DrawsClasses ? (string[])[] : ["input_type"], "sample_rate", "fmin", "fmax"];
        var mel = source.Section("mel") ?? source;
        return [.. needed.Where(key => !source.Has(key) && !mel.Has(key))];
    }

    /// <summary>The widths that the tensors have; dilations, mel and finish are those of the public recipes.</summary>
    /// <exception cref="WeightsException">A tensor is missing or of another rank.</exception>
    public static WaveNetConfig Infer(ModelWeights folded)
    {
        var layers = 0;
        while (folded.Contains($"conv_layers.{layers}.conv.weight"))
        {
            layers++;
        }

        var isEarlier = folded.Contains("upsample_conv.0.weight") || folded.Contains("conv_layers.0.conv1x1c.bias");
        var dilated = folded.ShapeOf("conv_layers.0.conv.weight", 3);
        var inputs = folded.ShapeOf("first_conv.weight", 3)[1];
        var outputs = folded.ShapeOf("last_conv_layers.3.weight", 3)[0];
        var bands = folded.ShapeOf("conv_layers.0.conv1x1c.weight", 3)[1];
        var speakers = folded.Contains("embed_speakers.weight") ? folded.ShapeOf("embed_speakers.weight", 2) : [0, 0];
        var config = new WaveNetConfig
        {
            Layout = isEarlier ? WaveNetLayout.Earlier : WaveNetLayout.Current,
            InputType = inputs == 1 ? SampleKind.Raw : SampleKind.MuLawClasses,
            QuantizeChannels = inputs == 1 ? 1 << 16 : inputs,
            Distribution = outputs == 2 ? SampleDistribution.Normal : SampleDistribution.Logistic,
            OutputChannels = outputs,
            Layers = layers,
            DilationCycle = PublicCycle(layers),
            Kernel = dilated[2],
            ResidualChannels = dilated[1],
            GateChannels = dilated[0],
            SkipChannels = folded.ShapeOf("conv_layers.0.conv1x1_skip.weight", 3)[0],
            SkipSum = isEarlier ? SkipSum.Recursive : SkipSum.Scaled,
            SpeakerChannels = speakers[1],
            Speakers = speakers[0],
            FirstClass = isEarlier ? MuLawClasses / 2 : (MuLawClasses / 2) - 1,
            LeastLogScale = isEarlier ? MathF.Log(1e-14f) : null,
        };
        return WithUpsampling(config, folded, bands, isEarlier);
    }

    /// <summary>The config with what hparams.json says of what tensors do not tell, checked against what they do.</summary>
    /// <exception cref="WeightsException">The source claims another width, or a variant that is not supported.</exception>
    public static WaveNetConfig Complete(WaveNetConfig config, SourceConfig source, string checkpoint)
    {
        RequireWidths(config, source, checkpoint);
        RequireUpsampling(config, source, checkpoint);
        var stacks = source.Integer(source.FirstOf("dilation_cycle", "stacks")) ?? config.Layers / config.DilationCycle;
        if (stacks < 1 || config.Layers % stacks != 0)
        {
            throw source.Wrong("stacks", $"a divisor of the {config.Layers} layers");
        }

        var isEarlier = config.Layout == WaveNetLayout.Earlier;
        var quantized = source.Integer("quantize_channels") ?? config.QuantizeChannels;
        return config with
        {
            DilationCycle = config.Layers / stacks,
            InputType = InputType(source, config.InputType),
            QuantizeChannels = config.DrawsClasses ? config.QuantizeChannels : quantized,
            Distribution = Distribution(source, config),
            SkipSum = isEarlier && source.Flag("legacy") == false ? SkipSum.Plain : config.SkipSum,
            UpsampleScales = config.Upsampling != Upsampling.Repetition ? config.UpsampleScales
                : [source.Integer(source.FirstOf("upsample_scales", "hop_size")) ?? config.Mel.HopLength],
            ContextFrames = config.Upsampling == Upsampling.Smoothing ? source.Integer("cin_pad") ?? 0 : config.ContextFrames,
            LeastLogScale = isEarlier ? (float?)source.Number("log_scale_min") ?? config.LeastLogScale : null,
            Deemphasis = Deemphasis(source),
            Gain = (float)(source.Number("global_gain_scale") ?? 1),
            Mel = Mel(source, config),
        };
    }

    private static WaveNetConfig WithUpsampling(WaveNetConfig config, ModelWeights folded, int bands, bool isEarlier)
    {
        var kind = folded.Contains("upsample_conv.0.weight") ? Upsampling.TransposedOfBands
            : folded.Contains("upsample_net.conv_in.weight") ? Upsampling.Convolution
            : folded.Contains("upsample_net.up_layers.1.weight") ? Upsampling.Smoothing : Upsampling.Repetition;
        config = config with { Upsampling = kind, UpsampleScales = [], ContextFrames = 0 };
        var (scales, bandTaps) = (new List<int>(), 1);
        while (folded.Contains($"{WaveNetTensors.UpsampleName(config, scales.Count)}.weight"))
        {
            var shape = folded.ShapeOf($"{WaveNetTensors.UpsampleName(config, scales.Count)}.weight", 4);
            bandTaps = shape[2];
            scales.Add(kind == Upsampling.TransposedOfBands ? shape[3] : (shape[3] - 1) / 2);
        }

        var hop = scales.Count == 0 ? 256 : HopLength.Of(scales);
        return config with
        {
            UpsampleScales = scales.Count == 0 ? [hop] : [.. scales],
            FrequencyKernel = bandTaps,
            ContextFrames = kind == Upsampling.Convolution ? (folded.ShapeOf("upsample_net.conv_in.weight", 3)[2] - 1) / 2 : 0,
            Mel = (isEarlier ? new WaveNetConfig().Mel with { Floor = AmplitudeFloor, Normalisation = UnitRange.Usual.Contract }
                : new WaveNetConfig().Mel) with { MelBands = bands, HopLength = hop },
        };
    }

    // The recipes have stacks of six layers (24 in 4) or of ten (30 in 3).
    private static int PublicCycle(int layers) => layers % 10 == 0 ? 10 : layers % 6 == 0 ? 6 : layers;

    private static void RequireWidths(WaveNetConfig config, SourceConfig source, string checkpoint)
    {
        foreach (var (key, found) in ((string, int)[])
        [
            ("layers", config.Layers),
            ("kernel_size", config.Kernel),
            ("residual_channels", config.ResidualChannels),
            ("gate_channels", config.GateChannels),
            ("skip_out_channels", config.SkipChannels),
            ("out_channels", config.OutputChannels),
            ("cin_channels", config.Mel.MelBands),
        ])
        {
            Require(source, key, found, checkpoint);
        }

        if (config.DrawsClasses)
        {
            Require(source, "quantize_channels", config.QuantizeChannels, checkpoint);
        }

        if (source.Integer("gin_channels") is { } width && Math.Max(0, width) != config.SpeakerChannels)
        {
            var found = config.SpeakerChannels == 0 ? "-1, because there is no embed_speakers"
                : $"{config.SpeakerChannels}, which embed_speakers has";
            throw new WeightsException($"{source.Source}: gin_channels: expected {found} among the tensors of {checkpoint}, found {width}.");
        }

        if (config.SpeakerChannels > 0)
        {
            Require(source, "n_speakers", config.Speakers, checkpoint);
        }

        KanBayashiSource.RequireSupported(
            source, "WaveNet", ((source.Section("upsample_params")?.Text("mode") ?? "nearest") != "nearest", "an interpolation that is not nearest"),
            (source.Section("upsample_params")?.Text("upsample_activation") is not (null or "none"), "an upsample_activation"));
    }

    private static void Require(SourceConfig source, string key, int found, string checkpoint)
    {
        if (source.Integer(key) is { } claimed && claimed != found)
        {
            throw new WeightsException($"{source.Source}: {key}: expected {found}, which the tensors of {checkpoint} have, found {claimed}.");
        }
    }

    // The tensors have all of the upsampling but how often a mel is repeated that nothing smooths.
    private static void RequireUpsampling(WaveNetConfig config, SourceConfig source, string checkpoint)
    {
        var (section, kind) = (source.Section("upsample_params") ?? source, config.Upsampling);
        RequireUpsamplingNetwork(kind, source, checkpoint);
        if (kind == Upsampling.Repetition)
        {
            return;
        }

        if (section.Integers("upsample_scales") is { } scales && !scales.AsSpan().SequenceEqual(config.UpsampleScales))
        {
            throw new WeightsException(
                $"{section.Source}: upsample_scales: expected {string.Join(", ", config.UpsampleScales)}, which the tensors of {checkpoint} have, "
                + $"found {string.Join(", ", scales)}.");
        }

        Require(section, "freq_axis_kernel_size", config.FrequencyKernel, checkpoint);
        if (kind == Upsampling.Convolution)
        {
            Require(source, "cin_pad", config.ContextFrames, checkpoint);
        }
    }

    private static void RequireUpsamplingNetwork(Upsampling kind, SourceConfig source, string checkpoint)
    {
        if (source.Flag("upsample_conditional_features") is { } upsamples && upsamples != (kind != Upsampling.Repetition))
        {
            throw new WeightsException(
                $"{source.Source}: upsample_conditional_features: expected {(upsamples ? "false" : "true")}, because {checkpoint} has "
                + $"{(upsamples ? "no " : "")}tensors of an upsampling.");
        }

        var expected = kind switch
        {
            Upsampling.Convolution => "ConvInUpsampleNetwork",
            Upsampling.Smoothing => "UpsampleNetwork",
            _ => null,
        };
        if (expected is not null && source.Text("upsample_net") is { } name && name != expected)
        {
            throw new WeightsException(
                $"{source.Source}: upsample_net: expected \"{expected}\", which the tensors of {checkpoint} are of, found \"{name}\".");
        }
    }

    private static SampleKind InputType(SourceConfig source, SampleKind found) => (source.Text("input_type"), found) switch
    {
        (null, _) => found,
        ("raw", not SampleKind.MuLawClasses) => SampleKind.Raw,
        ("mulaw", not SampleKind.MuLawClasses) => SampleKind.MuLaw,
        ("mulaw-quantize", SampleKind.MuLawClasses) => found,
        _ => throw source.Wrong("input_type", found == SampleKind.MuLawClasses ? "\"mulaw-quantize\"" : "\"raw\" or \"mulaw\""),
    };

    private static SampleDistribution Distribution(SourceConfig source, WaveNetConfig config) => source.Text("output_distribution") switch
    {
        null => config.Distribution,
        "Logistic" => SampleDistribution.Logistic,
        "Normal" => SampleDistribution.Normal,
        _ => throw source.Wrong("output_distribution", "\"Logistic\" or \"Normal\""),
    };

    private static float Deemphasis(SourceConfig source) => source.Text("postprocess") switch
    {
        null or "" => 0,
        "inv_preemphasis" => (float)(source.Number(source.FirstOf("deemphasis", "preemphasis_coef")) ?? PreEmphasis),
        _ => throw source.Wrong("postprocess", "\"inv_preemphasis\" or nothing"),
    };

    private static MelContract Mel(SourceConfig source, WaveNetConfig config)
    {
        var fft = source.Integer(source.FirstOf("mel.n_fft", "fft_size")) ?? config.Mel.FftLength;
        var mel = MelSource.Read(source, config.Mel with { FftLength = fft });
        if (config.Layout != WaveNetLayout.Earlier)
        {
            return mel;
        }

        var usual = UnitRange.Usual;
        var range = new UnitRange(source.Number("ref_level_db") ?? usual.Reference, -(source.Number("min_level_db") ?? -usual.Range));
        return range.Range > 0 ? mel with { Normalisation = range.Contract } : throw source.Wrong("min_level_db", "decibels below 0");
    }
}
