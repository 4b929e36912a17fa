using System.Buffers.Binary;
using System.IO.Compression;
using CudaTts.Files;

namespace CudaTts.Weights.PyTorch;

/// <summary>
/// A .nemo archive, as NVIDIA/NeMo saves a model: a tar, compressed with gzip or not, of the state dict and the config. Nothing is unpacked to the
/// disk, and what a compressed one becomes is limited by its own length.
/// </summary>
internal static class NeMoArchive
{
    /// <summary>The name of the config in it.</summary>
    public const string ConfigName = "model_config.yaml";

    private const string WeightsName = "model_weights.ckpt";
    private const int NamesShown = 4;

    // Weights hardly get smaller by compression; zeros do, a thousandfold.
    private const int MostExpansion = 64;
    private const int FixedBytes = 64 << 10;
    private const int TarHeader = 512;

    /// <summary>Whether a file may be such an archive by its beginning.</summary>
    public static bool Looks(ReadOnlySpan<byte> start) => IsCompressed(start) || TarArchive.Looks(start);

    /// <summary>The checkpoint in an archive, with the config beside it.</summary>
    /// <exception cref="WeightsException">The file is truncated, damaged, too large, or another archive.</exception>
    public static CheckpointFile Parse(FileBytes file)
    {
        var tar = IsCompressed(file.Slice(0, Math.Min(file.Length, 2)).Span) ? Expanded(file) : file;
        if (!TarArchive.Looks(tar.Slice(0, Math.Min(tar.Length, TarHeader)).Span))
        {
            throw new WeightsException($"{file.Source}: this is compressed with gzip and no .nemo archive: unpack it first.");
        }

        var files = TarArchive.Files(tar);
        if (!files.TryGetValue(WeightsName, out var weights))
        {
            throw files.ContainsKey("pickle") && files.ContainsKey("storages")
                ? new WeightsException($"{file.Source}: this is a checkpoint of PyTorch 0.1; load it in PyTorch and save it again.")
                : new WeightsException(
                    $"{file.Source}: expected a .nemo archive with {WeightsName}, found a tar archive of "
                    + $"{string.Join(", ", files.Keys.Take(NamesShown).Select(name => $"'{name}'").DefaultIfEmpty("nothing"))}.");
        }

        var checkpoint = TorchCheckpoint.Parse(weights);
        return new CheckpointFile(
            file.Source, checkpoint.Format, checkpoint.Entries, new Dictionary<string, string>(),
            files.TryGetValue(ConfigName, out var config) ? ConfigOf(config) : null, checkpoint.Root, checkpoint.NotCalled, ConfigName: ConfigName);
    }

    private static bool IsCompressed(ReadOnlySpan<byte> start) => start is [0x1f, 0x8b, ..];

    private static DictionaryNode ConfigOf(FileBytes config)
    {
        if (config.Length > InputFile.MostConfigBytes)
        {
            throw new WeightsException($"{config.Source}: expected at most {InputFile.MostConfigBytes} bytes, found {config.Length}.");
        }

        try
        {
            return YamlReader.Parse(EncodedText.Decode(config.Slice(0, config.Length).Span, config.Source), config.Source);
        }
        catch (FileException error)
        {
            throw new WeightsException(error.Message, error);
        }
    }

    private static WeightsException TooLong(FileBytes file, int most) => new(
        most == Array.MaxLength
            ? $"{file.Source}: the archive expands to more than {most} bytes; unpack it first, and give what is in it."
            : $"{file.Source}: the archive expands to more than {most} bytes, {MostExpansion} times its own length; it is damaged or hostile.");

    private static unsafe FileBytes Expanded(FileBytes file)
    {
        var most = (int)Math.Min(Array.MaxLength, (MostExpansion * file.Length) + FixedBytes);
        var compressed = file.Slice(0, file.Length);
        using var pin = compressed.Pin();
        using var bytes = new UnmanagedMemoryStream((byte*)pin.Pointer, compressed.Length);
        using var stream = new GZipStream(bytes, CompressionMode.Decompress);
        try
        {
            // The last four bytes say how long it was, should they be sound.
            var claimed = compressed.Length < 4 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(compressed.Span[^4..]);
            var expanded = new byte[Math.Min(most, claimed + 1)];
            var length = 0;
            for (var read = 1; read > 0; length += read)
            {
                if (length == expanded.Length)
                {
                    Array.Resize(ref expanded, length < most ? (int)Math.Min(most, (2L * length) + FixedBytes) : throw TooLong(file, most));
                }

                read = stream.Read(expanded, length, expanded.Length - length);
            }

            return FileBytes.Wrap(file.Source, expanded.AsMemory(0, length));
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw new WeightsException($"{file.Source}: the archive cannot be decompressed: it is truncated or damaged.", error);
        }
    }
}
