using Microsoft.ML.OnnxRuntime;

namespace CudaTts.Benchmarks.Peers;

/// <summary>
/// How every peer session is opened: CPU, all graph optimisations, sequential, spinning threads as ONNX Runtime has them by default.
/// </summary>
internal static class OnnxModel
{
    /// <summary>Opens a model that benchmarks/peers/export_onnx.py has written.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="threads">Threads inside one operator, the calling thread included.</param>
    /// <exception cref="FileNotFoundException">The file has not been exported yet.</exception>
    public static InferenceSession Open(string path, int threads)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path} is not there; write it with: python3 benchmarks/peers/export_onnx.py");
        }

        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
        };
        return new InferenceSession(path, options);
    }

    /// <summary>A tensor over a zero-filled array that stays where it is, so that a binding to it lasts.</summary>
    public static (OrtValue Value, float[] Data) Allocate(params long[] shape)
    {
        var data = GC.AllocateArray<float>((int)shape.Aggregate(1L, (product, size) => product * size), pinned: true);
        return (OrtValue.CreateTensorValueFromMemory(data, shape), data);
    }
}
