using CudaTts.Cuda;
using CudaTts.Tensors;

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
        Transpose(_operations.TimeFirst(sequence.Type), scratch.Address, sequence, AddressOf(sequence), rows: host[1], columns: host[2]);
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
            return host;
        }

        using var scratch = Memory.Borrow(sizeof(float) * (long)tensor.Length);
        if (isSequence)
        {
            Transpose(_operations.ChannelsFirst(tensor.Type), AddressOf(tensor), tensor, scratch.Address, rows: tensor[2], columns: tensor[1]);
        }
        else
        {
            Convert(_operations.WidenToFloat, AddressOf(tensor), scratch.Address, tensor.Length);
        }

        Enter().Download(scratch.Address, host.Span);
        return host;
    }

    /// <summary>Copies numbers to the device and rounds them to half precision there.</summary>
    internal void RoundToHalf(ReadOnlySpan<float> values, Tensor rounded)
    {
        using var scratch = Memory.Borrow(sizeof(float) * (long)values.Length);
        Enter().Upload(values, scratch.Address);
        Convert(_operations.RoundToHalf, scratch.Address, AddressOf(rounded), values.Length);
    }

    private void Convert(CudaKernel kernel, CUdeviceptr source, CUdeviceptr target, long count) => kernel.Launch(
        Enter(), checked((int)((count + ConversionThreads - 1) / ConversionThreads)), ConversionThreads, 0, source, target, count);

    /// <summary>Turns each [rows, columns] of a batch; what lies past a row's end becomes zero.</summary>
    private void Transpose(CudaKernel kernel, CUdeviceptr source, Tensor sequence, CUdeviceptr target, int rows, int columns)
    {
        var (steps, channels) = (sequence[2], sequence[1]);
        var grid = new Dim3(Ceiling.Of(steps, Square), Ceiling.Of(channels, Square), sequence[0]);
        kernel.Launch(Enter(), grid, new Dim3(Square, SquareRows), 0, source, LengthsOf(sequence), target, rows, columns, sequence.StepsPerUnit);
    }
}
