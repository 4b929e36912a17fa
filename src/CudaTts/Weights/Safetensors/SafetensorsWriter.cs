using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using CudaTts.Files;
using CudaTts.Tensors;

namespace CudaTts.Weights.Safetensors;

/// <summary>
/// Writes safetensors files laid out as the format's own writer does: wide elements first, then by name, so that every tensor is aligned.
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>Writes a complete file, or none: the bytes go to a temporary name first.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="metadata">Strings for the header's <c>__metadata__</c>.</param>
    /// <exception cref="WeightsException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">A name is repeated or reserved, or a tensor's bytes do not fill its shape.</exception>
    public static void Write(
        string path, IEnumerable<KeyValuePair<string, WeightEntry>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = Ordered(tensors);
        try
        {
            AtomicFiles.Write((path, stream => Write(stream, ordered, metadata)));
        }
        catch (FileException error)
        {
            throw new WeightsException(error.Message, error);
        }
    }

    internal static List<KeyValuePair<string, WeightEntry>> Ordered(IEnumerable<KeyValuePair<string, WeightEntry>> tensors)
    {
        var ordered = tensors.OrderByDescending(tensor => tensor.Value.Type.ByteSize()).ThenBy(tensor => tensor.Key, StringComparer.Ordinal).ToList();
        var names = new HashSet<string>();
        foreach (var (name, entry) in ordered)
        {
            if (name == SafetensorsHeader.MetadataKey || !names.Add(name))
            {
                throw new ArgumentException($"The tensor name '{name}' is reserved or repeated.", nameof(tensors));
            }

            if (entry.Type.ByteSize(entry.Shape) != entry.Bytes.Length)
            {
                throw new ArgumentException(
                    $"Tensor '{name}': {entry.Bytes.Length} bytes do not fill {entry.Type} {Tensor.Describe(entry.Shape)}.", nameof(tensors));
            }
        }

        return ordered;
    }

    internal static void Write(Stream stream, List<KeyValuePair<string, WeightEntry>> ordered, IReadOnlyDictionary<string, string>? metadata)
    {
        var header = Header(ordered, metadata);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var (_, entry) in ordered)
        {
            stream.Write(entry.Bytes.Span);
            GC.KeepAlive(entry);
        }
    }

    private static ReadOnlySpan<byte> Header(List<KeyValuePair<string, WeightEntry>> ordered, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            var position = 0L;
            foreach (var (name, entry) in ordered)
            {
                WriteTensor(json, name, entry, position);
                position += entry.Bytes.Length;
            }

            json.WriteEndObject();
        }

        // Padding to eight bytes aligns the first tensor.
        while (buffer.WrittenCount % 8 != 0)
        {
            buffer.Write(" "u8);
        }

        return buffer.WrittenSpan;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null || metadata.Count == 0)
        {
            return;
        }

        json.WriteStartObject(SafetensorsHeader.MetadataKey);
        foreach (var (key, value) in metadata)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter json, string name, WeightEntry entry, long position)
    {
        json.WriteStartObject(name);
        json.WriteString("dtype", entry.Type.ToString());
        json.WriteStartArray("shape");
        foreach (var size in entry.Shape)
        {
            json.WriteNumberValue(size);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(position);
        json.WriteNumberValue(position + entry.Bytes.Length);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
