using CudaTts.Weights;

namespace CudaTts.Models.ParallelWaveGan;

/// <summary>Recognises kan-bayashi's Parallel WaveGAN generators and reads their widths off their tensors as far as these tell.</summary>
internal static class ParallelWaveGanLayout
{
    /// <summary>A beginning of names that tells where the network begins; <see cref="Confirmation"/> tells it from others.</summary>
    public const string Landmark = "first_conv.";

    /// <summary>A beginning of names that only this network has.</summary>
    public const string Confirmation = "conv_layers.0.conv1x1_aux.";

    private const int PublicLayersPerStack = 10;

    /// <summary>The widths that the tensors have; the stacks, which leave no trace, are ten layers each as in the public models.</summary>
    /// <exception cref="WeightsException">A tensor is missing, or the network is a variant that is not supported.</exception>
    public static ParallelWaveGanConfig Infer(ModelWeights folded)
    {
        var scales = new List<int>();
        while (folded.Contains($"{ParallelWaveGanTensors.UpsampleName(scales.Count)}.weight"))
        {
            var shape = folded.ShapeOf($"{ParallelWaveGanTensors.UpsampleName(scales.Count)}.weight", 4);
            scales.Add((shape[3] - 1) / 2);
        }

        var layers = 0;
        while (folded.Contains($"conv_layers.{layers}.conv.weight"))
        {
            layers++;
        }

        var first = folded.ShapeOf("conv_layers.0.conv.weight", 3);
        var input = folded.ShapeOf("upsample_net.conv_in.weight", 3);
        return new ParallelWaveGanConfig
        {
            Layers = layers,
            Stacks = layers % PublicLayersPerStack == 0 ? layers / PublicLayersPerStack : 1,
            Kernel = first[2],
            ResidualChannels = first[1],
            GateChannels = first[0],
            SkipChannels = folded.ShapeOf("conv_layers.0.conv1x1_skip.weight", 3)[0],
            ContextWindow = (input[2] - 1) / 2,
            UpsampleScales = [.. scales],
            Mel = KanBayashiSource.MelOfRecipes(input[0], HopLength.Of(scales)),
        };
    }

    /// <summary>The config with what config.yml says of what tensors do not tell, checked against what they do.</summary>
    /// <exception cref="WeightsException">The source claims another width, or a variant that is not supported.</exception>
    public static ParallelWaveGanConfig Complete(ParallelWaveGanConfig config, SourceConfig source, string checkpoint)
    {
        var network = source.Section("generator_params") ?? source;
        foreach (var (key, found) in ((string, int)[])
        [
            ("layers", config.Layers),
            ("kernel_size", config.Kernel),
            ("residual_channels", config.ResidualChannels),
            ("gate_channels", config.GateChannels),
            ("skip_channels", config.SkipChannels),
            ("aux_channels", config.Mel.MelBands),
            ("aux_context_window", config.ContextWindow),
        ])
        {
            if (network.Integer(key) is { } claimed && claimed != found)
            {
                throw new WeightsException($"{network.Source}: {key}: expected {found}, which the tensors of {checkpoint} have, found {claimed}.");
            }
        }

        if (network.Section("upsample_params")?.Integers("upsample_scales") is { } scales && !scales.AsSpan().SequenceEqual(config.UpsampleScales))
        {
            throw new WeightsException(
                $"{network.Source}: upsample_params: upsample_scales: expected {string.Join(", ", config.UpsampleScales)}, which the tensors of "
                + $"{checkpoint} have, found {string.Join(", ", scales)}.");
        }

        RequireSupported(source, network);
        return config with { Stacks = network.Integer("stacks") ?? config.Stacks, Mel = KanBayashiSource.Mel(source, config.Mel) };
    }

    private static void RequireSupported(SourceConfig source, SourceConfig network)
    {
        var upsampling = network.Section("upsample_params");
        KanBayashiSource.RequireSupported(
            source, "Parallel WaveGAN",
            (source.Text("generator_type") is not (null or "ParallelWaveGANGenerator"), $"generator_type {source.Text("generator_type")}"),
            (network.Flag("use_causal_conv") == true, "use_causal_conv"),
            (network.Text("upsample_net") is not (null or "ConvInUpsampleNetwork"), $"upsample_net {network.Text("upsample_net")}"),
            (upsampling?.Text("nonlinear_activation") is not null, "a nonlinear_activation in upsample_params"),
            (upsampling?.Text("interpolate_mode") is not (null or "nearest"), $"interpolate_mode {upsampling?.Text("interpolate_mode")}"));
    }
}
