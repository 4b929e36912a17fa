#!/usr/bin/env pwsh
# The verbs of build.sh for PowerShell:
#   ./build.ps1 say TEXT FILE.wav [options]   speaks with the default voice (builds the command first when it is not there)
#   ./build.ps1 serve [options]               runs the speech server at http://127.0.0.1:8880 (builds it first when it is not there)
#   ./build.ps1 test [dotnet test options]    runs the tests; the last line is "N passed, N failed, N skipped"
#   ./build.ps1 test-long [options]           runs the long forms of some of them, which take minutes each
#   ./build.ps1 build                         leaves the commands at artifacts/cudatts and artifacts/cudatts-server
#   ./build.ps1 bench [options]               runs the benchmarks
#   ./build.ps1 publish                       leaves the native (NativeAOT) commands in artifacts/native
#   ./build.ps1 gpu-test [options]            runs the kernel and golden tests on this machine's GPU
#   ./build.ps1 gpu-bundle                    packs them, the command and the benchmarks for a Linux machine with a GPU and without .NET
#   ./build.ps1 toolchain                     installs nvcc from Debian's packages into the user's cache folder, where there is none
#   ./build.ps1 test-training [NAME...]       runs the tests of training/ with the first Python that has PyTorch
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_NOLOGO = '1'
$suffix = if ($IsLinux -or $IsMacOS) { '' } else { '.exe' }

