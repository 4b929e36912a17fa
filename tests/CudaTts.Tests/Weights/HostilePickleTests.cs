using CudaTts.Weights;
using CudaTts.Weights.PyTorch;

namespace CudaTts.Tests;

/// <summary>
/// Small pickles that ask for much: their objects hold each other more often than anybody can count, or copies of copies, or names upon names. What
/// reading them allocates is bounded by the file's size, and so is the work, which is counted here by allocations and by the tests' own end.
/// </summary>
internal sealed class HostilePickleTests
{
    private const int BytesPerByte = 512;
    private const int FixedBytes = 1 << 20;
    private static readonly byte[] s_six = TorchFileBuilder.Floats(0, 1, 2, 3, 4, 5);

    // Levels of containers each of which holds the next one many times: without tensors below nothing is there to be named.
    [TestCase(8, 64, "list")]
    [TestCase(60, 2, "list")]
    [TestCase(60, 2, "tuple")]
    [TestCase(30, 200, "dict")]
    [TestCase(20, 100, "set")]
    [TestCase(40, 16, "module")]
    public void Containers_without_tensors_are_looked_at_once(int levels, int children, string kind)
    {
        var pickle = Nested(levels, children, kind, withTensor: false);

        Assert.That(Parse(pickle).Entries, Is.Empty);
    }

    [TestCase(8, 64, "list")]
    [TestCase(60, 2, "list")]
    [TestCase(60, 2, "tuple")]
    [TestCase(30, 200, "dict")]
    [TestCase(20, 100, "set")]
    [TestCase(12, 16, "dict")]
    public void Names_beyond_count_are_refused(int levels, int children, string kind)
    {
        var pickle = Nested(levels, children, kind, withTensor: true);

        Refused(pickle, "names of the checkpoint's first");
    }

    [TestCase(100_000, 1)]
    [TestCase(1000, 1000)]
    [TestCase(20, 30_000)]
    public void A_long_list_in_many_places_is_looked_at_once(int items, int places)
    {
        var pickle = new PickleBuilder().Op(']').Op('(').Op(']').Op('q', 0).Op('(');
        for (var item = 0; item < items; item++)
        {
            pickle.None();
        }

        pickle.Op('e');
        for (var place = 0; place < places; place++)
        {
            pickle.Op('h', 0);
        }

        Assert.That(Parse(pickle.Op('e').Finish()).Entries, Is.Empty);
    }

    [TestCase(1000, 1000)]
    [TestCase(20_000, 100)]
    [TestCase(100, 50_000)]
    public void Copies_of_a_list_count_as_values(int pairs, int copies)
    {
        var pickle = new PickleBuilder().Op('(').Integers(1, 2).Op('q', 0).Op(']').Op('q', 1).Op('(');
        for (var pair = 0; pair < pairs; pair++)
        {
            pickle.Op('h', 0);
        }

        pickle.Op('e').Global("collections", "OrderedDict").Op('q', 2);
        for (var copy = 0; copy < copies; copy++)
        {
            pickle.Op('h', 2).Op('h', 1).Op('\x85').Op('R');
        }

        Refused(pickle.Op('t').Finish(), "the most for its length");
    }

    [Test]
    public void A_million_long_names_are_refused()
    {
        // One tensor in a dict with a name of 100 characters, ten times in each of six levels: a million paths of 150 characters.
        var pickle = new PickleBuilder().Tensor("0", 6, [6]).Op('q', 0);
        for (var level = 0; level < 6; level++)
        {
            pickle.Dictionary(pairs =>
            {
                for (var i = 0; i < 10; i++)
                {
                    pairs.Text(new string('n', 90) + i).Op('h', (byte)level);
                }
            }).Op('q', (byte)(level + 1));
        }

        // All levels are on the stack; a tuple of them is the whole.
        Refused([0x80, 2, (byte)'(', .. pickle.Finish()[2..^1], (byte)'t', (byte)'.'], "names of the checkpoint's first");
    }

