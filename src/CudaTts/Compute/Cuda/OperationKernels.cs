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
    private readonly CudaKernel?[] _selfAttention = new CudaKernel?[2];

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

    /// <summary>Normalises the channels of steps.</summary>
    public CudaKernel LayerNorm => field ??= kernels[$"layer_norm_{_suffix}"];

    /// <summary>A convolution of every channel by itself.</summary>
    public CudaKernel Depthwise => field ??= kernels[$"depthwise_{_suffix}"];

    /// <summary>Undoes a spline.</summary>
    public CudaKernel UndoSpline => field ??= kernels[$"undo_spline_{_suffix}"];

    /// <summary>Copies steps from their places.</summary>
    public CudaKernel Gather => field ??= kernels[$"gather_{_suffix}"];

    /// <summary>Draws frames from the distributions of their tokens.</summary>
    public CudaKernel DrawFrames => field ??= kernels[$"draw_frames_{_suffix}"];

    /// <summary>Adds what says where a step is.</summary>
    public CudaKernel AddPositions => field ??= kernels[$"add_positions_{_suffix}"];

    /// <summary>Adds a vector of each row.</summary>
    public CudaKernel AddRowVectors => field ??= kernels[$"add_row_vectors_{_suffix}"];

    /// <summary>Self-attention whose heads have no more channels than this.</summary>
    public CudaKernel SelfAttention(int mostChannels) =>
        _selfAttention[(mostChannels / SelfAttentionLaunch.FewChannels) - 1] ??= kernels[$"self_attention_{mostChannels}_{_suffix}"];

    /// <summary>From the host's layout to a sequence of a type.</summary>
    public CudaKernel TimeFirst(ElementType sequence) => _timeFirst[(int)sequence] ??= kernels[$"time_first_{CudaCompute.NameOf(sequence)}"];

    /// <summary>From a sequence of a type to the host's layout.</summary>
    public CudaKernel ChannelsFirst(ElementType sequence) =>
        _channelsFirst[(int)sequence] ??= kernels[$"channels_first_{CudaCompute.NameOf(sequence)}"];
}
