using System.Buffers.Binary;

namespace CudaTts.Tests;

/// <summary>
/// Whole files in the layouts that torch.save has written to public checkpoints: unlike in <see cref="TorchFileBuilder"/>'s plain ones every value is
/// put into the memo and taken from there when it comes again, integers are as short as they can be, and storages have the names of addresses.
/// </summary>
internal sealed class TorchSaveFile
{
    /// <summary>The tensors in a file of <see cref="LegacyStateDict"/>.</summary>
    public const int LegacyTensors = 38;

    private const int Bands = 80, Frames = 780;
    private readonly PickleBuilder _pickle = new();
    private readonly Dictionary<string, int> _memo = [];
    private int _values;

    /// <summary>
    /// A zip file of one tensor alone, [1, 80, 780] with the strides of its transpose, from a CUDA device: entries begin at multiples of 64 bytes and
    /// end with their sizes, and there is none for the byte order. Its storage counts up.
    /// </summary>
    public static byte[] StridedZip()
    {
        const string Storage = "94356910567216";
        var file = new TorchSaveFile();
        file.Tensor(Storage, Bands * Frames, "cuda:0", [1, Bands, Frames], [Bands * Frames, 1, Bands], isLegacy: false);
        var values = TorchFileBuilder.Floats([.. Enumerable.Range(0, Bands * Frames).Select(value => (float)value)]);
        return new ZipBuilder { IsAligned = true }
            .Add("archive/data.pkl", file._pickle.Finish()).Add($"archive/data/{Storage}", values).Add("archive/version", "3\n"u8.ToArray()).Finish();
    }

    /// <summary>
    /// A legacy file of a state dict with <see cref="LegacyTensors"/> tensors and the versions of its modules as an attribute; the storages come in
    /// the order of their names, which is not that of the tensors. Tensor <c>i</c> is <c>layer.i.weight</c>, [i + 1, 2], and counts up from 100 i.
    /// </summary>
    public static byte[] LegacyStateDict()
    {
        var storages = Enumerable.Range(0, LegacyTensors)
            .Select(i => (Key: $"{140483767857136 + (i * 1_000_003 % 77_777)}", Count: 2 * (i + 1), First: 100 * i)).ToArray();
        var file = new TorchSaveFile();
        file.OrderedDictionary();
        file._pickle.Op('(');
        for (var i = 0; i < LegacyTensors; i++)
        {
            file.Text($"layer.{i}.weight");
            file.Tensor(storages[i].Key, storages[i].Count, "cpu", [i + 1, 2], [2, 1], isLegacy: true);
        }

        file._pickle.Op('u');
        file.ModuleVersions();
        var content = storages.OrderBy(storage => storage.Key, StringComparer.Ordinal).Select(storage => (
            storage.Key, storage.Count, TorchFileBuilder.Floats([.. Enumerable.Range(storage.First, storage.Count).Select(value => (float)value)])));
        return TorchFileBuilder.Legacy(file._pickle.Finish(), [.. content]);
    }

    private void ModuleVersions()
    {
        _pickle.Op('}');
        Remember();
        Text("_metadata");
        OrderedDictionary();
        _pickle.Op('(');
        for (var i = 0; i < LegacyTensors; i++)
        {
            Text($"layer.{i}");
            _pickle.Op('}');
            Remember();
            Text("version");
            Integer(1);
            _pickle.Op('s');
        }

        _pickle.Op('u').Op('s').Op('b');
    }

    private void Tensor(string storage, int count, string device, int[] shape, int[] strides, bool isLegacy)
    {
        Global("torch._utils", "_rebuild_tensor_v2");
        _pickle.Op('(').Op('(');
        Text("storage");
        Global("torch", "FloatStorage");
        Text(storage);
        Text(device);
        Integer(count);
        if (isLegacy)
        {
            _pickle.None();
        }

        _pickle.Op('t');
        Remember();
        _pickle.Op('Q');
        Integer(0);
        Integers(shape);
        Integers(strides);
        _pickle.Op('\x89');
        OrderedDictionary();
        _pickle.Op('t');
        Remember();
        _pickle.Op('R');
        Remember();
    }

    private void OrderedDictionary()
    {
        Global("collections", "OrderedDict");
        _pickle.Op(')').Op('R');
        Remember();
    }

    private void Global(string module, string name) => Once($"{module} {name}", () => _pickle.Global(module, name));

    private void Text(string text) => Once(text, () => _pickle.Text(text));

    private void Integers(int[] values)
    {
        foreach (var value in values)
        {
            Integer(value);
        }

        _pickle.Op((char)('\x84' + values.Length));
        Remember();
    }

    private void Integer(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        var (opcode, length) = value <= byte.MaxValue ? ('K', 1) : value <= ushort.MaxValue ? ('M', 2) : ('J', 4);
        _pickle.Op(opcode, bytes[..length]);
    }

    private void Once(string value, Action write)
    {
        if (_memo.TryGetValue(value, out var place))
        {
            Memo('h', 'j', place);
            return;
        }

        write();
        _memo[value] = _values;
        Remember();
    }

    private void Remember() => Memo('q', 'r', _values++);

    private void Memo(char near, char far, int place)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, place);
        _pickle.Op(place <= byte.MaxValue ? near : far, place <= byte.MaxValue ? bytes[..1] : bytes);
    }
}
