using CudaTts.Lexicon;
using CudaTts.Text.English;
using CudaTts.Text.English.Lexicon;

namespace CudaTts.Tests.Text;

[TestFixture]
public sealed class LetterToSoundTests
{
    // The whole held-out tenth takes a quarter of a minute: src/CudaTts.Lexicon evaluate gives the figures of weights/lexicon/README.md.
    [Test]
    public void Held_out_words_are_read_within_the_promised_error()
    {
        var sample = PronunciationData.Words().Where(word => PronunciationData.IsHeldOut(word.Word)).Where((_, index) => index % 8 == 0).ToList();
        var result = Evaluation.Of(LetterToSound.Instance, sample);
        Assert.Multiple(() =>
        {
            Assert.That(result.Words, Is.EqualTo(1550));
            Assert.That(result.WordErrors.Without, Is.InRange(0.15, 0.30), "phones, stress ignored");
            Assert.That(result.PhoneErrors.Without, Is.InRange(0.03, 0.08), "phones, stress ignored");
            Assert.That(result.WordErrors.With, Is.GreaterThan(result.WordErrors.Without).And.LessThan(0.37));
        });
    }

    // The division is by the word alone; were it to change, what was learned would be examined.
    [TestCase("hello", false)]
    [TestCase("keyboard", true)]
    public void Words_stay_on_their_side(string word, bool isHeldOut) => Assert.That(PronunciationData.IsHeldOut(word), Is.EqualTo(isHeldOut));

    [Test]
    public void A_tenth_is_held_out()
    {
        var words = PronunciationData.Words().ToList();
        Assert.That(words, Has.Count.EqualTo(124_894));
        Assert.That(words.Count(word => PronunciationData.IsHeldOut(word.Word)), Is.EqualTo(12_399));
    }

    [Test]
    public void Every_entry_of_the_dictionary_is_found_by_its_word()
    {
        var entries = PronunciationDictionary.Entries().Where((_, index) => index % 37 == 0).ToList();
        Assert.That(entries, Has.All.Matches<(string Word, string[] Phones)>(
            entry => PronunciationDictionary.Lookup(entry.Word)!.SequenceEqual(entry.Phones)));
    }

    [Test]
    public void Any_letters_give_phones_with_one_stress()
    {
        foreach (var word in RandomTexts.Words(seed: 5, count: 1500).Append(new string('a', 5000)).Append("x'y"))
        {
            var phones = LetterToSound.Instance.Pronounce(word);
            Assert.That(phones, Has.All.Matches<string>(phone => Arpabet.Phones.Contains(phone)), word);
            if (word.Length <= LetterToSound.LongestPart)
            {
                Assert.That(phones.Count(phone => phone.EndsWith('1')), Is.EqualTo(Array.Exists(phones, phone => Arpabet.IsVowel(phone)) ? 1 : 0),
                    word);
            }
        }
    }

    [Test]
    public void The_shipped_model_is_small() =>
        Assert.That(EmbeddedData.Open("graphones.bin").Length, Is.LessThan(1_500_000));

    [Test]
    public void A_damaged_model_is_refused() =>
        Assert.That(() => new GraphoneModel("CTG2"u8), Throws.InvalidOperationException.With.Message.Contains("train it again"));

    /// <summary>The trainer on a handful of words: same bytes twice, and what it learned it can say.</summary>
    [Test]
    public void A_small_model_learns_what_it_was_shown()
    {
        var model = SmallModel();
        Assert.That(SmallModel(), Is.EqualTo(model));
        Assert.That(new LetterToSound(new GraphoneModel(model)).Pronounce("phone"), Is.EqualTo(new[] { "F", "OW1", "N" }));
    }

    private static byte[] SmallModel()
    {
        Pronunciation[] words =
        [
            new("phone", ["F", "OW1", "N"]), new("phones", ["F", "OW1", "N", "Z"]), new("tone", ["T", "OW1", "N"]),
                new("tones", ["T", "OW1", "N", "Z"]),
            new("bone", ["B", "OW1", "N"]), new("zone", ["Z", "OW1", "N"]),
        ];
        return Training.Run([.. Enumerable.Repeat(words, 4).SelectMany(word => word)], order: 4, ngrams: 1000, TextWriter.Null);
    }
}
