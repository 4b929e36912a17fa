namespace CudaTts.Cuda.Interop;

// The values of cuda.h that this project uses, by their names there.

internal enum CUjit_option
{
    CU_JIT_INFO_LOG_BUFFER = 3,
    CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES = 4,
    CU_JIT_ERROR_LOG_BUFFER = 5,
    CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6,
    CU_JIT_GENERATE_LINE_INFO = 13,
}

[Flags]
internal enum CUmemhostalloc_flags : uint
{
    None = 0,
    CU_MEMHOSTALLOC_DEVICEMAP = 2,
}

internal enum CUstream_flags : uint
{
    CU_STREAM_NON_BLOCKING = 1,
}

internal enum CUevent_flags : uint
{
    CU_EVENT_DEFAULT = 0,
    CU_EVENT_DISABLE_TIMING = 2,
}

internal enum CUstreamCaptureMode
{
    CU_STREAM_CAPTURE_MODE_THREAD_LOCAL = 1,
}
