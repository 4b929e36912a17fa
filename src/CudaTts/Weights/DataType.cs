namespace CudaTts.Weights;

/// <summary>Element types that weight files hold, under their safetensors names.</summary>
public enum DataType
{
#pragma warning disable CS1591, CA1720 // The names are the format's own.
    BOOL,
    U8,
    I8,
    U16,
    I16,
    F16,
    BF16,
    U32,
    I32,
    F32,
    U64,
    I64,
    F64,
    C64,
#pragma warning restore CS1591, CA1720
}
