/*
 * A program compiled ahead of time has the vector instructions that it was compiled for. So there are two images of it: NAME, for processors with AVX2, and
 * NAME.avx512 beside it, which build.sh makes. This file is linked into the first one, and before anything else is done there, it puts the second one in its place where the
 * processor and the system have AVX-512.
 */
#include <string.h>
#include <unistd.h>

static int has_avx512(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

/* glibc gives constructors the arguments of main. */
__attribute__((constructor)) static void choose_image(int count, char **arguments, char **environment) {
    static const char suffix[] = ".avx512";
    char path[4096];
    ssize_t length = has_avx512() ? readlink("/proc/self/exe", path, sizeof path - sizeof suffix) : 0;
    (void)count;
    if (length > 0) {
        memcpy(path + length, suffix, sizeof suffix);
        /* Where that image is missing, this call fails and this image goes on. */
        execve(path, arguments, environment);
    }
}
