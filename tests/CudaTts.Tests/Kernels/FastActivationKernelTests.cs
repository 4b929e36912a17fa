using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Models.Tacotron2.Decoder.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Tests.Kernels;

/// <summary>
/// The tanh and the sigmoid of half precision (kernels/common.cuh) over all of a float's range, as kernels use them, so that a GPU is held to the
/// same bound as the emulated device.
/// </summary>
[TestFixture]
internal sealed class FastActivationKernelTests
{
    // What common.cuh promises, absolute.
    private const double Limit = 5e-7;

    private static readonly float[] s_values = Values();

    [Test]
    public void Tanh_is_within_its_limit() => Assert.That(Error(Tanh(s_values), Math.Tanh), Is.LessThan(Limit));

    [Test]
    public void Sigmoid_is_within_its_limit() => Assert.That(Error(Sigmoid(s_values), KernelValues.Sigmoid), Is.LessThan(Limit));

    [Test]
    public void Large_values_saturate_and_na_n_stays()
    {
        float[] values = [float.NegativeInfinity, -float.MaxValue, -1000, 1000, float.MaxValue, float.PositiveInfinity, float.NaN];

        Assert.Multiple(() =>
        {
            Assert.That(Tanh(values), Is.EqualTo(new[] { -1, -1, -1, 1, 1, 1, float.NaN }));
            Assert.That(Sigmoid(values), Is.EqualTo(new[] { 0, 0, 0, 1, 1, 1, float.NaN }));
        });
    }

    [Test]
    public void An_error_of_the_last_two_decimals_is_noticed()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Error(Tanh(s_values), x => Math.Tanh(x * (1 + 3e-6))), Is.GreaterThan(Limit));
            Assert.That(Error(Sigmoid(s_values), x => KernelValues.Sigmoid(x * (1 + 6e-6))), Is.GreaterThan(Limit));
        });
    }

    // A grid around zero that ends beyond where both are 1, all powers of two, and the neighbours of what overflows or is not a normal number.
    private static float[] Values()
    {
        const int Grid = 1 << 15;
        var positive = Enumerable.Range(0, Grid).Select(i => 24 * (float)i / Grid)
            .Concat(Enumerable.Range(-149, 277).SelectMany(power => new[] { MathF.ScaleB(1, power), MathF.ScaleB(1.7f, power) }))
            .Concat([float.Epsilon, 1e-40f, 44.3614f, 44.3615f, 63 * MathF.Log(2), 64 * MathF.Log(2), 88.7228f, 88.7229f, 128 * MathF.Log(2)])
            .Concat([150 * MathF.Log(2), float.MaxValue, float.PositiveInfinity]).ToArray();
        return [.. positive, .. positive.Select(x => -x), float.NaN];
    }

    /// <summary>The largest difference; where one alone is not a number, infinity.</summary>
    private static double Error(float[] actual, Func<double, double> function) => actual.Zip(s_values, (value, x) =>
        float.IsNaN(x) || float.IsNaN(value) ? float.IsNaN(x) && float.IsNaN(value) ? 0 : double.PositiveInfinity : Math.Abs(value - function(x)))
            .Max();

    /// <summary>Energies of keys of one component, without location or query and with a v of 1.</summary>
    private static float[] Tanh(float[] values)
    {
        var device = TestDevice.Open(Precision.Half);
        using var arrays = new DeviceArrays(device);
        var (energies, zeros) = (arrays.Of(new float[values.Length]), arrays.Of(new float[values.Length]));
        device.Kernels["attention_energies_f16"].Launch(
            arrays.Stream, new Dim3((values.Length + 7) / 8, 1), 128, 2 * (PairedLocationFilter.PaddedTaps(1) + 8) * sizeof(float),
            arrays.Of(0f), arrays.Of<float>(values), zeros, zeros, arrays.Of<float>(PairedLocationFilter.InPairs(new Tensor(2, 1, 1)).Span),
                arrays.Of(1f),
            energies, arrays.Of(0), arrays.Of(values.Length), arrays.Of(-1, -1), 1, 1, values.Length);
        return arrays.Floats(energies, values.Length);
    }

    /// <summary>
    /// New hidden states of cells without inputs whose output gate is the value, and whose state is kept and so large that its tanh is 1.
    /// </summary>
    private static float[] Sigmoid(float[] values)
    {
        const int Width = 8;
        const float Large = 1000;
        var units = WeightRows.Padded(values.Length);
        var device = TestDevice.Open(Precision.Half);
        using var arrays = new DeviceArrays(device);
        var bias = new float[units * 4];
        for (var unit = 0; unit < values.Length; unit++)
        {
            ReadOnlySpan<float> gates = [-Large, Large, 0, values[unit]];
            gates.CopyTo(bias.AsSpan(unit * 4));
        }

        var input = arrays.Of(new float[Width]);
        var weights = arrays.Matrix(WeightRows.InTiles(new Tensor(units * 4, Width)).Span);
        var (hidden, state) = (arrays.Of(new float[units]), arrays.Of<float>([.. Enumerable.Repeat(Large, units)]));
        device.Kernels["lstm_cell_f16"].Launch(
            arrays.Stream, units / 4, 160, 0, input, input, input, weights, weights, arrays.Of<float>(bias), hidden, state,
            arrays.Of(KernelValues.InSlots(8, 0)), Width, 0, Width, units, units);
        return arrays.Floats(hidden, values.Length);
    }
}
