using System.Net.Sockets;
using System.Security.Cryptography;
using CudaTts.Server.Access;
using CudaTts.Server.Settings;

namespace CudaTts.Server;

/// <summary>The program from its arguments to its exit code.</summary>
internal static class ServerProgram
{
    private const int WrongArguments = 2;
    private const int Failed = 1;

    /// <summary>Runs a command, or the server until it is told to end.</summary>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        try
        {
            if (arguments.Contains("--help") || arguments.Contains("-h"))
            {
                await output.WriteLineAsync(ServerArguments.Help);
                return 0;
            }

            if (arguments is ["keys", .. var rest])
            {
                KeysCommand.Run(rest, output);
                return 0;
            }

            await using var server = ServerHost.Build(arguments);
            var device = server.Services.GetRequiredService<DeviceWatch>();
            await server.RunAsync();
            return device.HasEnded ? DeviceWatch.ExitCode : 0;
        }
        catch (Exception fault) when (fault is SettingsException or CudaTtsException or InvalidDataException)
        {
            await error.WriteLineAsync($"cudatts-server: {MessageOf(fault)}");
            return WrongArguments;
        }
        catch (Exception fault) when (fault is IOException or SocketException or FormatException or InvalidOperationException or ArgumentException
            or CryptographicException or OutOfMemoryException)
        {
            // The address is taken, is none, or not this machine's; or a setting of ASP.NET's own cannot be meant.
            await error.WriteLineAsync($"cudatts-server: {MessageOf(fault)}");
            return Failed;
        }
    }

    /// <summary>What is wrong, and of a file that cannot be loaded also where, in one line.</summary>
    private static string MessageOf(Exception fault) =>
        (fault.InnerException is { } inner ? $"{fault.Message} {inner.Message}" : fault.Message).ReplaceLineEndings(" ");
}
