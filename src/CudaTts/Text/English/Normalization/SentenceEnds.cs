namespace CudaTts.Text.English.Normalization;

/// <summary>Whether the dot of an abbreviation ends a sentence as well.</summary>
internal static class SentenceEnds
{
    // A word that begins with a capital behind an abbreviation may be a name; these, with a capital, begin a sentence.
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Starters = new HashSet<string>
    {
        "The", "A", "An", "He", "She", "It", "They", "We", "I", "You", "But", "And", "In", "On", "This", "That", "These", "Those", "There", "Then",
        "When", "Where", "Who", "Why", "How", "What", "If", "His", "Her", "Its", "Their", "My", "Our", "Your", "So", "For", "As", "At", "No", "Not",
        "Yes", "After", "Before", "However", "Although", "Some", "Most", "Many", "All", "Once", "Now", "Is", "Are", "Was", "Were", "Do", "Did",
        "Does", "Can", "Could", "Would", "Will", "Should", "Let", "Please", "Everyone", "Nobody", "Later", "Today", "Yesterday", "Tomorrow",
        "Meanwhile", "Each", "Every", "Another", "Both", "Few", "Several", "Such", "While", "With", "Without", "From", "By", "Since", "During",
        "Until", "Unless", "Because", "Though", "Perhaps", "Maybe", "Never", "Always", "Sometimes", "Often", "Soon", "Suddenly", "Finally", "Next",
        "Here", "Nothing", "Something", "Someone", "Everything", "Which", "Whose", "Whether", "Have", "Has", "Had", "Also", "Still", "Just", "Even",
        "Only", "Under", "Over", "Through", "To", "Or", "Yet", "Thus", "Therefore",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether a word with a capital begins a sentence rather than being a name.</summary>
    public static bool IsStarter(ReadOnlySpan<char> word) => Starters.Contains(word);

    /// <summary>Adds the full stop of an abbreviation whose dot ends the sentence: the next word begins one.</summary>
    public static void AfterAbbreviation(Passage passage, int end, bool hasDot)
    {
        if (hasDot && IsStarter(passage.WordAfter(end)))
        {
            passage.Spoken.AddPause('.');
        }
    }
}
