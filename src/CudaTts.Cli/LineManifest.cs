using System.Text;
using System.Text.Json;
using CudaTts.Files;

namespace CudaTts.Cli;

/// <summary>
/// What a <c>--lines</c> job has done so far: DIR/manifest.jsonl, one JSON object a finished line, written when its file is complete. A job that was
/// interrupted goes on with <c>--resume</c>: lines that are recorded with the same key, and whose file is there in its whole size, are not spoken
/// again. While a job runs the file is locked: a second job in the folder would not know of the first one's lines.
/// </summary>
internal sealed class LineManifest : IDisposable
{
    private const string FileName = "manifest.jsonl";
    private const int MostBytes = 1 << 28;

    private readonly Dictionary<string, ManifestLine> _lineOf = [];
    private readonly FileStream _file;
    private readonly string _folder;
    private readonly bool _isNewFolder;

    /// <param name="folder">The job's folder.</param>
    /// <param name="resume">Whether to go on from what is recorded, or to begin anew.</param>
    /// <exception cref="FileException">The folder or the manifest cannot be written, or another job writes it.</exception>
    public LineManifest(string folder, bool resume)
    {
        _folder = folder;
        _isNewFolder = !Directory.Exists(folder);
        var path = PathIn(folder);
        _file = LockedFile.Open(path);
        try
        {
            FileFault.Guard(path, () => Begin(resume));
        }
        catch
        {
            // Otherwise it would stay locked.
            _file.Dispose();
            throw;
        }
    }

    /// <summary>The manifest of a folder.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, FileName);

    /// <summary>Whether a file has been written from the same text, voice and options, and is still there as it was written.</summary>
    public bool Has(string output, string key) =>
        _lineOf.TryGetValue(NameOf(output), out var recorded) && recorded.Key == key && File.Exists(output)
        && new FileInfo(output).Length == recorded.Bytes;

    /// <summary>Records a finished line.</summary>
    /// <exception cref="FileException">The disk is full.</exception>
    public void Add(string output, string key, double audioSeconds, IReadOnlyList<string> faults)
    {
        var line = new ManifestLine(NameOf(output), key, audioSeconds, faults, File.Exists(output) ? new FileInfo(output).Length : 0);
        Write(JsonSerializer.Serialize(line, CliJson.Instance.ManifestLine) + "\n");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing was finished: an empty file would only say that there was a job.
        var isEmpty = _file.Length == 0;
        if (isEmpty)
        {
            File.Delete(_file.Name);
        }

        _file.Dispose();
        if (isEmpty && _isNewFolder && !Directory.EnumerateFileSystemEntries(_folder).Any())
        {
            Directory.Delete(_folder);
        }
    }

    private void Begin(bool resume)
    {
        if (resume)
        {
            Read(InputFile.ReadBytes(_file, _file.Name, MostBytes));
        }
        else
        {
            _file.SetLength(0);
        }
    }

    private string NameOf(string output) => Path.GetRelativePath(_folder, output);

    private void Write(string text)
    {
        var length = _file.Length;
        try
        {
            _file.Write(Encoding.UTF8.GetBytes(text));
            _file.Flush(flushToDisk: true);
        }
        catch (Exception error) when (FileFault.Is(error))
        {
            _file.SetLength(length);
            throw FileFault.NotWritten(_file.Name, error);
        }
    }

    private void Read(byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                var recorded = JsonInput.Parse(Encoding.UTF8.GetBytes(line), CliJson.Instance.ManifestLine, _file.Name);
                if (recorded is { File: { } file, Key: not null })
                {
                    _lineOf[file] = recorded;
                }
            }
            catch (FileException)
            {
                // A cut line: its speech is made again.
            }
        }

        // The job was killed while it wrote its last line.
        if (text.Length > 0 && text[^1] != '\n')
        {
            Write("\n");
        }
    }
}
