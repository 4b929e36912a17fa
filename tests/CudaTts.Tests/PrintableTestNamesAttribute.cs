using System.Globalization;
using System.Text;
using CudaTts.Tests;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

[assembly: PrintableTestNames]

namespace CudaTts.Tests;

/// <summary>
/// Writes what is not printable in the names of tests as escapes. Runners choose tests by their names in XML, which has no control characters and no
/// halves of characters: a test with such a name would be left out of every filtered run without a word.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class PrintableTestNamesAttribute : NUnitAttribute, IApplyToTest
{
    public void ApplyToTest(Test test)
    {
        (test.Name, test.FullName) = (Printable(test.Name), Printable(test.FullName));
        foreach (var child in test.Tests.OfType<Test>())
        {
            ApplyToTest(child);
        }
    }

    /// <summary>The name with an escape for each code unit that stands for nothing that can be seen.</summary>
    public static string Printable(string name)
    {
        var printable = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsSurrogatePair(name, i))
            {
                printable.Append(name, i++, 2);
            }
            else if (name[i] != ' ' && IsHidden(name[i]))
            {
                printable.Append(CultureInfo.InvariantCulture, $"\\u{(int)name[i]:x4}");
            }
            else
            {
                printable.Append(name[i]);
            }
        }

        return printable.ToString();
    }

    private static bool IsHidden(char unit) => char.GetUnicodeCategory(unit)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
