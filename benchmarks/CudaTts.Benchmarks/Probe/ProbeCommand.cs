using System.Globalization;
using System.Text.Json;
using CudaTts.Cuda;

namespace CudaTts.Benchmarks.Probe;

/// <summary>One figure of a device.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Value">How much; null where it could not be measured.</param>
/// <param name="Unit">Of the value.</param>
/// <param name="Note">What was wrong, or how it was found.</param>
internal sealed record ProbeFigure(string What, double? Value, string Unit, string Note = "");

/// <summary>
/// What the kernels' design rests on and no document says of a device (kernels/probe): broadcasts between blocks, the host's memory, barriers, tensor
/// cores fed from shared memory, and what may be made while a graph is captured.
/// </summary>
internal static class ProbeCommand
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Measures all, prints and writes each figure at once, and goes on after what fails.</summary>
    /// <param name="device"><c>cuda[:N]</c> or <c>emulated</c>.</param>
    /// <param name="rounds">Rounds of a launch.</param>
    /// <param name="json">A file for the figures, or none.</param>
    /// <returns>0 when all could be measured.</returns>
    public static int Run(string device, int rounds, string? json)
    {
        using var context = Open(device);
        var modules = ProbeKernels.LoadAll(context);
        Console.WriteLine($"{device}: {context.Name}, compute capability {context.ComputeCapability}, {context.Multiprocessors} multiprocessors");
        Console.WriteLine("| what | figure | unit | |");
        Console.WriteLine("| --- | --- | --- | --- |");
        List<ProbeFigure> figures = [];
        using var kernels = new ProbeKernels(context, modules, rounds);
        foreach (var measure in (Func<IEnumerable<ProbeFigure>>[])
            [new BroadcastProbe(kernels).Run, new HostMemoryProbe(kernels).Run, new RateProbe(kernels).Run, new CaptureProbe(kernels).Run])
        {
            foreach (var figure in Guarded(measure))
            {
                figures.Add(figure);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"| {figure.What} | {figure.Value:G4} | {figure.Unit} | {figure.Note} |"));
                Write(figures, json);
            }
        }

        foreach (var module in modules)
        {
            module.Dispose();
        }

        return figures.All(figure => figure.Value is not null) ? 0 : 1;
    }

    private static CudaContext Open(string device)
    {
        if (device == "emulated")
        {
            Environment.SetEnvironmentVariable(CudaDriver.EmulatedLibraryVariable, ProbeKernels.EmulatedLibrary);
            CudaDriver.Use(DriverKind.Emulated);
            return new CudaContext();
        }

        if (device != "cuda" && !device.StartsWith("cuda:", StringComparison.Ordinal))
        {
            throw new ArgumentException($"--device: expected cuda, cuda:N or emulated; found '{device}'.");
        }

        CudaDriver.Use(DriverKind.Hardware);
        return new CudaContext(device == "cuda" ? 0 : int.Parse(device["cuda:".Length..], CultureInfo.InvariantCulture));
    }

    /// <summary>The figures, and for what fails on the way a figure that says so.</summary>
    private static IEnumerable<ProbeFigure> Guarded(Func<IEnumerable<ProbeFigure>> measure)
    {
        using var figures = measure().GetEnumerator();
        for (; ;)
        {
            ProbeFigure? figure;
            try
            {
                figure = figures.MoveNext() ? figures.Current : null;
            }
            catch (CudaException error)
            {
                figure = new ProbeFigure(measure.Target!.GetType().Name, null, "", error.Message.ReplaceLineEndings(" "));
            }

            if (figure is null)
            {
                yield break;
            }

            yield return figure;
        }
    }

    private static void Write(List<ProbeFigure> figures, string? path)
    {
        if (path is not null)
        {
            File.WriteAllText($"{path}.partial", JsonSerializer.Serialize(figures, s_json));
            File.Move($"{path}.partial", path, overwrite: true);
        }
    }
}
