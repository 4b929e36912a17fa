using System.Runtime.InteropServices;
using CudaTts.Cuda;

namespace CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;

/// <summary>
/// The parameter of kernels/persistent_decoder.cu and persistent_decoder_sm90.cu, field by field as DecoderParameters of
/// kernels/persistent_parameters.cuh, which says what each is; the kernels' sources export its offsets, to which tests hold these.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PersistentDecoderParameters
{
    public StateOf State;
    public WeightsOf Weights;
    public RequestOf Request;
    public LaunchOf Launch;
    public SizesOf Sizes;

    /// <summary>[B, units padded to 8], [B, tokens of a row]: read at the start and written at the end.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct StateOf
    {
        public CUdeviceptr Hidden1;
        public CUdeviceptr Cell1;
        public CUdeviceptr Hidden2;
        public CUdeviceptr Cell2;
        public CUdeviceptr Previous;
        public CUdeviceptr Cumulative;
    }

    /// <summary><see cref="PersistentDecoderWeights"/>, in half precision but for biases and v.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct WeightsOf
    {
        public CUdeviceptr Lstm1;
        public CUdeviceptr Lstm2;
        public CUdeviceptr Small;
        public CUdeviceptr Prenet2;
        public CUdeviceptr Query;
        public CUdeviceptr Location;
        public CUdeviceptr Bias1;
        public CUdeviceptr Bias2;
        public CUdeviceptr SmallBias;
        public CUdeviceptr V;
    }

    /// <summary>What is asked for each row of the batch, and what comes of it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct RequestOf
    {
        public CUdeviceptr Keys;
        public CUdeviceptr ProjectedMemory;
        public CUdeviceptr Slots;
        public CUdeviceptr Tokens;
        public CUdeviceptr End;
        public CUdeviceptr GateLogits;
        public CUdeviceptr KeepMasks;
        public CUdeviceptr KeepSteps;
        public CUdeviceptr Seeds;
        public CUdeviceptr Utterances;
    }

    /// <summary>What one launch is given: its buffers, rows and steps.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LaunchOf
    {
        public CUdeviceptr Mail;
        public CUdeviceptr Records;
        public CUdeviceptr Cancel;
        public PollLimitOf PollLimit;
        public int Active;
        public int Start;
        public int Steps;
        public int RecordSteps;
        public uint FirstTag;
    }

    /// <summary>When a wait is given up, and where that is said.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollLimitOf
    {
        public CUdeviceptr Abandoned;
        public uint MostPolls;
    }

    /// <summary>The sizes of the model, the memory and the plan.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SizesOf
    {
        public int AttentionUnits;
        public int DecoderUnits;
        public int Prenet;
        public int StepWidth;
        public int Attention;
        public int Taps;
        public int TokenStride;
        public int ProjectedStride;
        public int MailboxWidth;
        public int SharedChunks;
        public int SharedProjectedRows;
    }
}
