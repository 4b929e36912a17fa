namespace CudaTts.Text.English.Tagging;

/// <summary>What a word does in its sentence.</summary>
internal enum Role
{
    /// <summary>A noun, singular or plural.</summary>
    Noun,

    /// <summary>An adjective before its noun or behind a verb.</summary>
    Adjective,

    /// <summary>A verb in the base form or the present.</summary>
    Verb,

    /// <summary>A verb in the past tense.</summary>
    Past,

    /// <summary>A past participle.</summary>
    Participle,
}

/// <summary>How well each role fits a place; whole numbers, so that they are the same on every machine.</summary>
internal record struct RoleScores(int Noun, int Adjective, int Verb, int Past, int Participle)
{
    /// <summary>The number of roles.</summary>
    public const int Count = 5;

    /// <summary>Adds the weights of a feature, in the order of <see cref="Role"/>.</summary>
    public void Add(ReadOnlySpan<sbyte> weights)
    {
        Noun += weights[(int)Role.Noun];
        Adjective += weights[(int)Role.Adjective];
        Verb += weights[(int)Role.Verb];
        Past += weights[(int)Role.Past];
        Participle += weights[(int)Role.Participle];
    }

    /// <summary>How much better a verb in the present or the past tense fits than a noun or an adjective.</summary>
    public readonly int VerbOverOther => Math.Max(Verb, Past) - Math.Max(Noun, Adjective);

    /// <summary>How much better a past form fits than a noun or an adjective.</summary>
    public readonly int PastOverOther => Math.Max(Past, Participle) - Math.Max(Noun, Adjective);

    /// <summary>How much better a past form fits than the present or the base form.</summary>
    public readonly int PastOverVerb => Math.Max(Past, Participle) - Verb;
}
