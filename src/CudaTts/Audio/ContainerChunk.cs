using System.Buffers.Binary;
using System.Text;

namespace CudaTts.Audio;

/// <summary>
/// A chunk of a RIFF or IFF file. NAudio's readers take a chunk's size for granted: they cut a truncated one short without a word, and keep a record
/// of each, however many there are. So the chunks are walked here before a byte of the sound is read.
/// </summary>
/// <param name="Name">Its four letters.</param>
/// <param name="Start">Where its content starts in the file.</param>
/// <param name="Size">Bytes of its content, as the file says.</param>
internal readonly record struct ContainerChunk(string Name, long Start, long Size)
{
    private const int HeaderBytes = 8;
    private const int MostChunks = 1 << 12;

    /// <summary>The chunks from the stream's place on.</summary>
    /// <param name="stream">The file; the caller may move its place between two chunks.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="bigEndian">Whether sizes are big-endian, as in AIFF.</param>
    /// <param name="openEnded">The name of the chunk whose size the caller judges; all others lie within the file.</param>
    /// <exception cref="AudioException">A chunk claims more than is left, or there are too many.</exception>
    public static IEnumerable<ContainerChunk> Walk(Stream stream, string source, bool bigEndian, string openEnded = "")
    {
        var header = new byte[HeaderBytes];
        for (var count = 1; stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length; count++)
        {
            var size = header.AsSpan(4);
            var chunk = new ContainerChunk(
                Encoding.ASCII.GetString(header, 0, 4), stream.Position,
                bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(size) : BinaryPrimitives.ReadUInt32LittleEndian(size));
            if (count > MostChunks)
            {
                throw new AudioException($"{source}: more than {MostChunks} chunks; the file is damaged.");
            }

            if (chunk.Size > stream.Length - chunk.Start && chunk.Name != openEnded)
            {
                throw new AudioException(
                    $"{source}: a chunk claims {chunk.Size} bytes, {stream.Length - chunk.Start} are left; the file is truncated or damaged.");
            }

            yield return chunk;

            // Chunks start at even offsets; the padding byte is not part of the size.
            stream.Position = Math.Min(stream.Length, chunk.Start + chunk.Size + (chunk.Size & 1));
        }
    }
}
