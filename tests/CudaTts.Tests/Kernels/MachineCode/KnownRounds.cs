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
        // To be mended: these cost time on the critical path of a step. A line goes with its fault.
        new("attention_query_f16|lstm_cell_f16|prenet_f16|projection_f16", "multiply_chunks", 9,
            "every chunk's comparison of the slot's row waits for the scoreboard that the chunks arrive on"),
        new("persistent_decoder_1_4_12_f16", "locate", 3, "a tap's components are loaded under branches, one after another"),
        new("persistent_decoder_.*", "receive", 2, "whether a word has come decides whether it is looked for again, and one of them shares a scoreboard"),
        new("attention_energies_f32", "add_location", 8, "a tap is loaded under a branch, so that no load goes before the products of the tap before"),
        new("wavenet_layer_f16", "multiply_chunk", 33, "results are added to what is in memory one half at a time, each load after the store before it"),

        // Once a launch or an utterance.
        new("persistent_decoder_.*", "take_weights", 2, "once a launch, and 13 of its 16 loads are under way at once"),
        new("persistent_decoder_.*", "take_rows", 2, "once a launch"),
        new("persistent_readouts_f16|attention_keys_f(16|32)", "add_products", 7, "once an utterance, and a block's warps have loads under way for each other"),

        // Once a step: the pass over the results, whose loads are under the branches that its slots need.
        new("persistent_decoder_.*", "run", 7, "a step as a whole: the loads of its phases are not before its hand-overs"),
        new("lstm_late_(16|32)_f16", "lstm_late", 4, "a slot's parts, bias and cell are loaded after what says whether they count"),
        new("prenet_(f16|f32|batch_f32)", "first_layer_f(16|32)", 17, "dropout of the group's rows one after another, each from its mask or from its seed"),
        new("attention_context_f32", "attention_context_f32", 4,
            "the sums of weights are stored to memory that may be that of the next load; one trip for a usual text"),

        // Float32, where as many registers as fit hold weights, and loads of inputs go between products.
        new("attention_query(_batch)?_f32|lstm_cell_f32|projection(_batch)?_f32", "add_products", 4,
            "inputs are loaded where they are multiplied, to save registers"),
        new("lstm_sequence_f32", "lstm_sequence", 4, "what is left of a row's columns after groups of four chunks"),

        // Vocoders: many warps on a multiprocessor have loads under way for each other.
        new("conv1d_any_64x64_(f16|f32|f32_f16)", "(copy|start)", 3, "shapes that no tile is made for; the registers hold no more elements"),
        new("conv1d_narrow_f(16|32)", "conv1d_narrow_f(16|32)", 4, "the inputs' window is copied under a branch for what lies beyond it"),
        new("residual_.*_f16", "run", 13, "biases and inputs of a tile's results between their stores, once a tile"),
        new("undo_flow_step_f(16|32)", "undo_flow_step", 9, "a channel's coupling is loaded under a branch, twelve times an utterance"),
        new("wavenet_layer_f32", "wavenet_layer_f32", 9, "results are added to what is in memory one at a time"),
    ];

    /// <summary>Kernels whose loads of the device's memory wait for one of the host's.</summary>
    // To be mended: the request to end early shares a scoreboard with what the energies are multiplied with. The line goes with the fault.
    public static readonly Regex WaitForHost = new("^persistent_decoder_.*$");

    public bool IsOf(LoopFigures loop) => Regex.IsMatch(loop.Kernel, $"^({Kernels})$") && Regex.IsMatch(loop.Place, $"^({Places}) \\(");

    public bool Allows(LoopFigures loop) => IsOf(loop) && loop.Loads.Rounds <= MostRounds;
}
