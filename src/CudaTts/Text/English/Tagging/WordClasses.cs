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

    /// <summary>Such words as the, a, this, every.</summary>
    Determiner,

    /// <summary>Such words as my, your, the boy's.</summary>
    Possessive,

    /// <summary>Such words as I, you, we, they.</summary>
    Subject,

    /// <summary>Such words as he, she, it.</summary>
    ThirdSubject,

    /// <summary>Such words as me, him, them.</summary>
    Object,

    /// <summary>Such words as myself, each other.</summary>
    Reflexive,

    /// <summary>Such words as will, can, I'll.</summary>
    Modal,

    /// <summary>Such words as do, did, doesn't.</summary>
    Do,

    /// <summary>Such words as have, had, I've.</summary>
    Have,

    /// <summary>Such words as is, were, I'm.</summary>
    Be,

    /// <summary>The word "to".</summary>
    To,

    /// <summary>Such words as in, of, with.</summary>
    Preposition,

    /// <summary>Such words as up, down, off: adverbs of direction that are part of verbs.</summary>
    Particle,

    /// <summary>Such words as and, or, but.</summary>
    Conjunction,

    /// <summary>Such words as because, when, if.</summary>
    Subordinator,

    /// <summary>Such words as who, what, why.</summary>
    Question,

    /// <summary>Such words as not, never.</summary>
    Negation,

    /// <summary>Such words as one, two, hundred.</summary>
    Number,

    /// <summary>Such words as very, so, too.</summary>
    Degree,

    /// <summary>Such words as yesterday, ago.</summary>
    PastTime,

    /// <summary>Such words as often, always.</summary>
    Habit,

    /// <summary>Such words as let's, please, let.</summary>
    Request,

    /// <summary>Such words as there, here, then, now.</summary>
    Place,
}
