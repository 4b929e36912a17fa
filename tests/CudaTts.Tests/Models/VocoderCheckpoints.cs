using System.Diagnostics;

namespace CudaTts.Tests.Models;

/// <summary>The small vocoder checkpoints that tests/checkpoints/make_vocoders.py writes with real PyTorch.</summary>
internal static class VocoderCheckpoints
{
    private static readonly Lazy<string?> Made = new(() => Make("make_vocoders.py"));

    /// <summary>The folder of those that are in the repository.</summary>
    public static string Folder { get; } = Find();

    /// <summary>A folder with all of them; ends the test as skipped, with the reason, where there is no PyTorch to make them.</summary>
    public static string AllFolder()
    {
        if (Made.Value is null)
        {
            Assert.Ignore(
                "legacy checkpoints hold PyTorch's source text, so they are made when needed: install python3-torch and python3-h5py for it");
        }

        return Made.Value!;
    }

    /// <summary>Deletes what was made.</summary>
    public static void RemoveMade()
    {
        if (Made is { IsValueCreated: true, Value: { } folder })
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A new folder with what a script of the folder of checkpoints writes; null where there is no PyTorch for it.</summary>
    public static string? Make(string script)
    {
        foreach (var python in (string[])["/usr/bin/python3", "python3"])
        {
            var folder = Directory.CreateTempSubdirectory("cudatts").FullName;
            try
            {
                var start = new ProcessStartInfo(python, [Path.Combine(Folder, script), folder]) { RedirectStandardError = true };
                using var process = Process.Start(start)!;
                process.StandardError.ReadToEnd();
                process.WaitForExit();
                if (process.ExitCode == 0)
                {
                    return folder;
                }
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // No Python of this name.
            }

            Directory.Delete(folder, recursive: true);
        }

        return null;
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "tests", "checkpoints");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new DirectoryNotFoundException("tests/checkpoints is not above the tests");
    }
}
