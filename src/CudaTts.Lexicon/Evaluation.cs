using System.Globalization;
using CudaTts.Text.English;
using CudaTts.Text.English.Lexicon;

namespace CudaTts.Lexicon;

/// <summary>How often a model errs on words it has not learned.</summary>
/// <param name="Words">Number of words.</param>
/// <param name="WordErrors">Share of words with any wrong phone, 0 to 1; then with the stress of the vowels counted too.</param>
/// <param name="PhoneErrors">Phones put in, left out or exchanged, over the phones there should be; then with stress.</param>
internal sealed record Evaluation(int Words, (double Without, double With) WordErrors, (double Without, double With) PhoneErrors)
{
    /// <summary>Pronounces every word and compares it with its first pronunciation in the dictionary.</summary>
    public static Evaluation Of(LetterToSound model, IReadOnlyCollection<Pronunciation> words)
    {
        int wrong = 0, wrongWithStress = 0, edits = 0, editsWithStress = 0, phones = 0;
        Parallel.ForEach(words, word =>
        {
            var found = model.Pronounce(word.Word);
            var plain = EditDistance(Plain(found), Plain(word.Phones));
            var stressed = EditDistance(found, word.Phones);
            Interlocked.Add(ref wrong, Math.Min(1, plain));
            Interlocked.Add(ref wrongWithStress, Math.Min(1, stressed));
            Interlocked.Add(ref edits, plain);
            Interlocked.Add(ref editsWithStress, stressed);
            Interlocked.Add(ref phones, word.Phones.Length);
        });
        return new Evaluation(
            words.Count, (Share(wrong, words.Count), Share(wrongWithStress, words.Count)), (Share(edits, phones), Share(editsWithStress, phones)));
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Words} words; word error {WordErrors.Without:P2} (with stress {WordErrors.With:P2}), "
        + $"phoneme error {PhoneErrors.Without:P2} (with stress {PhoneErrors.With:P2})");

    private static double Share(int part, int whole) => whole == 0 ? 0 : (double)part / whole;

    private static string[] Plain(string[] phones) => Array.ConvertAll(phones, phone => Arpabet.WithoutStress([phone]));

    private static int EditDistance(string[] a, string[] b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var exchange = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(exchange, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
