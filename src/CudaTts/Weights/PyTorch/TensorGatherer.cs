using CudaTts.Tensors;

namespace CudaTts.Weights.PyTorch;

/// <summary>
/// Turns strided views of storages into row-major entries. A view that is row-major already stays where it is; another is copied, and all
/// copies together may not exceed the storages, since a stride of 0 lets a few bytes stand for any number. Whoever writes the entries into a file
/// repeats what several of them share, so all of them together may not exceed the storages <see cref="SharingLimit"/> times.
/// </summary>
/// <param name="source">What error messages call the file.</param>
/// <param name="stored">Bytes of all storages.</param>
internal sealed class TensorGatherer(string source, long stored)
{
    /// <summary>How often the stored bytes may be used: weights that are tied, or saved again as a running mean, are there twice or thrice.</summary>
    public const int SharingLimit = 4;

    private const long FewBytes = 1 << 16;
    private readonly Dictionary<TensorNode, WeightEntry> _entries = new(ReferenceEqualityComparer.Instance);
    private long _copied;
    private long _used;

    /// <summary>The tensor as a file of row-major tensors would hold it.</summary>
    /// <exception cref="WeightsException">The view leaves its storage, or the copies exceed the limit.</exception>
    public WeightEntry Entry(string name, TensorNode tensor)
    {
        // A module that is reachable by two paths has one tensor under two names.
        if (!_entries.TryGetValue(tensor, out var entry))
        {
            entry = Create(name, tensor);
            _entries.Add(tensor, entry);
        }

        _used += entry.Bytes.Length;
        return _used <= FewBytes + (SharingLimit * stored)
            ? entry
            : throw new WeightsException(
                $"{source}: its tensors are views of {stored} stored bytes and together more than {SharingLimit} times as large (at '{name}'); save "
                + "them with a .clone() each if that is meant.");
    }

    private WeightEntry Create(string name, TensorNode tensor)
    {
        var (start, count) = CheckedSpan(name, tensor);
        var element = tensor.Type.ByteSize();
        var bytes = checked((int)(count * element));
        if (count == 0 || IsRowMajor(tensor))
        {
            return new WeightEntry(tensor.Type, tensor.Shape, count == 0 ? default : tensor.Storage.Storage.Bytes.Slice(checked((int)start), bytes));
        }

        _copied += bytes;
        if (_copied > stored)
        {
            throw Broken(name, tensor, $"would expand the checkpoint's {stored} bytes");
        }

        return new WeightEntry(tensor.Type, tensor.Shape, Gather(tensor, start, bytes));
    }

    private (long StartByte, long Count) CheckedSpan(string name, TensorNode tensor)
    {
        try
        {
            var element = tensor.Type.ByteSize();
            var unit = tensor.Storage.Storage.Type.ByteSize();
            if (unit != 1 && unit != element)
            {
                throw Broken(name, tensor, $"is of another type than its storage ({tensor.Storage.Storage.Type})");
            }

            long count = 1, last = tensor.Offset;
            for (var i = 0; i < tensor.Shape.Length; i++)
            {
                count = checked(count * tensor.Shape[i]);
                last = checked(last + ((tensor.Shape[i] - 1L) * tensor.Strides[i]));
            }

            if (count == 0)
            {
                return (0, 0);
            }

            var available = tensor.Storage.Count * unit;
            return checked((last + 1) * element) <= available && checked(count * element) <= int.MaxValue
                ? ((tensor.Storage.Offset * unit) + (tensor.Offset * element), count)
                : throw Broken(name, tensor, $"reaches to element {last} of a storage of {available / element}");
        }
        catch (OverflowException)
        {
            throw Broken(name, tensor, "has a size that overflows");
        }
    }

    private static bool IsRowMajor(TensorNode tensor)
    {
        long expected = 1;
        for (var i = tensor.Shape.Length - 1; i >= 0; i--)
        {
            // The stride of a dimension of size 1 is never used; PyTorch leaves arbitrary values there.
            if (tensor.Shape[i] != 1 && tensor.Strides[i] != expected)
            {
                return false;
            }

            expected *= tensor.Shape[i];
        }

        return true;
    }

    private static byte[] Gather(TensorNode tensor, long start, int byteCount)
    {
        var element = tensor.Type.ByteSize();
        var storage = tensor.Storage.Storage.Bytes;
        var source = storage.Span[checked((int)start)..];
        var result = new byte[byteCount];
        var index = new int[tensor.Shape.Length];
        long position = 0;
        for (var written = 0; written < byteCount; written += element)
        {
            source.Slice((int)(position * element), element).CopyTo(result.AsSpan(written));
            for (var i = index.Length - 1; i >= 0; i--)
            {
                position += tensor.Strides[i];
                if (++index[i] < tensor.Shape[i])
                {
                    break;
                }

                position -= index[i] * tensor.Strides[i];
                index[i] = 0;
            }
        }

        GC.KeepAlive(storage);
        return result;
    }

    private WeightsException Broken(string name, TensorNode tensor, string how) =>
        new($"{source}: tensor '{name}' ({tensor.Type} {Tensor.Describe(tensor.Shape)}) {how}; the file is damaged or hostile.");
}
