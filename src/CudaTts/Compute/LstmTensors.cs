using CudaTts.Tensors;

namespace CudaTts.Compute;

/// <summary>One direction of an LSTM layer of H units over I inputs, as checkpoints have it: gates i, f, g, o one below the other.</summary>
/// <param name="Input">[4H, I].</param>
/// <param name="Hidden">[4H, H].</param>
/// <param name="InputBias">[4H].</param>
/// <param name="HiddenBias">[4H].</param>
internal sealed record LstmTensors(StoredMatrix Input, StoredMatrix Hidden, Tensor InputBias, Tensor HiddenBias)
{
    /// <summary>The units, H.</summary>
    public int Units => Hidden.Columns;

    /// <summary>The width of the input, I.</summary>
    public int Inputs => Input.Columns;
}
