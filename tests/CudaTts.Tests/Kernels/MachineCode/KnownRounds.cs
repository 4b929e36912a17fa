using System.Text.RegularExpressions;

namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>Loops whose loads wait for each other more often than their data asks for, and why that may be.</summary>
/// <param name="Kernels">An expression for the names of the kernels.</param>
/// <param name="Places">An expression for the functions.</param>
/// <param name="MostRounds">Rounds that the loop may have.</param>
/// <param name="Reason">Why the loop may have them, or what is to be mended.</param>
internal sealed record KnownRounds(string Kernels, string Places, double MostRounds, string Reason)
{
    public static readonly IReadOnlyList<KnownRounds> All =
    [
        // Once a launch or an utterance.
        new("persistent_decoder_.*", "take_weights", 2, "once a launch, and 13 of its 16 loads are under way at once"),
        new("attention_keys_f(16|32)", "add_products", 7, "once an utterance, and a block's warps have loads under way for each other"),

        // Four rows have no registers left.
        new("persistent_decoder_4_1_8_f16", "add_projected_memory", 2,
            "ten of sixteen loads are under way at once, in the copy that a launch begins with"),

        // Once a step: the pass over the results, whose loads are under the branches that its slots need.
        new("persistent_(decoder|cluster)_.*", "run", 12, "a step as a whole: the loads of its phases are not before its broadcasts"),
        new("prenet_(f16|f32|batch_f32)", "first_layer_f(16|32)", 33,
            "dropout of the group's rows one after another, each from its mask or from its seed"),

        // Vocoders: many warps on a multiprocessor have loads under way for each other.
        new("conv1d_any_64x64_(f16|f32|f32_f16)", "(copy|start)", 3, "shapes that no tile is made for; the registers hold no more elements"),
        new("conv1d_narrow_f(16|32)", "conv1d_narrow_f(16|32)", 4, "the inputs' window is copied under a branch for what lies beyond it"),
        new("residual_.*_f16", "run", 16, "biases and inputs of a tile's results between their stores, once a tile"),
        new("undo_flow_step_f(16|32)", "undo_flow_step", 9, "a channel's coupling is loaded under a branch, twelve times an utterance"),
        new("residual_wgmma_.*_f16", "run", 30, "the same, and a product's results are in other lanes than its inputs"),
        new("wavenet_layer(_wgmma)?_f16", "copy", 17, "what results are added to is loaded by as many loads at a time as have registers"),
        new("wavenet_layer_f32", "wavenet_layer_f32", 9, "results are added to what is in memory one at a time"),

        // WaveNet's sampler: a block is alone on its multiprocessor.
        new("wavenet_sampler_.*", "keep", 4, "once a launch, and 8 of its 15 loads are under way at once"),
        new("wavenet_sampler_.*", "prepare", 6,
            "what a layer's past and its conditions give, under the branch that tells them apart, while other layers' blocks are at work"),
        new("wavenet_sampler_.*", "run", 12, "a sample as a whole: the loads of its phases are not before its hand-overs"),
    ];

    public bool IsOf(LoopFigures loop) => Regex.IsMatch(loop.Kernel, $"^({Kernels})$") && Regex.IsMatch(loop.Place, $"^({Places}) \\(");

    public bool Allows(LoopFigures loop) => IsOf(loop) && loop.Loads.Rounds <= MostRounds;
}
