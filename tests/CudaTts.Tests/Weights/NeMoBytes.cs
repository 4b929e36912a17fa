using System.Formats.Tar;
using System.IO.Compression;

namespace CudaTts.Tests;

/// <summary>Archives as NeMo saves them, by another writer of tar than the reader's.</summary>
internal static class NeMoBytes
{
    /// <summary>An archive of such files.</summary>
    public static byte[] Archive(TarEntryFormat format, bool isCompressed, params (string Name, byte[] Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var stream = isCompressed ? new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true) : null)
        using (var tar = new TarWriter(stream ?? (Stream)bytes, format, leaveOpen: true))
        {
            tar.WriteEntry(Entry(format, TarEntryType.Directory, "./"));
            foreach (var (name, content) in files)
            {
                var entry = Entry(format, TarEntryType.RegularFile, name);
                entry.DataStream = new MemoryStream(content);
                tar.WriteEntry(entry);
            }
        }

        return bytes.ToArray();
    }

    private static TarEntry Entry(TarEntryFormat format, TarEntryType type, string name) => format switch
    {
        TarEntryFormat.Pax => new PaxTarEntry(type, name, [KeyValuePair.Create("comment", "as Python writes its times")]),
        TarEntryFormat.Gnu => new GnuTarEntry(type, name),
        _ => new UstarTarEntry(type, name),
    };
}
