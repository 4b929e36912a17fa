using System.Text;

namespace CudaTts.Text.English.Normalization;

/// <summary>English words of numbers given as decimal digits, so that their size is not limited by an integer type.</summary>
internal static class NumberWords
{
    private static readonly string[] Small =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen",
        "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    private static readonly string[] Tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    private static readonly string[] Powers =
    [
        "", " thousand", " million", " billion", " trillion", " quadrillion", " quintillion", " sextillion", " septillion", " octillion",
        " nonillion", " decillion",
    ];

    /// <summary>The longest number with a name; longer ones are read digit by digit.</summary>
    public static int MostDigits => 3 * Powers.Length;

    /// <summary>
    /// Cardinal number: groups of thousands separated by <paramref name="separator"/>, <paramref name="and"/> before the tens ("" or " and"),
    /// and, as Python's inflect has it, also in front of a last group of one word.
    /// </summary>
    public static string Cardinal(ReadOnlySpan<char> digits, string separator = " ", string and = "")
    {
        digits = digits.TrimStart('0');
        if (digits.IsEmpty)
        {
            return Small[0];
        }

        if (digits.Length > MostDigits)
        {
            return Digits(digits);
        }

        var words = new StringBuilder();
        for (var power = (digits.Length - 1) / 3; power >= 0; power--)
        {
            var end = digits.Length - (3 * power);
            var group = BelowThousand(int.Parse(digits[Math.Max(0, end - 3)..end], provider: null), and);
            if (group.Length == 0)
            {
                continue;
            }

            var isLastSingleWord = power == 0 && !group.Contains(' ', StringComparison.Ordinal);
            words.Append(words.Length == 0 ? "" : isLastSingleWord ? $"{and} " : separator).Append(group).Append(Powers[power]);
        }

        return words.ToString();
    }

    /// <inheritdoc cref="Cardinal(ReadOnlySpan{char}, string, string)"/>
    public static string Cardinal(int number) => Cardinal(number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The ordinal of a cardinal in words: its last word takes the ending.</summary>
    public static string Ordinal(string cardinal)
    {
        var start = cardinal.LastIndexOfAny([' ', '-']) + 1;
        var ordinal = cardinal[start..] switch
        {
            "one" => "first",
            "two" => "second",
            "three" => "third",
            "five" => "fifth",
            "eight" => "eighth",
            "nine" => "ninth",
            "twelve" => "twelfth",
            var word when word.EndsWith("ty", StringComparison.Ordinal) => word[..^1] + "ieth",
            var word => word + "th",
        };
        return cardinal[..start] + ordinal;
    }

    /// <summary>
    /// A year or a house number of four digits, in pairs: "nineteen oh five", "eighteen hundred", "two thousand ten" as "twenty ten".
    /// </summary>
    public static string Pairs(int number)
    {
        if (number is >= 2000 and < 2010)
        {
            return number == 2000 ? "two thousand" : "two thousand " + Small[number % 100];
        }

        var (century, rest) = (BelowThousand(number / 100, ""), number % 100);
        return rest == 0 ? century + " hundred" : rest < 10 ? $"{century} oh {Small[rest]}" : $"{century} {BelowThousand(rest, "")}";
    }

    /// <summary>Digit by digit.</summary>
    public static string Digits(ReadOnlySpan<char> digits)
    {
        var words = new StringBuilder(6 * digits.Length);
        foreach (var digit in digits)
        {
            words.Append(words.Length == 0 ? "" : " ").Append(Small[digit - '0']);
        }

        return words.ToString();
    }

    private static string BelowThousand(int number, string and)
    {
        var (hundreds, rest) = (number / 100, number % 100);
        var tail = rest == 0 ? "" : rest < 20 ? Small[rest] : rest % 10 == 0 ? Tens[rest / 10] : $"{Tens[rest / 10]}-{Small[rest % 10]}";
        return hundreds == 0 ? tail : tail.Length == 0 ? $"{Small[hundreds]} hundred" : $"{Small[hundreds]} hundred{and} {tail}";
    }
}
