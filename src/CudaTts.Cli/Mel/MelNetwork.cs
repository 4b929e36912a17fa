using System.CommandLine;
using CudaTts.Compute;
using CudaTts.Models;

namespace CudaTts.Cli.Mel;

/// <summary>What <c>cudatts mel</c> does with one kind of network, and the options that are this network's alone.</summary>
internal abstract class MelNetwork
{
    /// <summary>Every network whose inner values can be written.</summary>
    public static IReadOnlyList<MelNetwork> CreateAll() => [new Tacotron2Mel(), new FastPitchMel()];

    /// <summary>What config.json calls it.</summary>
    public abstract string Type { get; }

    /// <summary>What people call it.</summary>
    public abstract string Title { get; }

    /// <summary>Its own options.</summary>
    public abstract IReadOnlyList<Option> Options { get; }

    /// <summary>The option of <see cref="Options"/> that names a file to read, if there is one.</summary>
    public virtual Option<string?>? InputFile => null;

    /// <summary>Speaks ids and writes what the network puts out.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="folder">The model folder.</param>
    /// <param name="ids">The token ids [T].</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The exit code.</returns>
    public abstract int Run(
        ParseResult parsed, ModelFolder folder, int[] ids, ComputeDevice device, string output, CancellationToken cancellation);
}
