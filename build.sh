#!/usr/bin/env bash
# One script, each verb thin over dotnet:
#   ./build.sh say TEXT FILE.wav [options]   speaks with the default voice (builds the command first when it is not there)
#   ./build.sh serve [options]               runs the speech server at http://127.0.0.1:8880 (builds it first when it is not there)
#   ./build.sh test [dotnet test options]    runs the tests; the last line is "N passed, N failed, N skipped"
#   ./build.sh test-long [options]           runs the long forms of some of them, which take minutes each
#   ./build.sh test-arm64 [options]          runs the tests of the CPU's operations as an Arm64 program, on another processor under emulation
#   ./build.sh build                         leaves the commands at artifacts/cudatts and artifacts/cudatts-server
#   ./build.sh bench [options]               runs the benchmarks
#   ./build.sh publish                       leaves the native (NativeAOT) commands in artifacts/native
#   ./build.sh gpu-test [options]            runs the kernel and golden tests on this machine's GPU
#   ./build.sh gpu-bundle                    packs them, the command and the benchmarks for a machine with a GPU and without .NET
#   ./build.sh toolchain                     installs nvcc from Debian's packages into the user's cache folder, where there is none
#   ./build.sh test-training [NAME...]       runs the tests of training/ with the first Python that has PyTorch
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

fail() {
    echo "build.sh: $*" >&2
    exit 1
}

# Publishes the program of project src/$1 into the folder $3 under its public name $2, with the default voice beside it. The command's assembly is
# CudaTts.Cli because a cudatts.dll would be the same file as CudaTts.dll where file names ignore case.
publish_program() {
    local host=$1 command=$2 folder=$3
    shift 3
    dotnet publish "src/$host" -c Release --ucr -o "$folder" --verbosity quiet "$@" >&2
    if [[ ${OS:-} == Windows_NT ]]; then
        host=$host.exe command=$command.exe
    fi
    mv -f "$folder/$host" "$folder/$command"
    rm -rf "$folder/weights"
    mkdir -p "$folder/weights"
    cp -R weights/default "$folder/weights/default"
}

build_command() {
    publish_program CudaTts.Cli cudatts artifacts --no-self-contained -p:PublishSingleFile=true -p:PublishReadyToRun=true
}

build_server() {
    publish_program CudaTts.Server cudatts-server artifacts --no-self-contained -p:PublishSingleFile=true -p:PublishReadyToRun=true
}

build() {
    build_command
    build_server
}

# A native program, and on Linux with x64 its image for AVX-512 beside it, which src/native/choose_image.c starts where the processor has it.
publish_native() {
    local host=$1 command=$2 linker=$3 folder=artifacts/native chooser=$PWD/artifacts/choose_image.o
    local options=(-p:PublishAot=true -p:CppCompilerAndLinker="$linker")
    if [[ $(uname -sm) == 'Linux x86_64' ]]; then
        publish_program "$host" "$command" "$folder" "${options[@]}" -p:IlcInstructionSet=x86-64-v4
        mv -f "$folder/$command" "$folder/$command.avx512"
        "$linker" -O2 -Wall -Wextra -Werror -c src/native/choose_image.c -o "$chooser"
        options+=(-p:ImageChooser="$chooser")
    fi
    publish_program "$host" "$command" "$folder" "${options[@]}"
}

publish() {
    command -v clang >/dev/null || command -v gcc >/dev/null ||
        fail "NativeAOT needs a C linker: install clang (or gcc) and zlib1g-dev"
    local linker=clang
    command -v clang >/dev/null || linker=gcc
    if [[ $(uname -s) == Linux ]] && ! echo 'int main(void) { return 0; }' | "$linker" -x c - -lz -o /dev/null 2>/dev/null; then
        fail "NativeAOT links zlib, and it is not here: install zlib1g-dev (Debian, Ubuntu) or zlib-devel (Fedora)"
    fi
    publish_native CudaTts.Cli cudatts "$linker"
    publish_native CudaTts.Server cudatts-server "$linker"
}

# A rebuild is wanted when a source is newer than the command $1.
needs_build() {
    local command=artifacts/$1
    [[ -x $command ]] || return 0
    [[ -n $(find src kernels weights Directory.Build.props Directory.Packages.props -newer "$command" -type f \
        -not -path '*/obj/*' -not -path '*/bin/*' -print -quit) ]]
}

