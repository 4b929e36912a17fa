using CudaTts.Text.English.Tagging;

namespace CudaTts.Lexicon.Roles;

/// <summary>The words of closed classes. A word of two classes has that in which it is more common.</summary>
internal static class ClosedWords
{
    private static readonly (ClosedClass Class, string Words)[] Lists =
    [
        (ClosedClass.Determiner, "the a an this that these those every each some any no another both all either neither such"),
        (ClosedClass.Possessive, "my your his her its our their whose"),
        (ClosedClass.Subject, "i you we they"),
        (ClosedClass.ThirdSubject, "he she it everyone everybody someone somebody anyone anybody nobody everything something anything nothing"),
        (ClosedClass.Object, "me him them us"),
        (ClosedClass.Reflexive, "myself yourself himself herself itself ourselves yourselves themselves"),
        (ClosedClass.Modal, "will would can could shall should may might must cannot won't wouldn't can't couldn't shouldn't mustn't needn't i'll "
            + "you'll he'll she'll it'll we'll they'll i'd you'd he'd she'd we'd they'd that'll who'll there'll ought"),
        (ClosedClass.Do, "do does did don't doesn't didn't"),
        (ClosedClass.Have, "have has had having haven't hasn't hadn't i've you've we've they've could've should've would've might've must've"),
        (ClosedClass.Be, "be am is are was were been being isn't aren't wasn't weren't i'm you're he's she's it's we're they're that's there's "
            + "what's who's where's how's here's ain't get gets got getting"),
        (ClosedClass.To, "to"),
        (ClosedClass.Preposition, "of in on at by for with from into onto upon about against between among through during without within under "
            + "over across along behind beyond near toward towards beside beneath below above inside outside per via despite like unlike "
            + "throughout around amid versus"),
        (ClosedClass.Particle, "up down off out away back apart together forward aside"),
        (ClosedClass.Conjunction, "and or but nor yet plus"),
        (ClosedClass.Subordinator, "because if when while until till unless although though since whereas whether after before as than once so "
            + "whenever wherever"),
        (ClosedClass.Question, "who whom which what why how where whoever whatever"),
        (ClosedClass.Negation, "not never hardly scarcely barely"),
        (ClosedClass.Number, "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
            + "nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion dozen several many few much more "
            + "most less least half enough"),
        (ClosedClass.Degree, "very too quite rather almost nearly really just only even still also already simply soon ever perhaps maybe"),
        (ClosedClass.PastTime, "yesterday ago last earlier previously formerly"),
        (ClosedClass.Habit, "often always usually sometimes rarely seldom daily frequently generally"),
        (ClosedClass.Request, "let's please let lets"),
        (ClosedClass.Place, "there here then now today tomorrow tonight again abroad everywhere"),
    ];

    /// <summary>Every word with its class.</summary>
    public static IEnumerable<(string Word, WordClasses Classes)> All =>
        Lists.SelectMany(list => list.Words.Split(' ').Select(word => (word, RoleModel.Closed(list.Class))));
}
