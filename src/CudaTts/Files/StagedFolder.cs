namespace CudaTts.Files;

/// <summary>Folders that were made for files, and are removed again where these did not come to be.</summary>
internal sealed class StagedFolder
{
    private readonly Stack<string> _made = [];

    /// <summary>Makes a folder, and those that it lies in, where they are not there.</summary>
    /// <exception cref="IOException">One cannot be made.</exception>
    public void Make(string folder) => StagedFile.Begin(this, () =>
    {
        var missing = new Stack<string>();
        var at = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        while (at is not null && !Directory.Exists(at))
        {
            missing.Push(at);
            at = Path.GetDirectoryName(at);
        }

        foreach (var each in missing)
        {
            Directory.CreateDirectory(each);
            _made.Push(each);
        }
    });

    /// <summary>Removes those that were made and are empty.</summary>
    public void Discard() => StagedFile.End(this);

    /// <summary>Removes those that were made and are empty, the innermost first.</summary>
    internal void RemoveEmpty()
    {
        try
        {
            while (_made.TryPop(out var folder))
            {
                // It is an error where the folder is not empty; that is what keeps it.
                Directory.Delete(folder);
            }
        }
        catch (Exception error) when (FileFault.Is(error))
        {
            // A folder that holds something stays, and so do those around it.
        }
    }
}
