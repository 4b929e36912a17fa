using CudaTts.Text;
using CudaTts.Text.Espeak;

namespace CudaTts.Tests.Text;

/// <summary>A program in the place of espeak-ng: a shell script in a folder of its own.</summary>
internal sealed class EspeakStandIn : IDisposable
{
    /// <summary>Says of every line that is not empty its small letters.</summary>
    public const string Letters = "tr 'A-Z' 'a-z' | sed '/^ *$/d'";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("espeak-stand-in");
    private readonly TimeSpan _limit;

    public EspeakStandIn(string script, double limitSeconds = 60)
    {
        _limit = TimeSpan.FromSeconds(limitSeconds);
        var path = Path.Combine(Folder, "espeak-ng");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public string Folder => _folder.FullName;

    public TextFrontEnd FrontEnd(SymbolTable symbols, string voice = "en-us") =>
        new EspeakFrontEnd(symbols, voice, new EspeakProgram(Folder, _limit));

    public void Dispose() => _folder.Delete(recursive: true);
}
