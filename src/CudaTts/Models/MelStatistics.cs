using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CudaTts.Audio;
using CudaTts.Files;
using CudaTts.Tensors;
using CudaTts.Weights;
using CudaTts.Weights.Hdf5;

namespace CudaTts.Models;

/// <summary>Mean and standard deviation of every mel band over a corpus, by which kan-bayashi's recipes normalise.</summary>
/// <param name="Mean">[bands].</param>
/// <param name="Scale">[bands].</param>
internal sealed partial record MelStatistics(float[] Mean, float[] Scale)
{
    /// <summary>What a mel contract's normalisation begins with when these statistics belong to it; their hash follows.</summary>
    public const string ContractPrefix = "mean-variance:";

    private const int BandLimit = 1 << 12;
    private const int MostFileBytes = 1 << 24;

    /// <summary>The normalisation of a mel contract: "mean-variance:" and the first half of the numbers' SHA-256.</summary>
    public string Contract => ContractPrefix + Convert.ToHexStringLower(SHA256.HashData(Bytes()).AsSpan(0, 8));

    /// <summary>Whether a mel contract's normalisation is one that there is.</summary>
    public static bool IsNormalisation(string name) =>
        name is "none" or "mean-variance" || ContractName().IsMatch(name) || UnitRange.Parse(name) is not null;

    /// <summary>Reads <c>stats.h5</c>, with the datasets mean and scale, or <c>stats.npy</c>, [2, bands].</summary>
    /// <exception cref="WeightsException">The file cannot be read or holds something else.</exception>
    public static MelStatistics Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = InputFile.ReadBytes(path, MostFileBytes);
        }
        catch (FileException error)
        {
            throw new WeightsException(error.Message, error);
        }

        return bytes.AsSpan().StartsWith(Hdf5File.Signature) ? ParseHdf5(bytes, path) : ParseNpy(bytes, path);
    }

    internal static MelStatistics ParseHdf5(byte[] bytes, string source)
    {
        var file = new Hdf5File(bytes, source);
        return new MelStatistics(file.Numbers("mean"), file.Numbers("scale")).Checked(source);
    }

    internal static MelStatistics ParseNpy(byte[] bytes, string source)
    {
        // numpy/lib/format.py: magic, version, length of the header, and the header: a Python dict as text.
        if (bytes.Length < 12 || bytes[0] != 0x93 || !bytes.AsSpan(1).StartsWith("NUMPY"u8))
        {
            throw new WeightsException($"{source}: expected statistics as .npy or .h5; this is neither.");
        }

        var start = bytes[6] == 1 ? 10 : 12;
        long length = bytes[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8))
            : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8));
        var header = start + length <= bytes.Length ? Encoding.Latin1.GetString(bytes, start, (int)length) : "";
        var match = NpyHeader().Match(header);
        if (!match.Success || !int.TryParse(match.Groups["bands"].Value, CultureInfo.InvariantCulture, out var bands) || bands is < 1 or > BandLimit)
        {
            throw new WeightsException($"{source}: expected numbers of 32 or 64 bits in the shape (2, bands), found {header.Trim()}.");
        }

        var data = bytes.AsSpan(start + (int)length);
        var size = match.Groups["size"].Value == "4" ? 4 : 8;
        if (data.Length != 2 * bands * size)
        {
            throw new WeightsException($"{source}: expected {2 * bands * size} bytes of numbers, found {data.Length}; the file is damaged.");
        }

        float[] values = size == 4
            ? MemoryMarshal.Cast<byte, float>(data).ToArray()
            : Array.ConvertAll(MemoryMarshal.Cast<byte, double>(data).ToArray(), value => (float)value);
        return new MelStatistics(values[..bands], values[bands..]).Checked(source);
    }

    /// <summary>The statistics among a model's tensors.</summary>
    public static MelStatistics Of(ModelWeights weights, int bands) =>
        new MelStatistics(weights.Take("mean", bands).Span.ToArray(), weights.Take("scale", bands).Span.ToArray()).Checked(weights.Source);

    /// <summary>The statistics among a model's tensors, which must be those that its config names; null where its config names none.</summary>
    /// <exception cref="WeightsException">Others are among the tensors, or none.</exception>
    public static MelStatistics? Named(MelContract mel, ModelWeights weights)
    {
        if (!mel.Normalisation.StartsWith(ContractPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        var statistics = Of(weights, mel.MelBands);
        return statistics.Contract == mel.Normalisation
            ? statistics
            : throw new WeightsException(
                $"{weights.Source}: expected the mel's statistics '{mel.Normalisation}' that config.json names, found '{statistics.Contract}'; does "
                + "config.json belong to these weights?");
    }

    /// <summary>(mel - mean) / scale for every band of a mel [B, bands, F].</summary>
    public Tensor Normalize(Tensor mel)
    {
        var normalised = new Tensor(mel.Shape);
        for (var row = 0; row < mel[0] * mel[1]; row++)
        {
            var (mean, scale) = (Mean[row % mel[1]], Scale[row % mel[1]]);
            var from = mel.Span.Slice(row * mel[2], mel[2]);
            var to = normalised.Span.Slice(row * mel[2], mel[2]);
            for (var frame = 0; frame < from.Length; frame++)
            {
                to[frame] = (from[frame] - mean) / scale;
            }
        }

        return normalised;
    }

    /// <summary>As two entries of a weight file.</summary>
    public IEnumerable<KeyValuePair<string, WeightEntry>> Entries() =>
    [
        KeyValuePair.Create("mean", new WeightEntry(DataType.F32, [Mean.Length], MemoryMarshal.AsBytes(Mean.AsSpan()).ToArray())),
        KeyValuePair.Create("scale", new WeightEntry(DataType.F32, [Scale.Length], MemoryMarshal.AsBytes(Scale.AsSpan()).ToArray())),
    ];

    private byte[] Bytes() => MemoryMarshal.AsBytes<float>((float[])[.. Mean, .. Scale]).ToArray();

    private MelStatistics Checked(string source)
    {
        var isUsable = Mean.Length > 0 && Mean.Length == Scale.Length && Mean.All(float.IsFinite)
            && Scale.All(scale => scale > 0 && float.IsFinite(scale));
        return isUsable ? this
            : throw new WeightsException($"{source}: expected as many finite means as positive scales; these statistics are not usable.");
    }

    [GeneratedRegex("^mean-variance:[0-9a-f]{16}$")]
    private static partial Regex ContractName();

    [GeneratedRegex(@"^\{'descr': '<f(?<size>[48])', 'fortran_order': False, 'shape': \(2, (?<bands>\d+)\),? *\}\s*$")]
    private static partial Regex NpyHeader();
}
