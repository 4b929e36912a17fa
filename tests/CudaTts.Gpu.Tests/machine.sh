# What every step of a run on this machine needs; first.sh, second.sh and run.sh source it after they have set bundle.
export CUDATTS_TEST_DEVICE=${CUDATTS_TEST_DEVICE:-cuda} CUDATTS_GOLDEN=$bundle/golden
export TESTINGPLATFORM_TELEMETRY_OPTOUT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_NOBANNER=1 PYTHONUNBUFFERED=1
export PATH=$PATH:/usr/local/cuda/bin:/opt/nvidia/nsight-compute

# Containers may have the driver where the loader does not look.
if ! ldconfig -p 2>/dev/null | grep -q libcuda.so.1; then
    for folder in /usr/local/nvidia/lib64 /usr/local/nvidia/lib /usr/lib64-nvidia /usr/lib/x86_64-linux-gnu; do
        if [[ -e $folder/libcuda.so.1 ]]; then
            export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$folder
            break
        fi
    done
fi
