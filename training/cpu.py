"""What this processor can do."""


def multiplies_bfloat16():
    """Whether it has instructions for products of bfloat16: five times as many a second as of float32, where that was measured (AMD EPYC)."""
    try:
        with open('/proc/cpuinfo') as f: return 'avx512_bf16' in f.read()
    except OSError:
        return False
