using BenchmarkDotNet.Attributes;
using CudaTts.Text;
using CudaTts.Text.Characters;
using CudaTts.Text.English.Lexicon;

namespace CudaTts.Benchmarks.Operations;

/// <summary>The text front end of the public checkpoints, on a sentence with everything that it has to spell out.</summary>
public class TextBenchmarks
{
    private readonly string _sentence = "Dr. Smith paid $3.50 for 1,200 apples on the 21st of May 1999, and St. James's Street was closed.";

    private readonly string[] _words = ["photosynthesis", "through", "zurich's", "xyzzy"];

    [Benchmark]
    public int CleanAndEncode() => SymbolTable.Nvidia.Tokenize(EnglishCleaners.Clean(_sentence)).Tokens.Count;

    /// <summary>Four words, one of which the dictionary does not have.</summary>
    [Benchmark]
    public int Pronounce() => _words.Count(word => PronunciationDictionary.Lookup(word) is not null);
}
