using System.Runtime.InteropServices;
using CudaTts.Tensors;
using CudaTts.Weights;
using CudaTts.Weights.Safetensors;

namespace CudaTts.Cli;

/// <summary>Whole numbers of a text's tokens, in a file: their ids, or how long they last.</summary>
internal static class IntegerTensor
{
    /// <summary>A sentence has some hundred; attention over more than these would need gigabytes.</summary>
    public const int MostTokens = 10_000;

    /// <summary>Reads int64 [1, T].</summary>
    /// <param name="path">The safetensors file.</param>
    /// <param name="name">The tensor.</param>
    /// <param name="what">What a message calls one of the numbers.</param>
    /// <exception cref="WeightsException">The tensor is missing, of another form or too large, or a number is none.</exception>
    public static int[] Read(string path, string name, string what)
    {
        var entry = SafetensorsFile.Open(path).Weights.Entry(name);
        if (entry.Type != DataType.I64 || entry.Shape is not [1, > 0])
        {
            throw new WeightsException($"{path}: tensor '{name}': expected I64 [1, T], found {entry.Type} {Tensor.Describe(entry.Shape)}.");
        }

        if (entry.Shape[1] > MostTokens)
        {
            throw new WeightsException($"{path}: tensor '{name}': expected at most {MostTokens} {name}, found {entry.Shape[1]}; divide the text.");
        }

        var values = MemoryMarshal.Cast<byte, long>(entry.Bytes.Span);
        var numbers = new int[values.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = values[i] is >= 0 and <= int.MaxValue ? (int)values[i]
                : throw new WeightsException($"{path}: tensor '{name}': {values[i]} at position {i} is no {what}.");
        }

        return numbers;
    }

    /// <summary>What writes whole numbers as int64 [1, T].</summary>
    public static WeightEntry Entry(int[] numbers) => new(
        DataType.I64, [1, numbers.Length], MemoryMarshal.AsBytes(Array.ConvertAll(numbers, number => (long)number).AsSpan()).ToArray());
}
