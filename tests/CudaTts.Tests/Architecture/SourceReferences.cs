using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CudaTts.Tests.Architecture;

/// <summary>A type or a member of one namespace that is named in another.</summary>
/// <param name="From">The namespace of the code.</param>
/// <param name="To">The namespace of what it names.</param>
/// <param name="Type">The type that it names, or whose member it names.</param>
/// <param name="File">The file's name.</param>
/// <param name="Line">The line, from 1.</param>
internal readonly record struct SourceReference(string From, string To, string Type, string File, int Line);

/// <summary>What names what in the sources of an assembly, constants and type tests included, which machine code no longer shows.</summary>
internal static class SourceReferences
{
    private const string ImplicitUsings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;
        """;

    private static readonly CSharpParseOptions s_options = new(LanguageVersion.Preview);

    // Reading all sources takes seconds, and several tests ask for the same ones.
    private static readonly ConcurrentDictionary<string, Lazy<CSharpCompilation>> s_compilations = new();

    /// <summary>What every source below a folder names.</summary>
    /// <param name="folder">The folder of the assembly's project.</param>
    public static List<SourceReference> In(string folder)
    {
        var compilation = Compilation(folder);
        return [.. compilation.SyntaxTrees.AsParallel().AsOrdered().SelectMany(tree => In(tree, compilation.GetSemanticModel(tree)))];
    }

    /// <summary>What one more source names that would be among those below a folder.</summary>
    /// <param name="folder">The folder of the assembly's project.</param>
    /// <param name="more">The text of the source, which becomes a file of its own.</param>
    public static List<SourceReference> InOneMore(string folder, string more)
    {
        var tree = CSharpSyntaxTree.ParseText(more, s_options, "more.cs");
        return [.. In(tree, Compilation(folder).AddSyntaxTrees(tree).GetSemanticModel(tree))];
    }

    private static CSharpCompilation Compilation(string folder) =>
        s_compilations.GetOrAdd(folder, _ => new(() => Read(folder))).Value;

    private static CSharpCompilation Read(string folder)
    {
        var assembly = Path.GetFileName(folder);
        var trees = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), s_options, file));

        // By the assembly's own name, so that internal types that others show it are seen.
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, metadataImportOptions: MetadataImportOptions.Internal);
        return CSharpCompilation.Create(assembly, [.. trees, CSharpSyntaxTree.ParseText(ImplicitUsings, s_options)], References(assembly), options);
    }

    private static IEnumerable<SourceReference> In(SyntaxTree tree, SemanticModel model)
    {
        foreach (var name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
        {
            var symbol = model.GetSymbolInfo(name).Symbol;
            var type = symbol as INamedTypeSymbol ?? symbol?.ContainingType;
            if (type is null || symbol is INamespaceSymbol || name.Ancestors().Any(node => node is UsingDirectiveSyntax))
            {
                continue;
            }

            var from = name.FirstAncestorOrSelf<BaseNamespaceDeclarationSyntax>()?.Name.ToString() ?? "";
            var to = type.ContainingNamespace.ToDisplayString();
            if (from != to && to.StartsWith("CudaTts", StringComparison.Ordinal))
            {
                var line = tree.GetLineSpan(name.Span).StartLinePosition.Line + 1;
                yield return new SourceReference(from, to, type.Name, Path.GetFileName(tree.FilePath), line);
            }
        }
    }

    // What the test host has loaded or could load, but for the assembly whose sources are read, and those that are made of it.
    private static IEnumerable<MetadataReference> References(string assembly) => ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator)
        .Where(path => Path.GetFileNameWithoutExtension(path) is var name
            && name != assembly && name is not ("CudaTts.Cli" or "CudaTts.Tests") && (assembly != "CudaTts" || name != "CudaTts.Quality"))
        .Select(path => MetadataReference.CreateFromFile(path));
}
