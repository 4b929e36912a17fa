using CudaTts.Cli;

using var interrupt = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    // The first Ctrl-C lets the step under way end and cleans up; a second one ends the process at once.
    press.Cancel = !interrupt.IsCancellationRequested;
    interrupt.Cancel();
};
return await CommandLine.RunAsync(args, Terminal.OfProcess(), interrupt.Token);
