using CudaTts.Models;

namespace CudaTts.Cli;

/// <summary>The files that a voice is read from.</summary>
internal static class VoiceFiles
{
    /// <summary>What a command that is given a voice or a model reads of it, so that nothing of that is replaced.</summary>
    /// <param name="option">What names the folder.</param>
    /// <param name="folder">A voice's or a model's; null and what is no folder have no files.</param>
    public static IEnumerable<(string Name, string? Path)> In(string option, string? folder)
    {
        string[] names = [Voice.ManifestName, ConfigJson.FileName, ModelFolder.WeightsFileName];
        return Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder).Prepend(folder)
                .SelectMany(part => names.Select(name => Path.Combine(part, name)))
                .Where(File.Exists)
                .Select(path => (option, (string?)path))
            : [];
    }

    /// <summary>The manifest, and each network's config and weights.</summary>
    /// <param name="voice">The voice.</param>
    /// <param name="vocoder">The vocoder that is spoken with instead of the voice's own; null for that.</param>
    public static IEnumerable<string> Of(Voice voice, string? vocoder)
    {
        var networks = new List<string> { Path.Combine(voice.Folder, voice.Manifest.Acoustic) };

        // A formula has no files, though a folder may have its name.
        if ((vocoder ?? voice.Manifest.Vocoder) != Vocoder.GriffinLimName)
        {
            networks.Add(vocoder ?? Path.Combine(voice.Folder, voice.Manifest.Vocoder));
        }

        return networks
            .SelectMany(folder => new[] { Path.Combine(folder, ConfigJson.FileName), Path.Combine(folder, ModelFolder.WeightsFileName) })
            .Prepend(Path.Combine(voice.Folder, Voice.ManifestName));
    }
}
