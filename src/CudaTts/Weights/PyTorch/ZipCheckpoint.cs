using System.Text;

namespace CudaTts.Weights.PyTorch;

/// <summary>The zip layout of torch.save since 1.6: <c>root/data.pkl</c>, and one entry <c>root/data/KEY</c> a storage.</summary>
internal static class ZipCheckpoint
{
    private const string PickleName = "/data.pkl";

    /// <summary>Reads the object tree, with every storage's bytes attached.</summary>
    /// <exception cref="WeightsException">The file is malformed, or a TorchScript archive.</exception>
    public static PickledCheckpoint Read(FileBytes file)
    {
        var zip = ZipArchiveDirectory.Read(file);
        var root = RootOf(file, zip);
        var pickle = zip.Bytes(root + PickleName);
        if (pickle.Length > PickleReader.LengthLimit)
        {
            throw new WeightsException($"{file.Source}: data.pkl has {pickle.Length} bytes, more than {PickleReader.LengthLimit}.");
        }

        var storages = new StorageTable(file.Source);
        var saved = PickleReader.Read(file.Source, pickle, storages.Resolve);
        if (saved.Length != pickle.Length)
        {
            throw new WeightsException(
                $"{file.Source}: data.pkl has {pickle.Length - saved.Length} bytes after its end; the file is damaged or hostile.");
        }

        foreach (var storage in storages.Storages.Values)
        {
            Attach(file, zip, root, storage);
        }

        return new PickledCheckpoint(saved, storages);
    }

    private static string RootOf(FileBytes file, ZipArchiveDirectory zip)
    {
        if (ForeignFile.InArchive(zip.Names) is { } other)
        {
            throw new WeightsException($"{file.Source}: this is {other}");
        }

        zip.RequireStored();
        var roots = zip.Names.Select(name => name.Split('/')[0]).Distinct().Take(5).ToList();
        if (roots is not [var root] || !zip.Contains(root + PickleName))
        {
            throw new WeightsException(
                $"{file.Source}: expected one folder with data.pkl in the archive, found {string.Join(", ", roots.Take(4))}; is this a PyTorch "
                + "checkpoint?");
        }

        var order = $"{root}/byteorder";
        return !zip.Contains(order) || Encoding.Latin1.GetString(zip.Bytes(order).Span) == "little"
            ? root
            : throw new WeightsException($"{file.Source}: the checkpoint is not little-endian; save it again on a little-endian machine.");
    }

    private static void Attach(FileBytes file, ZipArchiveDirectory zip, string root, Storage storage)
    {
        storage.Bytes = zip.Bytes($"{root}/data/{storage.Key}");
        if (storage.Bytes.Length != storage.ByteCount)
        {
            throw new WeightsException(
                $"{file.Source}: storage '{storage.Key}': expected {storage.ByteCount} bytes for {storage.Count} {storage.Type}, found "
                + $"{storage.Bytes.Length}.");
        }
    }
}
