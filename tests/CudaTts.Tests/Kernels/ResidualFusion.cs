using CudaTts.Compute.Cuda;

namespace CudaTts.Tests.Kernels;

/// <summary>Residual layers fused or not, on a device that other tests share: whatever happens, it chooses by itself again afterwards.</summary>
internal static class ResidualFusion
{
    public static T Run<T>(CudaCompute device, bool? fuses, Func<T> run)
    {
        device.FusesResidualLayers = fuses;
        try
        {
            return run();
        }
        finally
        {
            device.FusesResidualLayers = null;
        }
    }
}
