using System.CommandLine;
using CudaTts.Lexicon;
using CudaTts.Lexicon.Roles;
using CudaTts.Text.English.Lexicon;

var output = new Argument<string>("output") { Description = "The file to write: src/CudaTts/Text/Lexicon/graphones.bin." };
var order = new Option<int>("--order") { Description = "The n of the n-grams.", DefaultValueFactory = _ => 8 };
var ngrams = new Option<int>("--ngrams") { Description = "N-grams kept.", DefaultValueFactory = _ => 400_000 };
var train = new Command("train", "Learns to read from CMUdict, but for the held-out tenth; the same bytes every time.") { output, order, ngrams };
train.SetAction(parsed =>
{
    var words = PronunciationData.Words().Where(word => !PronunciationData.IsHeldOut(word.Word)).ToList();
    File.WriteAllBytes(parsed.GetValue(output)!, Training.Run(words, parsed.GetValue(order), parsed.GetValue(ngrams), Console.Out));
});

var model = new Option<string?>("--model") { Description = "A model file; the shipped model when there is none." };
var evaluate = new Command("evaluate", "Pronounces every held-out word and prints the error rates.") { model };
evaluate.SetAction(parsed =>
{
    var letterToSound = parsed.GetValue(model) is { } path
        ? new LetterToSound(new GraphoneModel(File.ReadAllBytes(path)))
        : LetterToSound.Instance;
    Console.WriteLine(Evaluation.Of(letterToSound, [.. PronunciationData.Words().Where(word => PronunciationData.IsHeldOut(word.Word))]));
});

var wordNet = new Argument<string>("wordnet") { Description = "The folder of WordNet's database." };
var texts = new Argument<string[]>("texts") { Description = "Plain English texts, a paragraph a line." };
var roles = new Option<string>("--output") { Description = "The file to write: src/CudaTts/Text/English/Tagging/roles.bin.", Required = true };
var buckets = new Option<int>("--buckets") { Description = "Places of weights; one takes five bytes.", DefaultValueFactory = _ => 16384 };
var trainRoles = new Command("train-roles", "Learns where nouns and verbs stand; the same bytes every time.") { wordNet, texts, roles, buckets };
trainRoles.SetAction(parsed => File.WriteAllBytes(
    parsed.GetValue(roles)!,
    new RoleTraining(parsed.GetValue(wordNet)!, parsed.GetValue(texts)!, Console.Out).Run(parsed.GetValue(buckets))));

var compared = new Argument<string[]>("texts")
{
    Description = "Texts, a sentence a line; what stands before a bar is its name.", Arity = ArgumentArity.ZeroOrMore,
};
var drawn = new Option<int>("--words") { Description = "Words of the held-out tenth of CMUdict to read as well, each alone." };
var compare = new Command("compare-espeak", "Counts words that english_ipa writes as espeak-ng does, which must be installed.") { compared, drawn };
compare.SetAction(parsed =>
{
    foreach (var path in parsed.GetValue(compared)!)
    {
        var texts = File.ReadLines(path).Select(line => line[(line.IndexOf('|', StringComparison.Ordinal) + 1)..]);
        Console.WriteLine($"{path}: {EspeakAgreement.Of(texts)}");
    }

    if (parsed.GetValue(drawn) is > 0 and var count)
    {
        // Every so many, so that the alphabet is seen from begin to end.
        var words = PronunciationData.Words().Select(word => word.Word).Where(PronunciationData.IsHeldOut).Distinct().ToList();
        var chosen = Enumerable.Range(0, Math.Min(count, words.Count)).Select(i => words[(int)((long)i * words.Count / count)]);
        Console.WriteLine($"words of CMUdict, each alone: {EspeakAgreement.Of(chosen)}");
    }
});

return new RootCommand("Trains and examines the letter-to-sound model; see weights/lexicon/README.md.") { train, evaluate,
    trainRoles, compare }.Parse(args).Invoke();
