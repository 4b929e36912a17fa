using System.CommandLine;
using CudaTts.Quality.Listening.Analysis;

namespace CudaTts.Cli.Listening;

/// <summary>When a listener's answers are left out, as options. Whoever changes them does so before seeing the results.</summary>
internal sealed class ScreeningArguments
{
    private static readonly ScreeningRules s_usual = new();

    private readonly Option<double?> _agreement = NumberOption.Of<double>(
        "--least-agreement", new NumberRange(0, 1), "R", "Leave out who correlates less with the others; 0 for nobody, 0.3 when not given.");

    private readonly Option<double?> _deviation = NumberOption.Of<double>(
        "--least-deviation", new NumberRange(0, 100), "SD", "Leave out whose scores spread less; 0.32 when not given.");

    private readonly Option<double?> _fast = NumberOption.Of<double>(
        "--most-fast", new NumberRange(0, 1), "SHARE", "Leave out who answers more often before the clip could have ended; 0.1 when not given.");

    private readonly Option<int?> _gold = NumberOption.Of<int>(
        "--gold-tolerance", new NumberRange(0, 100), "N", "Leave out who is further off with a clip of known quality; 1 when not given.");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_agreement, _deviation, _fast, _gold])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The rules that the arguments ask for.</summary>
    public ScreeningRules Of(ParseResult parsed) => s_usual with
    {
        LeastAgreement = parsed.GetValue(_agreement) ?? s_usual.LeastAgreement,
        LeastDeviation = parsed.GetValue(_deviation) ?? s_usual.LeastDeviation,
        MostFast = parsed.GetValue(_fast) ?? s_usual.MostFast,
        GoldTolerance = parsed.GetValue(_gold) ?? s_usual.GoldTolerance,
    };
}
