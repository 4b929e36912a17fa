namespace CudaTts.Text.English.Tagging;

/// <summary>
/// What a word can be. The low byte and bit 14 hold the forms of open classes, any number of them; bits 8 to 13 one of <see cref="ClosedClass"/>;
/// the highest bit tells that the word is common enough for the model to know it by itself.
/// </summary>
[Flags]
internal enum WordClasses : ushort
{
    /// <summary>Not a word: a pause, or what lies beyond the text.</summary>
    None = 0,

    /// <summary>A noun in the singular, or a name.</summary>
    Noun = 1,

    /// <summary>A noun in the plural.</summary>
    Plural = 2,

    /// <summary>A verb in its base form or the present.</summary>
    Verb = 4,

    /// <summary>A verb of the third person, in -s.</summary>
    ThirdPerson = 8,

    /// <summary>A verb in -ing.</summary>
    Ing = 16,

    /// <summary>A verb in the past tense.</summary>
    Past = 32,

    /// <summary>An adjective of any degree.</summary>
    Adjective = 64,

    /// <summary>An adverb that is no <see cref="ClosedClass"/>.</summary>
    Adverb = 128,

    /// <summary>A past participle.</summary>
    Participle = 1 << 14,

    /// <summary>The bits that hold forms of open classes.</summary>
    Open = 255 | Participle,

    /// <summary>The model has features of the word itself.</summary>
    IsCommon = 1 << 15,
}

/// <summary>Classes of words that are few and listed one by one.</summary>
internal enum ClosedClass
{
    /// <summary>No such class: the word is of an open one.</summary>
    None,

    /// <summary>the, a, this, every.</summary>
    Determiner,

    /// <summary>my, your, the boy's.</summary>
    Possessive,

    /// <summary>I, you, we, they.</summary>
    Subject,

    /// <summary>he, she, it.</summary>
    ThirdSubject,

    /// <summary>me, him, them.</summary>
    Object,

    /// <summary>myself, each other.</summary>
    Reflexive,

    /// <summary>will, can, I'll.</summary>
    Modal,

    /// <summary>do, did, doesn't.</summary>
    Do,

    /// <summary>have, had, I've.</summary>
    Have,

    /// <summary>is, were, I'm.</summary>
    Be,

    /// <summary>The word "to".</summary>
    To,

    /// <summary>in, of, with.</summary>
    Preposition,

    /// <summary>up, down, off: adverbs of direction that are part of verbs.</summary>
    Particle,

    /// <summary>and, or, but.</summary>
    Conjunction,

    /// <summary>because, when, if.</summary>
    Subordinator,

    /// <summary>who, what, why.</summary>
    Question,

    /// <summary>not and never.</summary>
    Negation,

    /// <summary>one, two, hundred.</summary>
    Number,

    /// <summary>very, so, too.</summary>
    Degree,

    /// <summary>yesterday and ago.</summary>
    PastTime,

    /// <summary>often and always.</summary>
    Habit,

    /// <summary>let's, please, let.</summary>
    Request,

    /// <summary>there, here, then, now.</summary>
    Place,
}
