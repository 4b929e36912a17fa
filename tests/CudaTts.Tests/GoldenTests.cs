using NUnit.Framework.Internal;

namespace CudaTts.Tests;

/// <summary>Comparisons with stored outputs: each is counted once, whether it holds or not, and what does not hold fails.</summary>
[TestFixture]
internal sealed class GoldenTests
{
    [TestCase(0, 1e-11, true)]
    [TestCase(1e-11, 1e-11, true)]
    [TestCase(1.1e-11, 1e-11, false)]
    [TestCase(double.PositiveInfinity, 1e-3, false)]
    public void A_comparison_is_counted_once_and_fails_beyond_its_limit(double error, double limit, bool holds)
    {
        var (output, failure) = Apart(() => Golden.Matches("mel", error, limit));

        Assert.That(output.Split(Golden.Mark), Has.Length.EqualTo(2), output);
        Assert.That(output, Does.StartWith("mel: NMSE "));
        Assert.That(failure is null, Is.EqualTo(holds));
    }

    [TestCase("1 2 3", true)]
    [TestCase("1 2 4", false)]
    [TestCase("1 2", false)]
    [TestCase("", false)]
    public void Equal_elements_are_counted_once_and_others_fail(string actual, bool holds)
    {
        var (output, failure) = Apart(() => Golden.AreEqual("a text\nof two lines", actual.Split(' '), ["1", "2", "3"]));

        Assert.That(output, Is.EqualTo($"a text of two lines {Golden.Mark}{Environment.NewLine}"));
        Assert.That(failure is null, Is.EqualTo(holds));
    }

    [Test]
    public void A_file_that_is_nowhere_skips_the_test_and_is_named() =>
        Assert.That(
            () => Golden.Path("no_such_file.pt"),
            Throws.TypeOf<IgnoreException>().With.Message.Contains("no_such_file.pt").And.Message.Contains("README.md"));

    [Test]
    public void The_repository_has_the_goldens_of_every_network()
    {
        string[] files = ["tacotron2_full_128", "hifigan_v1", "waveglow_256", "parallel_wavegan", "speech/LJ001-0012.mel"];
        Assert.That(files.Select(file => Golden.Path($"{file}.safetensors")), Is.All.Contains(Path.Combine("tests", "golden")));
    }

    /// <summary>What a comparison writes and throws, in a test of its own, so that it does not count for this one.</summary>
    private static (string Output, Exception? Failure) Apart(Action comparison)
    {
        using (new TestExecutionContext.IsolatedContext())
        {
            var context = TestExecutionContext.CurrentContext;
            try
            {
                comparison();
                return (context.CurrentResult.Output, null);
            }
            catch (AssertionException failure)
            {
                return (context.CurrentResult.Output, failure);
            }
        }
    }
}
