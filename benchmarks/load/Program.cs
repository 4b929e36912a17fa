using System.CommandLine;
using CudaTts.Load;

try
{
    return await LoadCommand.Create().Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception error) when (error is InvalidOperationException or HttpRequestException or FormatException or ArgumentException)
{
    Console.Error.WriteLine($"load: {error.Message}");
    return 1;
}
