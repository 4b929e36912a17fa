using CudaTts.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute.Cuda;

/// <summary>
/// The kernels of operations that have no packed weights to keep theirs, each found when it is first launched: a device loads no file that its models
/// do not use.
/// </summary>
/// <param name="kernels">Where they are found.</param>
/// <param name="type">Type of activations.</param>
internal sealed class OperationKernels(KernelLibrary kernels, ElementType type)
{
    private readonly string _suffix = CudaCompute.NameOf(type);
    private readonly CudaKernel?[] _timeFirst = new CudaKernel?[2];
    private readonly CudaKernel?[] _channelsFirst = new CudaKernel?[2];

    /// <summary>Rounds float32 to float16.</summary>
    public CudaKernel RoundToHalf => field ??= kernels["convert_f32_to_f16"];

    /// <summary>Widens float16 to float32.</summary>
    public CudaKernel WidenToFloat => field ??= kernels["convert_f16_to_f32"];

    /// <summary>Looks up rows of a table.</summary>
    public CudaKernel Embedding => field ??= kernels[$"embedding_{_suffix}"];

    /// <summary>Fills a sequence with normally distributed numbers.</summary>
    public CudaKernel NormalNoise => field ??= kernels[$"normal_noise_{_suffix}"];

    /// <summary>Undoes a step of a flow.</summary>
    public CudaKernel UndoFlowStep => field ??= kernels[$"undo_flow_step_{_suffix}"];

    /// <summary>Repeats and smooths.</summary>
    public CudaKernel Stretch => field ??= kernels[$"stretch_{_suffix}"];

    /// <summary>From the host's layout to a sequence of a type.</summary>
    public CudaKernel TimeFirst(ElementType sequence) => _timeFirst[(int)sequence] ??= kernels[$"time_first_{CudaCompute.NameOf(sequence)}"];

    /// <summary>From a sequence of a type to the host's layout.</summary>
    public CudaKernel ChannelsFirst(ElementType sequence) =>
        _channelsFirst[(int)sequence] ??= kernels[$"channels_first_{CudaCompute.NameOf(sequence)}"];
}
