using CudaTts.Text.English.Normalization;

namespace CudaTts.Text.English;

/// <summary>
/// Words of one spelling and two sounds: record, read, live. Most are a noun or adjective against a verb, which the place in the sentence tells
/// apart (<see cref="Tagging.RoleModel"/>); the others have a rule of their own.
/// </summary>
internal static class Heteronyms
{
    /// <summary>The phones of a word among others; null when it is no heteronym.</summary>
    public static string? Read(IReadOnlyList<SpokenItem> items, int index)
    {
        var word = items[index].Text;
        var context = new WordContext(items, index);
        if ((VerbHeteronyms.Read(word, context) ?? NounHeteronyms.Read(word, context) ?? NameHeteronyms.Read(word, context)) is { } phones)
        {
            return phones;
        }

        return (HeteronymPairs.Find(word) ?? HeteronymPairs.FindInflected(word)) is { } pair ? context.IsVerb ? pair.Verb : pair.Other : null;
    }
}
