namespace CudaTts.Text;

/// <summary>A sound to be said.</summary>
/// <param name="Symbol">Its name in the symbol table, without a prefix: <c>AH0</c>.</param>
/// <param name="Source">The characters of the written text that it says; all phones of a word have those of the word.</param>
public readonly record struct Phone(string Symbol, TextRange Source);
