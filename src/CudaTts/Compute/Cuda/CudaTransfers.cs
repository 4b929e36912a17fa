using CudaTts.Cuda;

namespace CudaTts.Compute.Cuda;

/// <content>Between the host's tensors, channels first in float32, and the device's, time first in its own precision.</content>
public sealed partial class CudaCompute
{
    [KernelConstant("layout_square")]
    private const int Square = 32;
    [KernelConstant("layout_square_rows")]
    private const int SquareRows = 8;
    private const int ConversionThreads = 256;

    /// <inheritdoc/>
    internal override void Upload(Tensor host, Tensor sequence)
    {
        CheckShape(host, sequence.Shape);
        using var scratch = Memory.Borrow(sizeof(float) * (long)host.Length);
        var stream = Enter();
        stream.Upload<float>(host.Span, scratch.Address);
        Transpose($"time_first_{NameOf(sequence.Type)}", scratch.Address, sequence, AddressOf(sequence), rows: host[1], columns: host[2]);
    }

    /// <inheritdoc/>
    internal override Tensor Download(Tensor tensor)
    {
        using var stage = BeginStage(Stage.Download);
        var host = new Tensor(tensor.Shape);
        if (host.Length == 0)
        {
            return host;
        }

        var isSequence = tensor.Rows is not null;
        if (tensor.Type == ElementType.Float32 && !isSequence)
        {
            Enter().Download(AddressOf(tensor), host.Span);
            GC.KeepAlive(tensor);
            return host;
        }

        using var scratch = Memory.Borrow(sizeof(float) * (long)tensor.Length);
        if (isSequence)
        {
            Transpose($"channels_first_{NameOf(tensor.Type)}", AddressOf(tensor), tensor, scratch.Address, rows: tensor[2], columns: tensor[1]);
        }
        else
        {
            Convert("convert_f16_to_f32", AddressOf(tensor), scratch.Address, tensor.Length);
        }

        Enter().Download(scratch.Address, host.Span);
        GC.KeepAlive(tensor);
        return host;
    }

    /// <summary>Weights in half precision.</summary>
    /// <exception cref="WeightsException">A weight is too large for it.</exception>
    internal Tensor StoreHalf(Tensor weights)
    {
        var values = weights.Span;
        var tooLarge = values.IndexOfAnyExceptInRange((float)Half.MinValue, (float)Half.MaxValue);
        if (tooLarge >= 0)
        {
            throw new WeightsException($"the weight {values[tooLarge]} is beyond half precision (65,504); use --precision float32.");
        }

        var stored = AllocateWeights(ElementType.Float16, weights.Shape);
        using var scratch = Memory.Borrow(sizeof(float) * (long)weights.Length);
        Enter().Upload<float>(values, scratch.Address);
        Convert("convert_f32_to_f16", scratch.Address, AddressOf(stored), weights.Length);
        return stored;
    }

    private static string NameOf(ElementType type) => type == ElementType.Float16 ? "f16" : "f32";

    private void Convert(string kernel, CUdeviceptr source, CUdeviceptr target, long count) => Kernels[kernel].Launch(
        Enter(), checked((int)((count + ConversionThreads - 1) / ConversionThreads)), ConversionThreads, 0, source, target, count);

    /// <summary>Turns each [rows, columns] of a batch; what lies past a row's end becomes zero.</summary>
    private void Transpose(string kernel, CUdeviceptr source, Tensor sequence, CUdeviceptr target, int rows, int columns)
    {
        var (steps, channels) = (sequence[2], sequence[1]);
        var grid = new Dim3((steps + Square - 1) / Square, (channels + Square - 1) / Square, sequence[0]);
        Kernels[kernel].Launch(Enter(), grid, new Dim3(Square, SquareRows), 0, source, LengthsOf(sequence), target, rows, columns, sequence.StepsPerUnit);
        GC.KeepAlive(sequence);
    }
}
