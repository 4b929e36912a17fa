namespace CudaTts.Text.English.Lexicon;

/// <summary>Data inside the assembly, read where the loader has mapped it.</summary>
internal static class EmbeddedData
{
    /// <summary>The bytes of a resource. The assembly is never unloaded, so they stay valid for the life of the process.</summary>
    public static unsafe ReadOnlySpan<byte> Open(string name)
    {
        var stream = (UnmanagedMemoryStream?)typeof(EmbeddedData).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the assembly was built without its resource '{name}'");
        return new ReadOnlySpan<byte>(stream.PositionPointer, checked((int)stream.Length));
    }
}
