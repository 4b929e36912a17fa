using System.Text.Json;
using CudaTts.Compute;
using CudaTts.Cuda;
using CudaTts.Files;

namespace CudaTts.Cli;

/// <summary>
/// Writes stages and launches in the Trace Event Format that chrome://tracing and Perfetto (ui.perfetto.dev) open: complete events ("ph": "X") with
/// microseconds. The host is one process, the device another, and each thread or stream a row.
/// </summary>
internal static class TraceFile
{
    private const int Host = 1;
    private const int Device = 2;

    /// <summary>Writes the file whole or not at all.</summary>
    public static void Write(string path, string device, IReadOnlyList<StageTime> stages, IReadOnlyList<LaunchTime> launches) =>
        AtomicFiles.Write((path, stream => Write(stream, device, stages, launches)));

    private static void Write(Stream stream, string device, IReadOnlyList<StageTime> stages, IReadOnlyList<LaunchTime> launches)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ms");
        json.WriteStartArray("traceEvents");
        WriteName(json, "process_name", Host, thread: 0, "host");
        WriteName(json, "process_name", Device, thread: 0, device);
        WriteName(json, "thread_name", Device, thread: 0, "stages");
        foreach (var stage in stages)
        {
            WriteStage(json, stage);
        }

        var streams = launches.Select(launch => launch.Stream).Distinct().ToList();
        for (var i = 0; i < streams.Count; i++)
        {
            WriteName(json, "thread_name", Device, i + 1, $"kernels, stream {i + 1}");
        }

        foreach (var launch in launches)
        {
            WriteLaunch(json, launch, streams.IndexOf(launch.Stream) + 1);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteStage(Utf8JsonWriter json, StageTime stage)
    {
        var name = stage.Path.Split('/')[^1];
        WriteStart(json, name, "stage", Host, stage.Thread, stage.HostStart, stage.HostTime);
        json.WriteEndObject();
        if (stage.DeviceStart is { } start)
        {
            WriteStart(json, name, "stage", Device, thread: 0, start, stage.DeviceTime!.Value);
            json.WriteEndObject();
        }
    }

    private static void WriteLaunch(Utf8JsonWriter json, LaunchTime launch, int thread)
    {
        WriteStart(json, launch.Kernel.Name, "kernel", Device, thread, launch.Start, launch.Time);
        json.WriteStartObject("args");
        json.WriteString("grid", $"{launch.Grid}");
        json.WriteString("block", $"{launch.Block}");
        json.WriteNumber("shared_bytes", launch.SharedBytes);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteName(Utf8JsonWriter json, string what, int process, int thread, string name)
    {
        json.WriteStartObject();
        json.WriteString("name", what);
        json.WriteString("ph", "M");
        json.WriteNumber("pid", process);
        json.WriteNumber("tid", thread);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteStart(Utf8JsonWriter json, string name, string category, int process, int thread, TimeSpan start, TimeSpan time)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("cat", category);
        json.WriteString("ph", "X");
        json.WriteNumber("pid", process);
        json.WriteNumber("tid", thread);
        json.WriteNumber("ts", start.TotalMicroseconds);
        json.WriteNumber("dur", time.TotalMicroseconds);
    }
}
