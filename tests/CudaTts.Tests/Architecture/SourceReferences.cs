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

    /// <summary>Reads every source below a folder, and one more.</summary>
    /// <param name="folder">The folder of the assembly's project.</param>
    /// <param name="more">Source text of a file that is not there, if any.</param>
    public static List<SourceReference> In(string folder, string? more = null)
    {
        var assembly = Path.GetFileName(folder);
        var files = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));
        var trees = files.Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), s_options, file)).ToList();
        if (more is not null)
        {
            trees.Add(CSharpSyntaxTree.ParseText(more, s_options, "more.cs"));
        }


        // By the assembly's own name, so that internal types that others show it are seen.
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, metadataImportOptions: MetadataImportOptions.Internal);
        var compilation = CSharpCompilation.Create(assembly, trees, References(assembly), options);
        compilation = compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText(ImplicitUsings, s_options));
        return [.. trees.AsParallel().AsOrdered().SelectMany(tree => In(tree, compilation.GetSemanticModel(tree)))];
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
