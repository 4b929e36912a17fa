namespace CudaTts.Files;

/// <summary>What a path leads to.</summary>
internal enum FileKind
{
    /// <summary>Nothing is there, or it cannot be asked.</summary>
    Missing,

    /// <summary>A file that holds what was written to it.</summary>
    Regular,

    /// <summary>A folder of other files.</summary>
    Folder,

    /// <summary>A device, a pipe or a socket.</summary>
    Other,
}
