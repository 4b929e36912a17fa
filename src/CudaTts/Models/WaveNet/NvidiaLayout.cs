using CudaTts.Audio;
using CudaTts.Weights;

namespace CudaTts.Models.WaveNet;

/// <summary>Recognises the networks of NVIDIA/nv-wavenet and reads their widths off their tensors as far as these tell.</summary>
internal static class NvidiaLayout
{
    /// <summary>A beginning of names that only this network has.</summary>
    public const string Landmark = "dilate_layers.0.conv.";

    // config.json of the repository: dilations up to 128, a window of four hops at 16 kHz, mu-law classes around 128.
    private const int PublicCycle = 8;
    private const int PublicOverlap = 4;
    private const int PublicRate = 16_000;
    private const int FirstClass = 128;

    /// <summary>What a config should say and does not, of what the tensors do not tell.</summary>
    public static IReadOnlyList<string> Unsaid(SourceConfig source)
    {
        var (network, mel) = (source.Section("wavenet_config") ?? source, source.Section("data_config") ?? source.Section("mel") ?? source);
        var unsaid = ((string[])["max_dilation", "upsamp_stride"]).Where(key => !network.Has(key)).ToList();
        return mel.Has("sampling_rate") || mel.Has("sample_rate") ? unsaid : [.. unsaid, "sampling_rate"];
    }

    /// <summary>The widths that the tensors have; dilations and mel are those of the public recipe.</summary>
    /// <exception cref="WeightsException">A tensor is missing or of another rank.</exception>
    public static WaveNetConfig Infer(ModelWeights weights)
    {
        var layers = 0;
        while (weights.Contains($"dilate_layers.{layers}.conv.weight"))
        {
            layers++;
        }

        var dilated = weights.ShapeOf("dilate_layers.0.conv.weight", 3);
        var upsample = weights.ShapeOf("upsample.weight", 3);
        var embed = weights.ShapeOf("embed.weight", 2);
        return new WaveNetConfig
        {
            Layout = WaveNetLayout.Nvidia,
            InputType = SampleKind.MuLawClasses,
            QuantizeChannels = embed[0],
            OutputChannels = weights.ShapeOf("conv_end.conv.weight", 3)[0],
            Layers = layers,
            DilationCycle = PublicCycle,
            Kernel = dilated[2],
            ResidualChannels = dilated[1],
            GateChannels = dilated[0],
            SkipChannels = weights.ShapeOf("skip_layers.0.conv.weight", 3)[0],
            SkipSum = SkipSum.Plain,
            Upsampling = Upsampling.Transposed,
            UpsampleWindow = upsample[2],
            FirstClass = Math.Min(FirstClass, embed[0] / 2),
            Mel = new MelContract
            {
                SampleRate = PublicRate,
                FftLength = 800,
                WindowLength = 800,
                HopLength = Math.Max(1, upsample[2] / PublicOverlap),
                MelBands = upsample[0],
            },
        };
    }

    /// <summary>The config with what config.json says of what tensors do not tell, checked against what they do.</summary>
    /// <exception cref="WeightsException">The source claims another width.</exception>
    public static WaveNetConfig Complete(WaveNetConfig config, SourceConfig source, string checkpoint)
    {
        var network = source.Section("wavenet_config") ?? source;
        foreach (var (key, found) in ((string, int)[])
        [
            ("n_in_channels", config.QuantizeChannels),
            ("n_layers", config.Layers),
            ("n_residual_channels", config.ResidualChannels),
            ("n_skip_channels", config.SkipChannels),
            ("n_out_channels", config.OutputChannels),
            ("n_cond_channels", config.Mel.MelBands),
            ("upsamp_window", config.UpsampleWindow),
        ])
        {
            if (network.Integer(key) is { } claimed && claimed != found)
            {
                throw new WeightsException($"{network.Source}: {key}: expected {found}, which the tensors of {checkpoint} have, found {claimed}.");
            }
        }

        var mel = MelSource.Read(source.Section("data_config") ?? source, config.Mel);
        var longest = network.Integer(network.FirstOf("dilation_cycle", "max_dilation")) ?? 1 << (config.DilationCycle - 1);
        return longest >= 1
            ? config with
            {
                DilationCycle = int.Log2(longest) + 1,
                Mel = mel with { HopLength = network.Integer(network.FirstOf("mel.hop_length", "upsamp_stride")) ?? mel.HopLength },
            }
            : throw network.Wrong("max_dilation", "1 or more");
    }
}
