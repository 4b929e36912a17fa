"""How PyTorch on a CPU gets its memory."""
import ctypes, sys

MMAP_MAX, TRIM_THRESHOLD, TOP_PAD = -4, -1, -2  # names of mallopt's options, from glibc's malloc.h


def keep_memory():
    """Have glibc keep what a step frees for the next one; whether it could be told to.

    By default every tensor above a threshold has pages of its own, which the kernel clears when they are first touched and takes back when the
    tensor is freed: a training step of many large tensors spends most of its time on that. What mallopt(3) sets here is what the
    environment variables MALLOC_MMAP_MAX_=0, MALLOC_TRIM_THRESHOLD_ and MALLOC_TOP_PAD_ set. The process keeps the most that it ever used.
    """
    if sys.platform != 'linux': return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    return all([mallopt(MMAP_MAX, 0), mallopt(TRIM_THRESHOLD, -1), mallopt(TOP_PAD, 256 << 20)])
