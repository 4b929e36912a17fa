using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CudaTts.Cli;

/// <summary>
/// What a <c>--lines</c> job has done so far: DIR/manifest.jsonl, one JSON object a finished line,
/// written when its file is complete. A job that was interrupted goes on with <c>--resume</c>: lines that
/// are recorded with the same text, voice and options, and whose file is there, are not spoken again.
/// </summary>
internal sealed class LineManifest : IDisposable
{
    private const string FileName = "manifest.jsonl";
    private readonly Dictionary<string, string> _keyOf = [];
    private readonly StreamWriter _writer;
    private readonly string _folder;

    // Whether the job was killed while it wrote its last line.
    private bool _isCut;

    /// <param name="folder">The job's folder.</param>
    /// <param name="resume">Whether to go on from what is recorded, or to begin anew.</param>
    /// <exception cref="CudaTtsException">The folder or the manifest cannot be written.</exception>
    public LineManifest(string folder, bool resume)
    {
        _folder = folder;
        var path = Path.Combine(folder, FileName);
        try
        {
            Directory.CreateDirectory(folder);
            if (resume && File.Exists(path))
            {
                Read(path);
            }

            _writer = new StreamWriter(path, append: resume) { AutoFlush = true };
            if (_isCut)
            {
                _writer.WriteLine();
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CudaTtsException($"{path}: cannot be written: {error.Message}", error);
        }
    }

    /// <summary>What a line's speech depends on, as one short text.</summary>
    public static string KeyOf(params ReadOnlySpan<object?> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts.ToArray()))))[..16];

    /// <summary>Whether a file has been written from the same text, voice and options, and is still there.</summary>
    public bool Has(string output, string key) => _keyOf.TryGetValue(NameOf(output), out var recorded) && recorded == key && File.Exists(output);

    /// <summary>Records a finished line.</summary>
    public void Add(string output, string key, double audioSeconds, IReadOnlyList<string> faults) =>
        _writer.WriteLine(JsonSerializer.Serialize(new ManifestLine(NameOf(output), key, audioSeconds, faults), CliJson.Instance.ManifestLine));

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private string NameOf(string output) => Path.GetRelativePath(_folder, output);

    private void Read(string path)
    {
        var text = File.ReadAllText(path);
        _isCut = text.Length > 0 && text[^1] != '\n';
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                if (JsonSerializer.Deserialize(line, CliJson.Instance.ManifestLine) is { File: { } file, Key: { } key })
                {
                    _keyOf[file] = key;
                }
            }
            catch (JsonException)
            {
                // A cut line: its speech is made again.
            }
        }
    }
}
