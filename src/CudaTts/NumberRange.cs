namespace CudaTts;

/// <summary>Which numbers a setting takes; never one that is not a number.</summary>
/// <param name="Least">The least; negative infinity for none.</param>
/// <param name="Most">The greatest.</param>
public readonly record struct NumberRange(double Least, double Most)
{
    /// <summary>Whether <see cref="Least"/> itself is too little.</summary>
    public bool IsOpen { get; init; }

    /// <summary>What is taken, in words.</summary>
    public string Expected => this switch
    {
        { IsOpen: true } => FormattableString.Invariant($"more than {Least} and at most {Most}"),
        { Least: double.NegativeInfinity } => FormattableString.Invariant($"at most {Most}"),
        _ => FormattableString.Invariant($"{Least} to {Most}"),
    };

    /// <summary>Whether a number is taken.</summary>
    public bool Contains(double value) => value >= Least && value <= Most && !(IsOpen && value == Least);

    /// <summary>Refuses a number that is not taken.</summary>
    /// <param name="value">The number.</param>
    /// <param name="name">What the setting is called.</param>
    /// <exception cref="CudaTtsException">Says what was expected and what was found.</exception>
    public void Require(double value, string name)
    {
        if (!Contains(value))
        {
            throw new CudaTtsException(FormattableString.Invariant($"{name}: expected {Expected}, found {value}."));
        }
    }
}
