using System.CommandLine;
using System.Globalization;
using BenchmarkDotNet.Running;
using CudaTts.Benchmarks.Compare;
using CudaTts.Benchmarks.Device;
using CudaTts.Benchmarks.Probe;
using CudaTts.Compute;

var threads = List("--threads", "Thread counts, each compared like with like.", 1, Environment.ProcessorCount);
var frames = List("--frames", "Mel lengths for the vocoders; 86 frames are one second.", 258);
var seconds = new Option<double>("--seconds") { Description = "Time for each line of the table.", DefaultValueFactory = _ => 3 };
var only = new Option<string>("--only") { Description = "One job instead of all.", DefaultValueFactory = _ => "" };
only.AcceptOnlyFromAmong("hifigan", "waveglow", "parallel_wavegan", "fastpitch", "piper", "decoder");
var models = new Option<string>("--models") { Description = "Folder of the exported ONNX models.", DefaultValueFactory = _ => "artifacts/peers" };
var results = new Option<string>("--results")
{
    Description = "Folder that the page is written under.",
    DefaultValueFactory = _ => "benchmarks/results",
};

var compare = new Command("compare", "Our engine against ONNX Runtime, in turn, in this process.")
{
    threads, frames, seconds, only, models, results,
};
compare.SetAction(parsed => CompareCommand.Run(
    new ComparisonOptions(
        [.. parsed.GetValue(threads)!.Distinct()],
        parsed.GetValue(frames)!,
        parsed.GetValue(seconds),
        parsed.GetValue(only)!,
        parsed.GetValue(models)!,
        parsed.GetValue(results)!),
    $"dotnet run -c Release --project benchmarks/CudaTts.Benchmarks -- {string.Join(' ', args)}"));

var deviceName = new Option<string>("--device") { Description = "cuda[:N], emulated or cpu.", DefaultValueFactory = _ => "cuda" };
var precision = new Option<string>("--precision") { Description = "float16, float32 or both.", DefaultValueFactory = _ => "both" };
precision.AcceptOnlyFromAmong("float16", "float32", "both");
var batches = List("--batch", "Rows side by side; vocoders up to 128.", 1, 8, 16, 64, 128, 512);
var melFrames = new Option<int>("--frames") { Description = "Mel frames of a row; 86 are one second.", DefaultValueFactory = _ => 860 };
var steps = new Option<int>("--steps") { Description = "Decoder steps of a run.", DefaultValueFactory = _ => 800 };
var json = new Option<string?>("--json") { Description = "Also write the figures to this file, each as it is measured." };
var jobs = new Option<string>("--jobs")
{
    Description = $"Which, separated by commas: {string.Join(", ", DeviceBenchmarkOptions.AllJobs)}.",
    DefaultValueFactory = _ => string.Join(',', DeviceBenchmarkOptions.AllJobs),
};
jobs.Validators.Add(result =>
{
    foreach (var job in result.GetValue(jobs)!.Split(',').Except(DeviceBenchmarkOptions.AllJobs))
    {
        result.AddError($"--jobs: expected some of {string.Join(", ", DeviceBenchmarkOptions.AllJobs)}; found '{job}'.");
    }
});
var residual = new Option<string>("--residual")
{
    Description = "HiFi-GAN's residual layers in float16: chosen (as the engine does), fused, separate, or all three.",
    DefaultValueFactory = _ => "all",
};
residual.AcceptOnlyFromAmong("all", "chosen", "fused", "separate");
var mostTeraflops = new Option<double>("--most-teraflops")
{
    Description = "Vocoder lines of more operations a run (float32: of an eighth) are left out and named.",
    DefaultValueFactory = _ => 150,
};
var device = new Command("device", "The decoder and the vocoders on one device: time, audio a second, bytes and operations a second.")
{
    deviceName, precision, batches, melFrames, steps, seconds, json, jobs, residual, mostTeraflops,
};
device.SetAction(parsed => DeviceCommand.Run(new DeviceBenchmarkOptions(
    parsed.GetValue(deviceName)!,
    parsed.GetValue(precision) switch { "float16" => [Precision.Half], "float32" => [Precision.Full], _ => [Precision.Half, Precision.Full] },
    parsed.GetValue(batches)!,
    parsed.GetValue(melFrames),
    parsed.GetValue(steps),
    parsed.GetValue(seconds),
    parsed.GetValue(json),
    parsed.GetValue(jobs)!.Split(','),
    parsed.GetValue(residual)!,
    parsed.GetValue(mostTeraflops))));

