namespace CudaTts.Weights.PyTorch;

/// <summary>
/// The opcodes that are read: those of PyTorch's own weights-only unpickler (torch/_weights_only_unpickler.py). Everything else, such as
/// INST, OBJ, STACK_GLOBAL and EXT, is refused.
/// </summary>
internal enum PickleOpcode : byte
{
#pragma warning disable CS1591 // The names are the format's own (CPython's pickle.py).
    Proto = 0x80,
    Stop = (byte)'.',
    Mark = (byte)'(',
    Global = (byte)'c',
    NewObj = 0x81,
    Reduce = (byte)'R',
    Build = (byte)'b',
    Append = (byte)'a',
    Appends = (byte)'e',
    SetItem = (byte)'s',
    SetItems = (byte)'u',
    Tuple = (byte)'t',
    Tuple1 = 0x85,
    Tuple2 = 0x86,
    Tuple3 = 0x87,
    EmptyTuple = (byte)')',
    EmptyList = (byte)']',
    EmptyDict = (byte)'}',
    EmptySet = 0x8f,
    None = (byte)'N',
    NewTrue = 0x88,
    NewFalse = 0x89,
    BinInt = (byte)'J',
    BinInt1 = (byte)'K',
    BinInt2 = (byte)'M',
    BinFloat = (byte)'G',
    BinUnicode = (byte)'X',
    ShortBinString = (byte)'U',
    Long1 = 0x8a,
    BinPersId = (byte)'Q',
    BinGet = (byte)'h',
    LongBinGet = (byte)'j',
    BinPut = (byte)'q',
    LongBinPut = (byte)'r',
#pragma warning restore CS1591
}
