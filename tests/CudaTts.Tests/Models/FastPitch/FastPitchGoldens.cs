using System.Globalization;
using System.Runtime.InteropServices;
using CudaTts.Models.FastPitch;
using CudaTts.Tensors;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Tests.Models.FastPitch;

/// <summary>The golden files of FastPitch: opening them, and comparing what a model makes of their inputs.</summary>
internal static class FastPitchGoldens
{
    public static SafetensorsFile Open(string name) => SafetensorsFile.Open(Golden.Path($"fastpitch_{name}.safetensors"));

    public static int[] Ids(SafetensorsFile golden) => Integers(golden, "ids");

    public static int[] Durations(SafetensorsFile golden) => Integers(golden, "durations");

    public static FastPitchOptions OptionsOf(SafetensorsFile golden) => new()
    {
        Pace = double.Parse(golden.Metadata["pace"], CultureInfo.InvariantCulture),
        Speaker = golden.Metadata.TryGetValue("speaker", out var speaker) ? int.Parse(speaker, CultureInfo.InvariantCulture) : null,
        KeepsEncoderOutput = true,
    };

    /// <summary>What differs from the golden file, stage by stage; another duration is an infinite error of the stage that it is.</summary>
    public static List<(string Stage, double Error, double Limit)> Compare(FastPitchModel model, SafetensorsFile golden)
    {
        var result = model.Synthesize(Ids(golden), OptionsOf(golden));
        List<(string Stage, Tensor Actual)> stages =
        [
            ("encoder_out", result.EncoderOutput!), ("log_durations", result.LogDurations), ("pitch", result.Pitch),
        ];
        if (result.Energy is not null)
        {
            stages.Add(("energy", result.Energy));
        }

        var hasDurations = result.Durations.SequenceEqual(Durations(golden));
        List<(string, double, double)> errors = [("durations", hasDurations ? 0 : double.PositiveInfinity, 0)];
        errors.AddRange(stages.Select(stage => (stage.Stage, Error(golden, stage.Stage, stage.Actual), Limit(golden, stage.Stage))));
        errors.Add(("mel", hasDurations ? Error(golden, "mel", result.Mel) : double.PositiveInfinity, Limit(golden, "mel")));
        return errors;
    }

    private static double Error(SafetensorsFile golden, string stage, Tensor actual) =>
        Nmse.Of(actual.Span, golden.Weights.Take(stage, actual.Shape).Span);

    private static double Limit(SafetensorsFile golden, string stage) =>
        Nmse.Limit(double.Parse(golden.Metadata[$"torch_f32_nmse.{stage}"], CultureInfo.InvariantCulture));

    private static int[] Integers(SafetensorsFile golden, string name) =>
        [.. MemoryMarshal.Cast<byte, long>(golden.Entries[name].Bytes.Span).ToArray().Select(value => (int)value)];
}