var tiles = new Command(
    "tiles", "Every convolution of HiFi-GAN V1 in float16 by each tile that it could have: which is fastest, and which the engine chooses.")
{
    deviceName, batches, melFrames, seconds, json,
};
tiles.SetAction(parsed => TilesCommand.Run(
    parsed.GetValue(deviceName)!, parsed.GetValue(batches)!, parsed.GetValue(melFrames), parsed.GetValue(seconds), parsed.GetValue(json)));

var rounds = new Option<int>("--rounds") { Description = "Rounds of a launch.", DefaultValueFactory = _ => 2000 };
var probe = new Command(
    "probe", "What the kernels' design rests on: broadcasts between blocks, the host's memory, tensor cores, captures.") { deviceName, rounds, json };
probe.SetAction(parsed => ProbeCommand.Run(parsed.GetValue(deviceName)!, parsed.GetValue(rounds), parsed.GetValue(json)));

var voice = new Option<string?>("--voice") { Description = "Folder of the voice; the default voice when left out." };
var callers = new Option<int>("--callers") { Description = "Callers that speak at once.", DefaultValueFactory = _ => 16 };
var together = new Command("callers", "Callers that speak at once on one device, against one after another and one batch.")
{
    deviceName, threads, voice, callers, rounds,
};
together.SetAction(parsed => CallersCommand.Run(
    parsed.GetResult(deviceName) is { Implicit: false } ? parsed.GetValue(deviceName)! : "auto",
    parsed.GetResult(threads) is { Implicit: false } ? parsed.GetValue(threads)![0] : 0,
    parsed.GetValue(voice),
    parsed.GetValue(callers),
    parsed.GetResult(rounds) is { Implicit: false } ? parsed.GetValue(rounds) : 5));

var rows = List("--rows", "Rows that are drawn side by side.", 1, 4);
var waveNetFrames = new Option<int>("--frames") { Description = "Mel frames of a row.", DefaultValueFactory = _ => 16 };
var waveNet = new Command("wavenet", "WaveNet on the CPU against the same network written down in C++, by turns; needs g++.")
{
    threads, rows, waveNetFrames, rounds,
};
waveNet.SetAction(parsed => WaveNetCommand.Run(
    [.. parsed.GetValue(threads)!.Distinct()], parsed.GetValue(rows)!, parsed.GetValue(waveNetFrames),
    parsed.GetResult(rounds) is { Implicit: false } ? parsed.GetValue(rounds) : 5));

var operations = new Command("operations", "Single operations under BenchmarkDotNet; takes its options, such as --filter '*Conv1d*'.")
{
    TreatUnmatchedTokensAsErrors = false,
};
operations.SetAction(parsed => { BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run([.. parsed.UnmatchedTokens]); });

Command[] commands = [compare, waveNet, device, tiles, probe, together, operations];
var root = new RootCommand("Benchmarks of CudaTts; see benchmarks/README.md.");
Array.ForEach(commands, root.Subcommands.Add);
return root.Parse(args).Invoke();

static Option<int[]> List(string name, string description, params int[] defaults) => new(name)
{
    Description = description + " Several, separated by commas.",
    DefaultValueFactory = _ => defaults,
    CustomParser = argument =>
    {
        List<int> values = [];
        foreach (var part in argument.Tokens[0].Value.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value == 0)
            {
                argument.AddError($"{name}: expected whole numbers above zero, separated by commas; found '{argument.Tokens[0].Value}'.");
                break;
            }

            values.Add(value);
        }

        return [.. values];
    },
};