say() {
    [[ $# -ge 2 ]] || fail "say wants a text and a file: ./build.sh say \"Hello.\" hello.wav"
    if needs_build cudatts; then
        build_command
    fi
    local text=$1 output=$2
    shift 2
    artifacts/cudatts say "$text" -o "$output" "$@"
}

serve() {
    if needs_build cudatts-server; then
        build_server
    fi
    exec artifacts/cudatts-server "$@"
}

# Runs tests that are built, under a name for the part of them.
run_project() {
    local project=$1 part=$2
    shift 2
    dotnet test "tests/$project" -c Release --no-build --results-directory artifacts/test-results --logger "trx;LogFileName=$project.$part.trx" "$@"
}

# The tests of the server, and before them those of the GPU, which are built wherever all tests are asked for, so that they can't rot.
build_others_and_test_server() {
    local status=0
    dotnet build tests/CudaTts.Server.Tests -c Release --verbosity quiet >&2 || return
    dotnet build tests/CudaTts.Gpu.Tests -c Release --verbosity quiet >&2 || status=$?
    run_project CudaTts.Server.Tests all || status=$?
    return "$status"
}

# Most tests have one thread, and so has much of a build: those of the devices, all others, and what is still to be built go beside each other.
run_all_tests() {
    local results=$1 status=0 devices inside outside jobs=() job
    devices=(Kernels Models Emulation Cuda Compute)
    inside=$(printf '|FullyQualifiedName~Tests.%s.' "${devices[@]}")
    outside=$(printf '&FullyQualifiedName!~Tests.%s.' "${devices[@]}")
    run_project CudaTts.Tests devices --filter "${inside:1}" &
    jobs+=($!)
    run_project CudaTts.Tests others --filter "${outside:1}" &
    jobs+=($!)
    build_others_and_test_server || status=$?
    for job in "${jobs[@]}"; do
        wait "$job" || status=$?
    done
    for job in CudaTts.Tests.devices CudaTts.Tests.others CudaTts.Server.Tests.all; do
        [[ -f $results/$job.trx ]] || fail "the tests of $job did not run"
    done
    require_every_test "$results" || status=$?
    ! nvidia-smi -L >/dev/null 2>&1 || gpu_test || status=$?
    return "$status"
}

list_tests() {
    dotnet test "tests/$1" -c Release --no-build --list-tests "${@:2}" | grep '^    '
}

# Each test must have a result in one of the parts, but for the long ones, which are named here: a part that leaves a test out says nothing of it.
require_every_test() {
    local results=$1 long listed ran
    long=$(list_tests CudaTts.Tests --filter TestCategory=Long | sort)
    listed=$(list_tests CudaTts.Tests | wc -l)
    ran=$(cat "$results"/CudaTts.Tests.*.trx | grep -c '<UnitTestResult ')
    sed 's/^ */left out, long: /' <<<"$long"
    [[ $((ran + $(wc -l <<<"$long"))) -eq $listed ]] || {
        echo "build.sh: expected results of $listed tests of CudaTts.Tests but for the long ones above, found $ran: give the others printable names" >&2
        return 1
    }
}

# dotnet test prints one summary a project; the result files hold the counts, the reasons of the skipped tests and what was compared.
run_tests() {
    local results=artifacts/test-results status=0
    rm -rf "$results"
    dotnet build tests/CudaTts.Tests -c Release --verbosity quiet >&2 || return
    if [[ $# -eq 0 ]]; then
        run_all_tests "$results" || status=$?
    else
        # A filter may leave nothing of a project.
        dotnet build tests/CudaTts.Server.Tests -c Release --verbosity quiet >&2 || return
        run_project CudaTts.Tests all "$@" || status=$?
        run_project CudaTts.Server.Tests all "$@" || status=$?
        compgen -G "$results/*.trx" >/dev/null || fail "the tests did not run"
    fi
    awk -f tests/summary.awk "$results"/*.trx
    return "$status"
}

# What the operations of the CPU are on Arm64, where vectors have 128 bits, against their definitions. Elsewhere the program runs under emulation.
test_arm64() {
    local folder=artifacts/arm64-tests libraries=/usr/aarch64-linux-gnu emulator=() fixtures filter
    fixtures=(CpuComputeTests DecoderTests TextOperationTests VocoderOperationTests FourierTransformTests HalfPrecisionTests)
    filter=$(printf '|FullyQualifiedName~.%s' "${fixtures[@]}")
    if [[ $(uname -m) != aarch64 ]]; then
        command -v qemu-aarch64 >/dev/null || fail "test-arm64 needs an emulator on this processor, and qemu-aarch64 is not here: install qemu-user (Debian, Ubuntu)"
        [[ -e $libraries/lib/libstdc++.so.6 ]] ||
            fail "test-arm64 needs Arm64's C and C++ libraries, and $libraries lacks them: install libc6-arm64-cross and libstdc++6-arm64-cross (Debian, Ubuntu)"
        # The emulator doesn't see machine code change that the runtime writes through a second mapping of its pages.
        emulator=(env DOTNET_EnableWriteXorExecute=0 qemu-aarch64 -L "$libraries")
    fi
    dotnet publish tests/CudaTts.Tests -c Release -r linux-arm64 --self-contained -o "$folder" --verbosity quiet >&2
    "${emulator[@]}" "$folder/CudaTts.Tests" --no-ansi --minimum-expected-tests 1 --filter "${filter:1}" "$@"
}

# The GPU's tests as a program; it succeeds only where a GPU has run some.
gpu_test() {
    dotnet build tests/CudaTts.Gpu.Tests -c Release --verbosity quiet >&2
    tests/CudaTts.Gpu.Tests/bin/Release/net10.0/CudaTts.Gpu.Tests --no-ansi --minimum-expected-tests 1 "$@"
}

# Megabytes of what goes to a rented machine: the tree as git has it, files that it does not ignore, and the bundle.
travels() {
    local bytes
    bytes=$( (git ls-files -z --cached --others --exclude-standard && printf 'artifacts/gpu-bundle.tar.xz\0') | sort -zu | xargs -0 stat -c %s 2>/dev/null | awk '{ sum += $1 } END { print sum }')
    echo $((bytes / 1000000))
}

# Programs beside each other share one runtime. Of the benchmarks only the verb `device` is wanted, which needs neither their harness nor ONNX Runtime.
gpu_bundle() {
    local bundle=artifacts/gpu-bundle golden=tests/golden project file
    rm -rf "$bundle" "$bundle".tar.*
    mkdir -p "$bundle/kernels" "$bundle/golden" "$bundle/peers"
    for project in tests/CudaTts.Gpu.Tests benchmarks/CudaTts.Benchmarks src/CudaTts.Cli; do
        dotnet publish "$project" -c Release -r linux-x64 --self-contained -o "$bundle/program" --verbosity quiet -p:SatelliteResourceLanguages=en >&2
    done
    (cd "$bundle/program" && mv -f CudaTts.Cli cudatts && rm -rf ./*.xml BenchmarkDotNet*.dll Microsoft.CodeAnalysis*.dll Microsoft.Diagnostics*.dll \
        *onnxruntime* Dia2Lib.dll TraceReloggerLib.dll Gee.External.Capstone.dll libcapstone* Iced.dll amd64 arm64 x86 runtimes libSkiaSharp.so \
        createdump libmscordaccore.so libmscordbi.so libclrgc.so libclrgcexp.so libcoreclrtraceptprovider.so Microsoft.VisualBasic*.dll SkiaSharp.dll)
    [[ -n $(find artifacts/kernel-build -name '*.ptx' -print -quit) ]] || fail "a bundle without GPU kernels is of no use: ./build.sh toolchain, then again"
    mkdir -p "$bundle/program/weights" && cp -R weights/default "$bundle/program/weights/default"
    cp kernels/*.cu kernels/*.cuh artifacts/kernel-build/ptx-flags.txt "$bundle/kernels/"
    cp benchmarks/peers/*.py "$bundle/peers/"
    cp tests/CudaTts.Gpu.Tests/*.sh "$bundle/"
    # Those that launch kernels, each of which becomes a process of its own.
    (cd tests/CudaTts.Tests/Kernels && printf '%s\n' *KernelTests.cs | sed 's/\.cs$//') >"$bundle/kernel-fixtures.txt"
    for file in hifigan_v{1,2,3}.safetensors waveglow_{64,256}.safetensors parallel_wavegan.safetensors tacotron2_{r3_tiny,full_1,full_17,full_61,full_128}.safetensors; do
        [[ -f $golden/$file ]] && cp "$golden/$file" "$bundle/golden/" || echo "build.sh: no golden file $golden/$file; its tests will be skipped" >&2
    done
    (git describe --always --abbrev=40 --dirty=' with changes' 2>/dev/null || echo unknown) >"$bundle/commit.txt"
    chmod -R u+w "$bundle"
    # xz, because what may be sent to a machine that is rented by the minute has a limit.
    tar -C artifacts -c gpu-bundle | xz -3 -T0 >"$bundle.tar.xz"
    echo "$bundle.tar.xz: $(($(stat -c %s "$bundle.tar.xz") / 1000000)) MB, unpacked $(du -sm "$bundle" | cut -f1) MB; with the tree, as it travels, $(travels) MB"
}

# What trains voices is no part of the engine: its tests need PyTorch, and the engine only to see that it reads what was trained.
test_training() {
    local python
    for python in ${PYTHON:+"$PYTHON"} python3 /usr/bin/python3 python; do
        if "$python" -c 'import torch, scipy' 2>/dev/null; then
            exec "$python" training/test_train.py "$@"
        fi
    done
    fail "the tests of training/ need Python with PyTorch and SciPy (or name it in PYTHON): apt-get install python3-torch python3-scipy"
}

verb=${1:-}
[[ $# -gt 0 ]] && shift
case $verb in
    say) say "$@" ;;
    serve) serve "$@" ;;
    test) run_tests "$@" ;;
    test-long) run_tests --filter TestCategory=Long "$@" -- NUnit.ExplicitMode=Relaxed ;;
    build) build ;;
    bench) dotnet run --project benchmarks/CudaTts.Benchmarks -c Release -- "$@" ;;
    publish) publish ;;
    gpu-test) gpu_test "$@" ;;
    gpu-bundle) gpu_bundle ;;
    toolchain) kernels/toolchain.sh "$@" ;;
    test-arm64) test_arm64 "$@" ;;
    test-training) test_training "$@" ;;
    *)
        sed -n '2,14s/^# \{0,1\}//p' "$(basename "${BASH_SOURCE[0]}")" >&2
        exit 2
        ;;
esac
