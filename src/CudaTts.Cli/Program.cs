using CudaTts.Cli;

using var signals = new EndingSignals();
var terminal = Terminal.OfProcess();
return await signals.ExitCodeOf(Task.Run(() => CommandLine.RunAsync(args, terminal, signals.Token)), terminal.Error);