    [Test]
    public void Lists_of_shared_lists_in_a_config_are_bounded()
    {
        var numbers = new PickleBuilder().List(items =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                items.Op('K', 1);
            }
        }).Op('q', 0).Finish()[2..^1];
        var lists = new PickleBuilder().Dictionary(root => root.Text("a").List(items =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                items.Op('h', 0);
            }
        })).Finish()[2..];
        var pickle = PickleReader.Read("test", (byte[])[0x80, 2, .. numbers, .. lists[..^1], (byte)'\x86', (byte)'.'], id => id);
        var config = new SourceConfig("test", (DictionaryNode)((TupleNode)pickle.Root!).Items[1]!);

        Assert.That(() => config.IntegerLists("a"), Throws.TypeOf<WeightsException>().With.Message.Contains("a list of at most 256 values"));
    }

    [Test]
    public void Tied_weights_are_named_under_both_paths()
    {
        var pickle = new PickleBuilder().Dictionary(root => root
            .Text("a").Dictionary(part => part.Text("w").Tensor("0", 6, [6]).Op('q', 1)).Op('q', 0)
            .Text("b").Op('h', 0).Text("c").Op('h', 1)).Finish();

        Assert.That(Parse(pickle).Entries.Keys, Is.EqualTo((string[])["a.w", "b.w", "c"]));
    }

    [TestCase(4, true)]
    [TestCase(400, false)]
    public void Views_of_one_storage_may_be_four_times_what_is_stored(int views, bool isRead)
    {
        const int Count = 1 << 15;
        var pickle = new PickleBuilder().List(items =>
        {
            for (var view = 0; view < views; view++)
            {
                items.Tensor("0", Count, [Count]);
            }
        }).Finish();
        var file = TorchFileBuilder.Zip(pickle, ("0", new byte[4 * Count]));

        if (isRead)
        {
            Assert.That(TorchCheckpoint.Parse(FileBytes.Wrap("test", file)).Entries, Has.Count.EqualTo(views));
        }
        else
        {
            Assert.That(() => TorchCheckpoint.Parse(FileBytes.Wrap("test", file)),
                Throws.TypeOf<WeightsException>().With.Message.Contains("more than 4 times"));
        }
    }

    [TestCase("os", "system")]
    [TestCase("posix", "system")]
    [TestCase("nt", "system")]
    [TestCase("subprocess", "Popen")]
    [TestCase("builtins", "eval")]
    [TestCase("__builtin__", "exec")]
    [TestCase("builtins", "__import__")]
    [TestCase("importlib", "import_module")]
    [TestCase("runpy", "_run_code")]
    [TestCase("shutil", "rmtree")]
    [TestCase("torch.hub", "load")]
    [TestCase("torch.hub", "load_state_dict_from_url")]
    [TestCase("torch.utils.cpp_extension", "load_inline")]
    [TestCase("urllib.request", "urlopen")]
    [TestCase("webbrowser", "open")]
    [TestCase("pip", "main")]
    [TestCase("code", "InteractiveConsole.push")]
    [TestCase("ctypes", "CDLL")]
    [TestCase("_io", "open")]
    [TestCase("pickle", "loads")]
    [TestCase("torch.serialization", "os.remove")]
    [TestCase("my.own.module", "eval")]
    public void A_call_that_only_an_attack_makes_is_hostile(string module, string name)
    {
        var call = new PickleBuilder().Global(module, name).Op('(').Text("id").Op('t').Op('R').Finish();
        var hidden = new PickleBuilder().Dictionary(root => root.Text("w").Tensor("0", 6, [6]).Text("x").Global(module, name)).Finish();

        foreach (var pickle in (byte[][])[call, hidden])
        {
            Assert.That(() => Parse(pickle), IsHostile($"{module}.{name}"));
        }
    }

    [Test]
    public void Hostile_pickles_of_every_protocol_are_named()
    {
        byte[] oldest = [.. "cos\nsystem\n(S'id'\ntR."u8];
        byte[] instance = [.. "(S'id'\nios\nsystem\n."u8];
        byte[] newest = [0x80, 4, 0x95, 29, 0, 0, 0, 0, 0, 0, 0, 0x8c, 5, .. "posix"u8, 0x94, 0x8c, 6, .. "system"u8, 0x94, 0x93, 0x94, (byte)'.'];
        byte[] remembered = [0x80, 4, 0x8c, 6, .. "system"u8, 0x94, 0x8c, 2, .. "os"u8, 0x94, (byte)'h', 1, (byte)'h', 0, 0x93, (byte)'.'];
        byte[] long5 = [0x80, 5, 0x8d, 2, 0, 0, 0, 0, 0, 0, 0, .. "os"u8, (byte)'X', 5, 0, 0, 0, .. "popen"u8, 0x93, (byte)'.'];
        foreach (var pickle in (byte[][])[oldest, instance, newest, remembered, long5])
        {
            Assert.That(() => Parse(pickle), IsHostile(""), "in a zip");
            Assert.That(() => CheckpointFile.Parse(FileBytes.Wrap("test", pickle)), IsHostile(""), "alone");
        }
    }

    [TestCase("collections", "defaultdict")]
    [TestCase("argparse", "Namespace")]
    [TestCase("glow", "WaveGlow")]
    [TestCase("torch.nn.modules.conv", "Conv1d")]
    [TestCase("numpy.core.multiarray", "scalar")]
    [TestCase("pathlib", "PosixPath")]
    [TestCase("omegaconf.dictconfig", "DictConfig")]
    [TestCase("builtins", "getattr")]
    [TestCase("__builtin__", "getattr")]
    [TestCase("operator", "itemgetter")]
    [TestCase("code.models", "HiFiGAN")]
    [TestCase("joblib.numpy_pickle", "NumpyArrayWrapper")]
    [TestCase("torch.serialization", "_get_layout")]
    public void A_class_of_the_authors_is_named_but_not_hostile(string module, string name)
    {
        var pickle = new PickleBuilder().Dictionary(root => root
            .Text("x").Global(module, name).Op(')').Op('R').Text("y").Global(module, name).Op(')').Op('\x81').Text("w").Tensor("0", 6, [6])).Finish();
        var checkpoint = Parse(pickle);

        Assert.That(checkpoint.Entries.Keys, Is.EqualTo((string[])["w"]));
        Assert.That(checkpoint.NotCalled, Is.EqualTo((string[])[$"{module}.{name}"]), "once");
    }

    [Test]
    public void A_nested_class_of_the_authors_is_not_hostile()
    {
        // Python 3 writes glow.Outer.Inner() so at protocol 2.
        var pickle = new PickleBuilder().Dictionary(root => root
            .Text("x").Global("__builtin__", "getattr").Global("glow", "Outer").Text("Inner").Op('\x86').Op('R').Op(')').Op('\x81')
            .Text("w").Tensor("0", 6, [6])).Finish();

        var checkpoint = Parse(pickle);

        Assert.That(checkpoint.Entries.Keys, Is.EqualTo((string[])["w"]));
        Assert.That(checkpoint.NotCalled, Is.EqualTo((string[])["glow.Outer.Inner"]));
    }

    [Test]
    public void A_function_that_is_reached_through_another_module_is_hostile()
    {
        var pickle = new PickleBuilder().Global("__builtin__", "getattr").Global("__builtin__", "getattr").Global("torch", "serialization")
            .Text("os").Op('\x86').Op('R').Text("system").Op('\x86').Op('R').Op('(').Text("id").Op('t').Op('R').Finish();

        Assert.That(() => Parse(pickle), IsHostile("torch.serialization.os.system"));
    }

    [Test]
    public void A_random_start_is_no_attack()
    {
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            Assert.That(PickleGlobals.FindHostile(bytes), Is.Null);
        }
    }

    private static NUnit.Framework.Constraints.ContainsConstraint IsHostile(string name) =>
        Throws.TypeOf<WeightsException>().With.Message.Contains("hostile: Python would call " + name).And.Message.Not.Contains("\n");

    private static byte[] Nested(int levels, int children, string kind, bool withTensor)
    {
        var pickle = new PickleBuilder();
        pickle = withTensor ? pickle.Tensor("0", 6, [6]) : pickle.None();
        pickle.Op('q', 0);
        for (var level = 0; level < levels; level++)
        {
            Container(pickle, kind, children, (byte)level);
            pickle.Op('q', (byte)(level + 1));
        }

        return [0x80, 2, (byte)'(', .. pickle.Finish()[2..^1], (byte)'t', (byte)'.'];
    }

    private static void Container(PickleBuilder pickle, string kind, int children, byte child)
    {
        void Children(PickleBuilder items)
        {
            for (var i = 0; i < children; i++)
            {
                _ = kind is "dict" or "module" ? items.Integer(i) : items;
                items.Op('h', child);
            }
        }

        switch (kind)
        {
            case "list":
                pickle.List(Children);
                break;
            case "tuple":
                Children(pickle.Op('('));
                pickle.Op('t');
                break;
            case "dict":
                pickle.Dictionary(Children);
                break;
            case "set":
                Children(pickle.Global("builtins", "set").Op(']').Op('('));
                pickle.Op('e').Op('\x85').Op('R');
                break;
            default:
                pickle.Global("glow", "Layer").Op(')').Op('\x81').Dictionary(state => state.Text("_modules").Dictionary(Children)).Op('b');
                break;
        }
    }

    private static void Refused(byte[] pickle, string because) =>
        Assert.That(() => Parse(pickle), Throws.TypeOf<WeightsException>().With.Message.Contains(because));

    private static TorchCheckpoint Parse(byte[] pickle)
    {
        var file = TorchFileBuilder.Zip(pickle, ("0", s_six));
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            return TorchCheckpoint.Parse(FileBytes.Wrap("test", file));
        }
        finally
        {
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(FixedBytes + ((long)BytesPerByte * file.Length)));
        }
    }
}
