using CudaTts.Text.Espeak;

namespace CudaTts.Tests.Text;

/// <summary>Which words of phonemes say which written words.</summary>
[TestFixture]
internal sealed class WordGroupsTests
{
    [TestCase("a b c", "x y z", "1:1 1:1 1:1")]
    [TestCase("cat in the old house", "kˈæt ɪnðə ˈoʊld hˈaʊs", "1:1 2:1 1:1 1:1")]
    [TestCase("in 1984 we met", "ɪn nˈaɪntiːn ˈeɪɾi fˈoːɹ wiː mˈɛt", "1:1 1:3 1:1 1:1")]
    [TestCase("a", "x y z", "1:3")]
    [TestCase("a b c", "x", "3:1")]
    public void Lengths_tell_which_words_belong_together(string written, string said, string expected)
    {
        var groups = WordGroups.Of(written.Split(' '), said.Split(' '));
        Assert.That(string.Join(' ', groups.Select(group => $"{group.Written}:{group.Said}")), Is.EqualTo(expected));
    }

    [Test]
    public void All_words_are_in_a_group([Values(1, 2, 7, 30, 401)] int written, [Values(1, 3, 29, 500)] int said)
    {
        var groups = WordGroups.Of([.. Enumerable.Repeat("word", written)], [.. Enumerable.Repeat("wɜːd", said)]);
        Assert.That((groups.Sum(group => group.Written), groups.Sum(group => group.Said)), Is.EqualTo((written, said)));
        Assert.That(groups, Has.All.Matches<(int Written, int Said)>(group => group.Written > 0 && group.Said > 0));
    }
}
