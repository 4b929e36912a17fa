using System.Diagnostics;
using CudaTts.Cuda;
using CudaTts.Cuda.Interop;
using CudaTts.Tests.Pipeline;

namespace CudaTts.Tests.Cuda;

/// <summary>NVTX's injection, answered by a profiler of our own that writes down what it is told.</summary>
[TestFixture]
internal sealed class NvtxTests
{
    // What NVTX_INJECTION64_PATH's libraries have to export; tables, modules and numbers as in NVIDIA/NVTX, c/include/nvtx3/nvtxDetail/nvtxTypes.h.
    private const string Profiler = """
        #include <cstddef>
        #include <cstdint>
        #include <cstdio>
        namespace {
        struct Callbacks { std::size_t size; int (*table)(int, void****, unsigned*); };
        struct Version { std::size_t size; std::uint32_t version, reserved; void (*set)(std::uint32_t); };
        void note(const char* what, const char* name) {
            if (std::FILE* const log = std::fopen(LOG, "a")) { std::fprintf(log, "%s %s\n", what, name); std::fclose(log); }
        }
        int push(const char* name) { note("push", name); return 0; }
        int pop() { note("pop", ""); return 0; }
        void name_stream(void* stream, const char* name) { note(stream ? "stream" : "no stream", name); }
        }
        extern "C" __attribute__((visibility("default"))) int InitializeInjectionNvtx2(const void* (*tables)(std::uint32_t)) {
            const auto* const callbacks = static_cast<const Callbacks*>(tables(1));
            const auto* const version = static_cast<const Version*>(tables(3));
            void*** core = nullptr; void*** cuda = nullptr; unsigned size = 0, unknown = 7;
            if (tables(9) || callbacks->size != sizeof(Callbacks) || version->size != sizeof(Version) || version->version != 3) return 0;
            version->set(3);
            if (!callbacks->table(1, &core, &size) || size != 16 || !callbacks->table(2, &cuda, nullptr) || callbacks->table(7, nullptr, &unknown)) return 0;
            if (core[0] || core[size] || REFUSES) return 0;
            *core[9] = reinterpret_cast<void*>(&push); *core[11] = reinterpret_cast<void*>(&pop); *cuda[5] = reinterpret_cast<void*>(&name_stream);
            return 1;
        }
        """;

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void A_profiler_is_told_of_ranges_and_streams()
    {
        var injection = NvtxInjection.Load(Compile());
        Assert.That(injection, Is.Not.Null);
        injection!.Push("outer\0"u8);
        injection.Push("inner\0"u8);
        injection.Pop();
        injection.NameStream(new CUstream(1), "decoder\0"u8);
        injection.Pop();
        Assert.That(Log(), Is.EqualTo(new[] { "push outer", "push inner", "pop ", "stream decoder", "pop " }));
    }

    [Test]
    public void Without_a_profiler_or_with_one_that_refuses_there_is_nothing()
    {
        Assert.That(NvtxInjection.Load(null), Is.Null);
        Assert.That(NvtxInjection.Load(""), Is.Null);
        Assert.That(NvtxInjection.Load(_folder.Path("none.so")), Is.Null);
        Assert.That(NvtxInjection.Load(Compile(refuses: true)), Is.Null);
        Assert.That(Log(), Is.Empty);
    }

    [Test]
    public void The_command_shows_a_profiler_its_stages()
    {
        var voice = TinyVoice.Create(_folder.Path("voice"));
        var command = Path.Combine(AppContext.BaseDirectory, "CudaTts.Cli.dll");
        var start = new ProcessStartInfo("dotnet", [command, "profile", "--plain", "--runs", "1", "--device", "cpu", "--voice", voice, "Hi."])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment[Nvtx.InjectionVariable] = Compile();
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();

        Assert.That(process.ExitCode, Is.Zero, error);
        var log = Log();
        string[] stages = ["push encoder", "push decoder", "push postnet", "push vocoder", "push samples", "push text"];
        Assert.That(log, Is.SupersetOf(stages));
        Assert.That(log.Count(line => line == "push run"), Is.EqualTo(1));
        Assert.That(log.Count(line => line == "pop "), Is.EqualTo(log.Count(line => line.StartsWith("push ", StringComparison.Ordinal))));
    }

    private string[] Log() => File.Exists(_folder.Path("log")) ? File.ReadAllLines(_folder.Path("log")) : [];

    private string Compile(bool refuses = false)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("the profiler of this test is compiled on Linux only");
        }

        var (source, library) = (_folder.Path("profiler.cpp"), _folder.Path("profiler.so"));
        File.WriteAllText(source, Profiler);
        try
        {
            string[] options = ["-shared", "-fPIC", $"-DLOG=\"{_folder.Path("log")}\"", $"-DREFUSES={(refuses ? 1 : 0)}", source, "-o", library];
            using var compiler = Process.Start(new ProcessStartInfo("g++", options) { RedirectStandardError = true })!;
            var error = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            Assert.That(compiler.ExitCode, Is.Zero, error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("there is no g++ to compile this test's profiler with");
        }

        return library;
    }
}
