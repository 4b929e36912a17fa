using System.Runtime.InteropServices;
using CudaTts.Cuda;

namespace CudaTts.Models.WaveNet.Sampling.Cuda;

/// <summary>
/// The parameter of kernels/wavenet_sampler.cu, field by field as SamplerParameters of kernels/wavenet_sampler.cuh, which says what each is; the
/// kernel's source exports its offsets, to which tests hold these.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SamplerParameters
{
    public CUdeviceptr Weights;
    public CUdeviceptr Places;
    public CUdeviceptr Table;
    public CUdeviceptr ResidualBias;
    public CUdeviceptr SkipBias;
    public CUdeviceptr HiddenBias;
    public CUdeviceptr OutputBias;
    public CUdeviceptr GateBias;
    public CUdeviceptr Rings;
    public CUdeviceptr RingStarts;
    public CUdeviceptr Conditions;
    public CUdeviceptr Mixture;
    public CUdeviceptr Noise;
    public CUdeviceptr Forced;
    public CUdeviceptr Positions;
    public CUdeviceptr Last;
    public CUdeviceptr Sigmas;
    public CUdeviceptr Known;
    public CUdeviceptr Drawn;
    public CUdeviceptr Outputs;
    public CUdeviceptr Mail;
    public CUdeviceptr Abandoned;
    public ulong MostPolls;
    public int Batch;
    public int Samples;
    public int Layers;
    public int Cycle;
    public int Taps;
    public int Residual;
    public int HalfGate;
    public int Skip;
    public int Hidden;
    public int OutputsCount;
    public int Bands;
    public int Mixtures;
    public int HasChoice;
    public int IsLogistic;
    public int Members;
    public int RingFloats;
    public float Scale;
    public float LeastLogScale;
}
