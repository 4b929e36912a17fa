namespace CudaTts.Weights.PyTorch;

/// <summary>What files are that people take for checkpoints, by their first bytes or by the names in an archive.</summary>
internal static class ForeignFile
{
    private static readonly (string Beginning, string What)[] s_beginnings =
    [
        ("\u0089HDF", "this is an HDF5 file (Keras, or statistics), which is not supported."),
        ("\u0093NUMPY", "this is a NumPy array (.npy); statistics of a mel are given with --statistics."),
        ("GGUF", "this is a GGUF file of llama.cpp, which is not supported."),
        ("\u001f\u008b", "this is compressed with gzip: unpack it first."),
        ("version https://git-lfs", "this is a pointer of Git LFS, not the file: fetch it with 'git lfs pull'."),
        ("<!DOCTYPE", "this is a web page, not the file: the download went wrong."),
        ("<html", "this is a web page, not the file: the download went wrong."),
        ("{", "this is text (JSON?), not a checkpoint: give a config with --config."),
    ];

    // TorchScript: code/ with the program, constants.pkl, and bytecode.pkl for mobile devices.
    private static readonly (Func<string, bool> Has, string What)[] s_archives =
    [
        (IsProgram, "a TorchScript program, not a checkpoint; save its state dict with torch.save(module.state_dict(), ...)."),
        (name => name.EndsWith("/.data/extern_modules", StringComparison.Ordinal),
            "a package of torch.package, not a checkpoint; save the state dict of its module with torch.save."),
        (name => name.EndsWith("model.weights.h5", StringComparison.Ordinal), "a Keras model, which is not supported."),
        (name => name.EndsWith(".npy", StringComparison.Ordinal), "an archive of NumPy arrays (.npz), which is not supported."),
        (name => name == "[Content_Types].xml", "an office document, not a checkpoint."),
    ];

    /// <summary>What a file is that begins so, as a sentence.</summary>
    public static string Describe(ReadOnlySpan<byte> start)
    {
        if (TarArchive.Looks(start))
        {
            return "this is a tar archive, not a checkpoint.";
        }

        foreach (var (beginning, what) in s_beginnings)
        {
            if (StartsWith(start, beginning))
            {
                return what;
            }
        }

        return start is [0x80, <= 5, ..]
            ? $"this is a pickle of protocol {start[1]} that torch.save did not write; load it in Python and save its tensors with torch.save."
            : "neither a safetensors file nor a PyTorch checkpoint (zip or legacy) nor an ONNX model; is it complete?";
    }

    /// <summary>What an archive is with such entries, with its article; null where it may be a checkpoint.</summary>
    public static string? InArchive(IEnumerable<string> names) => names.Select(KindOf).FirstOrDefault(kind => kind is not null);

    private static string? KindOf(string name) => Array.Find(s_archives, archive => archive.Has(name)).What;

    private static bool IsProgram(string name) => name.Split('/') is [_, "code", ..] or [_, "constants.pkl"] or [_, "bytecode.pkl"];

    private static bool StartsWith(ReadOnlySpan<byte> bytes, string beginning)
    {
        for (var i = 0; i < beginning.Length; i++)
        {
            if (i >= bytes.Length || bytes[i] != beginning[i])
            {
                return false;
            }
        }

        return true;
    }
}