function Invoke-Checked {
    $program, $rest = $args
    & $program @rest
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

# The command's assembly is CudaTts.Cli because a cudatts.dll would be the same file as CudaTts.dll where file names ignore case.
function Publish-Program([string] $project, [string] $command, [string] $folder, [string[]] $options) {
    Invoke-Checked dotnet publish "src/$project" -c Release --ucr -o $folder --verbosity quiet @options | Out-Host
    Move-Item -Force "$folder/$project$suffix" "$folder/$command$suffix"
    Remove-Item -Recurse -Force -ErrorAction Ignore "$folder/weights"
    New-Item -ItemType Directory -Force "$folder/weights" | Out-Null
    Copy-Item -Recurse weights/default "$folder/weights/default"
}

function Build-Command {
    Publish-Program CudaTts.Cli cudatts artifacts @('--no-self-contained', '-p:PublishSingleFile=true', '-p:PublishReadyToRun=true')
}

function Build-Server {
    Publish-Program CudaTts.Server cudatts-server artifacts @('--no-self-contained', '-p:PublishSingleFile=true', '-p:PublishReadyToRun=true')
}

# A rebuild is wanted when a source is newer than the command.
function Test-NeedsBuild([string] $name) {
    $command = "artifacts/$name$suffix"
    if (-not (Test-Path $command)) { return $true }
    $built = (Get-Item $command).LastWriteTimeUtc
    $newer = Get-ChildItem -Recurse -File src, kernels, weights, Directory.Build.props, Directory.Packages.props |
        Where-Object { $_.LastWriteTimeUtc -gt $built -and $_.FullName -notmatch '[\\/](obj|bin)[\\/]' } | Select-Object -First 1
    return $null -ne $newer
}

function Invoke-Say([string[]] $words) {
    if ($words.Count -lt 2) {
        [Console]::Error.WriteLine('build.ps1: say wants a text and a file: ./build.ps1 say "Hello." hello.wav')
        exit 1
    }
    if (Test-NeedsBuild cudatts) { Build-Command }
    $more = @($words | Select-Object -Skip 2)
    & "./artifacts/cudatts$suffix" say $words[0] -o $words[1] @more
    exit $LASTEXITCODE
}

function Invoke-Serve([string[]] $options) {
    if (Test-NeedsBuild cudatts-server) { Build-Server }
    & "./artifacts/cudatts-server$suffix" @options
    exit $LASTEXITCODE
}

# The GPU's tests as a program; it succeeds only where a GPU has run some.
function Invoke-GpuTests([string[]] $options) {
    Invoke-Checked dotnet build tests/CudaTts.Gpu.Tests -c Release --verbosity quiet
    Invoke-Checked "tests/CudaTts.Gpu.Tests/bin/Release/net10.0/CudaTts.Gpu.Tests$suffix" --no-ansi --minimum-expected-tests 1 @options
}

function Invoke-Tests([string[]] $options) {
    $results = 'artifacts/test-results'
    Remove-Item -Recurse -Force -ErrorAction Ignore $results
    $status = 0
    foreach ($project in 'CudaTts.Tests', 'CudaTts.Server.Tests') {
        & dotnet test "tests/$project" -c Release --results-directory $results --logger "trx;LogFileName=$project.trx" @options
        if ($LASTEXITCODE -ne 0) { $status = $LASTEXITCODE }
    }
    if ($options.Count -eq 0) {
        # Built wherever all tests are asked for, so that they can't rot, and run where there is a GPU.
        & dotnet build tests/CudaTts.Gpu.Tests -c Release --verbosity quiet | Out-Host
        if ($LASTEXITCODE -ne 0) { $status = $LASTEXITCODE }
        elseif (Get-Command nvidia-smi -ErrorAction Ignore) {
            & "tests/CudaTts.Gpu.Tests/bin/Release/net10.0/CudaTts.Gpu.Tests$suffix" --no-ansi --minimum-expected-tests 1 | Out-Host
            if ($LASTEXITCODE -ne 0) { $status = $LASTEXITCODE }
        }
    }
    Write-Summary @(Get-ChildItem "$results/*.trx" | ForEach-Object { ([xml](Get-Content -Raw $_)).TestRun })
    exit $status
}

# What trains voices is no part of the engine: its tests need PyTorch, and the engine only to see that it reads what was trained.
function Invoke-TrainingTests([string[]] $names) {
    foreach ($python in @($env:PYTHON, 'python3', '/usr/bin/python3', 'python') | Where-Object { $_ -and (Get-Command $_ -ErrorAction Ignore) }) {
        & $python -c 'import torch, scipy' 2>$null
        if ($LASTEXITCODE -eq 0) {
            & $python training/test_train.py @names
            exit $LASTEXITCODE
        }
    }
    [Console]::Error.WriteLine('build.ps1: the tests of training/ need Python with PyTorch and SciPy: pip install torch scipy, or name one in PYTHON')
    exit 1
}

# What tests/summary.awk prints for build.sh.
function Write-Summary([System.Xml.XmlElement[]] $runs) {
    $leftOut = @($runs.Results.UnitTestResult | Where-Object outcome -eq 'NotExecuted')
    $long = @($leftOut | Where-Object { $_.Output.ErrorInfo.Message -match '^(OneTimeSetUp: )?long: ' })
    $skipped = @($leftOut | Where-Object { $_ -notin $long })
    $skipped | Group-Object { $_.Output.ErrorInfo.Message -replace "^OneTimeSetUp: ", "" } | ForEach-Object { "skipped, $($_.Count): $($_.Name)" }
    $long | Group-Object { $_.Output.ErrorInfo.Message -replace "^OneTimeSetUp: ", "" } | ForEach-Object { "left out, $($_.Count), $($_.Name)" }
    if ($long.Count -gt 0) { "$($long.Count) long tests left out; ./build.ps1 test-long runs them" }
    $compared = ($runs.Results.UnitTestResult | ForEach-Object { [regex]::Matches("$($_.Output.StdOut)", '\(golden compared\)').Count } | Measure-Object -Sum).Sum
    "$([int]$compared) goldens compared"
    $counters = $runs.ResultSummary.Counters
    $passed = ($counters | Measure-Object -Sum -Property { [int]$_.passed }).Sum
    $executed = ($counters | Measure-Object -Sum -Property { [int]$_.executed }).Sum
    "$passed passed, $($executed - $passed) failed, $($skipped.Count) skipped"
}

$verb, $rest = $args
$rest = @($rest | Where-Object { $null -ne $_ })
switch ($verb) {
    'say' { Invoke-Say $rest }
    'serve' { Invoke-Serve $rest }
    'test' { Invoke-Tests $rest }
    'test-long' { Invoke-Tests (@('--filter', 'TestCategory=Long') + $rest + @('--', 'NUnit.ExplicitMode=Relaxed')) }
    'build' { Build-Command; Build-Server }
    'bench' { Invoke-Checked dotnet run --project benchmarks/CudaTts.Benchmarks -c Release -- @rest }
    'publish' {
        Publish-Program CudaTts.Cli cudatts artifacts/native @('-p:PublishAot=true')
        Publish-Program CudaTts.Server cudatts-server artifacts/native @('-p:PublishAot=true')
    }
    'gpu-test' { Invoke-GpuTests $rest }
    'gpu-bundle' {
        if (-not $IsLinux) {
            [Console]::Error.WriteLine('build.ps1: the bundle is for Linux and is made there')
            exit 1
        }
        Invoke-Checked bash build.sh gpu-bundle
    }
    'toolchain' {
        if (-not $IsLinux) {
            [Console]::Error.WriteLine('build.ps1: toolchain uses apt; here, install a CUDA toolkit (11.8 or newer) and set CUDA_PATH to it')
            exit 1
        }
        Invoke-Checked bash kernels/toolchain.sh @rest
    }
    'test-training' { Invoke-TrainingTests $rest }
    default {
        Get-Content $PSCommandPath | Select-Object -Skip 1 -First 12 | ForEach-Object { [Console]::Error.WriteLine($_.TrimStart('#', ' ')) }
        exit 2
    }
}
