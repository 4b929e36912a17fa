namespace CudaTts.Weights.PyTorch;

/// <summary>
/// What no checkpoint needs and an attack on Python's unpickler has to come to: any member of a module whose purpose, by Python's library reference,
/// is to run commands or code, to load code, to write or delete files, or to open the network; and the few functions of other modules that do so.
/// Not <c>getattr</c>, as which Python 3 writes nested classes and methods of an object: by itself it reaches nothing that is not named here.
/// </summary>
internal static class HostileCallables
{
    // Of the names below.
    private const int MostParts = 3;

    // A module, or one of its members where others of them are harmless; each with all that is below it.
    private static readonly HashSet<string> s_names =
    [
        // Run commands, or start processes.
        "os", "posix", "nt", "subprocess", "_posixsubprocess", "pty", "popen2", "commands.getoutput", "commands.getstatusoutput", "asyncio",
        "multiprocessing", "torch.multiprocessing.spawn",

        // Run code that is given as text or as bytes.
        "builtins.eval", "builtins.exec", "builtins.execfile", "builtins.compile", "builtins.input", "builtins.breakpoint", "runpy", "codeop",
        "code.interact", "code.InteractiveInterpreter", "code.InteractiveConsole", "types.CodeType", "types.FunctionType", "marshal", "timeit",
        "profile.run", "profile.runctx", "cProfile", "trace.Trace", "pdb", "bdb", "doctest",

        // Load code: modules, packages, native libraries, and what compiles them.
        "builtins.__import__", "builtins.reload", "importlib", "_frozen_importlib", "imp", "pkgutil", "zipimport", "sys", "pip", "ensurepip", "venv",
        "setuptools", "distutils", "ctypes", "_ctypes", "cffi", "numpy.ctypeslib", "torch.hub", "torch.ops.load_library",
        "torch.classes.load_library", "torch.utils.cpp_extension",

        // Read a further pickle or program, where nobody has looked at it.
        "pickle", "_pickle", "cPickle", "shelve", "dill.load", "dill.loads", "cloudpickle.load", "cloudpickle.loads", "joblib.load", "torch.load",
        "torch.serialization.load", "torch.jit.load", "numpy.load", "pandas.read_pickle",

        // Write or delete files.
        "builtins.open", "builtins.file", "io.open", "_io.open", "io.FileIO", "_io.FileIO", "codecs.open", "shutil", "tempfile", "zipapp",

        // Open the network.
        "socket", "_socket", "socketserver", "ssl", "urllib", "urllib2", "http", "httplib", "xmlrpc", "ftplib", "smtplib", "poplib", "imaplib",
        "telnetlib", "requests", "aiohttp", "httpx", "webbrowser",
    ];

    // Modules that others import, and through which they are reached as well.
    private static readonly HashSet<string> s_importedModules = ["os", "subprocess", "shutil", "importlib", "builtins", "__builtins__"];

    // Functions of the modules above that others hand on under the same name.
    private static readonly HashSet<string> s_importedFunctions =
    [
        "system", "popen", "Popen", "check_call", "check_output", "getoutput", "eval", "exec", "execfile", "__import__", "import_module", "rmtree",
        "urlopen", "urlretrieve",
    ];

    /// <summary>Whether only an attack calls what has this dotted name.</summary>
    public static bool Contains(string name)
    {
        var parts = name.Split('.');
        if (parts[0] is "__builtin__" or "__builtins__")
        {
            parts[0] = "builtins";
        }

        return s_importedFunctions.Contains(parts[^1])
            || Enumerable.Range(1, Math.Min(parts.Length, MostParts)).Any(count => s_names.Contains(string.Join('.', parts[..count])))
            || parts.Skip(1).SkipLast(1).Any(s_importedModules.Contains);
    }
}
