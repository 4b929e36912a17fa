namespace CudaTts.Weights.PyTorch;

/// <summary>
/// Functions that no checkpoint needs and every known attack on Python's unpickler ends in: those that run programs or code, load libraries, or
/// reach files and networks (Python's library reference names them; picklescan and fickling, scanners of others, look for much the same).
/// </summary>
internal static class HostileCallables
{
    // Of these modules any member.
    private static readonly HashSet<string> s_modules =
    [
        "os", "posix", "nt", "posixpath", "ntpath", "subprocess", "_posixsubprocess", "commands", "popen2", "pty", "shutil", "socket", "_socket",
        "socketserver", "ssl", "importlib", "_frozen_importlib", "imp", "runpy", "pkgutil", "zipimport", "zipapp", "sys",
        "ctypes", "_ctypes", "marshal", "pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "operator", "_operator", "asyncio",
        "multiprocessing", "concurrent", "threading", "_thread", "signal", "urllib", "urllib2", "http", "httplib", "requests", "aiohttp", "httpx",
        "ftplib", "smtplib", "telnetlib", "poplib", "imaplib", "webbrowser", "antigravity", "pip", "ensurepip", "venv", "setuptools", "distutils",
        "timeit", "cProfile", "pdb", "bdb", "doctest", "pydoc", "idlelib", "lib2to3", "linecache", "tempfile", "getpass", "sqlite3", "cffi",
        "paramiko", "fabric", "nturl2path",
    ];

    private static readonly HashSet<string> s_builtIns =
    [
        "eval", "exec", "execfile", "compile", "open", "file", "input", "raw_input", "__import__", "getattr", "setattr", "delattr", "globals",
        "locals", "vars", "breakpoint", "apply", "reload", "exit", "quit",
    ];

    // Whatever the module.
    private static readonly HashSet<string> s_functions =
    [
        "system", "popen", "Popen", "eval", "exec", "execfile", "execv", "execve", "execl", "execlp", "execvp", "spawn", "spawnl", "spawnv", "fork",
        "check_output", "check_call", "getoutput", "getstatusoutput", "__import__", "import_module", "load_module", "runstring", "run_cprofile",
        "load_library", "LoadLibrary", "dlopen", "rmtree", "unlink", "urlopen", "urlretrieve", "getlinecode", "run_module", "run_path", "open",
        "interact", "runcode", "runsource",
    ];

    private static readonly HashSet<string> s_names =
    [
        "torch.load", "torch.serialization.load", "torch.jit.load", "torch.hub.load", "torch.hub.load_state_dict_from_url", "torch.ops.load_library",
        "torch.utils.cpp_extension.load", "torch.utils.cpp_extension.load_inline", "torch.utils.collect_env.run", "numpy.load",
        "torch.utils._config_module.load_config", "torch._inductor.codecache.compile_file", "types.CodeType", "types.FunctionType",
        "code.InteractiveInterpreter", "code.InteractiveConsole",
    ];

    /// <summary>Whether only an attack calls what has this dotted name.</summary>
    public static bool Contains(string name)
    {
        var parts = name.Split('.');
        var isBuiltIn = parts[0] is "builtins" or "__builtin__" or "__builtins__";
        return (isBuiltIn ? s_builtIns.Contains(parts[^1]) : s_modules.Contains(parts[0]))
            || s_functions.Contains(parts[^1]) || s_names.Contains(name);
    }
}
