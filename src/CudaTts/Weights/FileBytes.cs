using System.Buffers;
using System.IO.MemoryMappedFiles;
using CudaTts.Files;

namespace CudaTts.Weights;

/// <summary>
/// The bytes of a file, mapped into memory, or of a buffer; offsets are 64-bit. Slices of a mapped file keep the mapping alive, so nothing
/// needs disposing. A file that another program truncates while it is mapped cannot be guarded against.
/// </summary>
internal sealed class FileBytes
{
    private readonly ReadOnlyMemory<byte> _buffer;
    private readonly MemoryMappedViewAccessor? _view;

    private FileBytes(string source, long length, ReadOnlyMemory<byte> buffer, MemoryMappedViewAccessor? view)
    {
        Source = source;
        Length = length;
        _buffer = buffer;
        _view = view;
    }

    /// <summary>What error messages call the file.</summary>
    public string Source { get; }

    /// <summary>Number of bytes.</summary>
    public long Length { get; }

    /// <summary>Maps the file at <paramref name="path"/>.</summary>
    /// <exception cref="WeightsException">The file cannot be opened.</exception>
    public static FileBytes Map(string path)
    {
        try
        {
            InputFile.RequireRegular(path);
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            if (stream.Length == 0)
            {
                throw new WeightsException($"{path}: expected a file of weights, found an empty one.");
            }

            // The view outlives the file and mapping objects; its handle unmaps when the last slice is gone.
            using var mapping = MemoryMappedFile.CreateFromFile(
                stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            var length = stream.Length;
            return new FileBytes(path, length, default, mapping.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read));
        }
        catch (FileException error)
        {
            throw new WeightsException(error.Message, error);
        }
        catch (Exception error) when (FileFault.Is(error))
        {
            throw new WeightsException($"{path}: cannot be opened: {FileFault.ReasonOf(error)}.", error);
        }
    }

    /// <summary>Presents a buffer as a file.</summary>
    public static FileBytes Wrap(string source, ReadOnlyMemory<byte> buffer) => new(source, buffer.Length, buffer, null);

    /// <summary>The bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="WeightsException">The range leaves the file or is larger than 2 GiB.</exception>
    public ReadOnlyMemory<byte> Slice(long offset, long count)
    {
        if (offset < 0 || count < 0 || offset > Length || count > Length - offset)
        {
            throw new WeightsException(
                $"{Source}: bytes {offset} to {offset}+{count} lie outside the file's {Length} bytes; it is truncated or damaged.");
        }

        if (count > int.MaxValue)
        {
            throw new WeightsException($"{Source}: a range of {count} bytes is larger than 2 GiB, which is not supported.");
        }

        return _view is null
            ? _buffer.Slice((int)offset, (int)count)
            : new MappedSlice(_view, offset, (int)count).Memory;
    }

    private sealed unsafe class MappedSlice(MemoryMappedViewAccessor view, long offset, int count) : MemoryManager<byte>
    {
        private readonly byte* _start = (byte*)view.SafeMemoryMappedViewHandle.DangerousGetHandle() + view.PointerOffset + offset;

        // Read only through ReadOnlyMemory: the pages are mapped without the right to write.
        public override Span<byte> GetSpan() => new(_start, count);

        public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex, default, this);

        public override void Unpin() => GC.KeepAlive(view);

        protected override void Dispose(bool disposing)
        {
        }
    }
}
