using CudaTts.Quality.Statistics;

namespace CudaTts.Quality.Listening;

/// <summary>
/// Which sounds a listener hears in which order. <c>Page/plan.js</c> draws the same in the page, number by number; here it tells how long a listener
/// takes, and what the tests hold the page to.
/// </summary>
internal static class ListeningPlan
{
    // Of each pool of extras one for so many trials (P.808: a trap and a gold clip to about ten).
    private const int TrialsPerExtra = 10;

    /// <summary>All trials of a listener.</summary>
    /// <param name="test">The test.</param>
    /// <param name="listener">The listener's number.</param>
    public static IReadOnlyList<PlannedTrial> Of(PageTest test, uint listener) =>
    [
        .. test.Training.Select(sounds => new PlannedTrial("training", Shuffled(test, listener, sounds, "training"))),
        .. (test.Method == ListeningMethod.Mushra ? Pages(test, listener) : Categories(test, listener))
            .Select(sounds => new PlannedTrial("rating", sounds)),
    ];

    private static List<string[]> Pages(PageTest test, uint listener)
    {
        var pages = Enumerable.Range(0, test.Grid.Length).Select(row => new Cell(row, 0, test.Grid[row][0])).ToList();
        Shuffle(pages, new UniformSequence($"order.{test.Seed}.{listener}"));
        return [.. pages.Select(page => Shuffled(test, listener, page.Sounds, $"{page.Row}"))];
    }

    private static List<string[]> Categories(PageTest test, uint listener)
    {
        var cells = test.Full ? Williams(test, listener) : LatinSquare(test, listener);
        Repair(cells);
        var trials = cells.Select(cell => cell.Sounds).ToList();
        var ratings = trials.Count;
        var places = new UniformSequence($"extras.{test.Seed}.{listener}");
        var draw = 0;
        foreach (var pool in test.Extras)
        {
            // Halves go up, as in JavaScript.
            for (var i = 0; i < Math.Max(1, (int)Math.Floor(((double)ratings / TrialsPerExtra) + 0.5)); i++)
            {
                trials.Insert(1 + (int)Math.Floor(places[draw++] * trials.Count), pool[(int)((listener + i) % pool.Length)]);
            }
        }

        return trials;
    }

    /// <summary>Listener L hears sentence j through condition (j + L) mod k, in an order of their own.</summary>
    private static List<Cell> LatinSquare(PageTest test, uint listener)
    {
        var cells = Enumerable.Range(0, test.Grid.Length)
            .Select(row => CellAt(test, listener, row, (int)((row + (long)listener) % test.Grid[row].Length))).ToList();
        Shuffle(cells, new UniformSequence($"order.{test.Seed}.{listener}"));
        return cells;
    }

    /// <summary>
    /// Every sentence through every condition, in blocks of each condition once. A block's order is a row of Williams's square (Australian Journal of
    /// Scientific Research A 2, 1949), in which every condition follows every other equally often; the sentences go round.
    /// </summary>
    private static List<Cell> Williams(PageTest test, uint listener)
    {
        var (rows, conditions) = (test.Grid.Length, test.Grid[0].Length);
        var order = Enumerable.Range(0, rows).ToList();
        Shuffle(order, new UniformSequence($"order.{test.Seed}.{listener}"));
        var cells = new List<Cell>();
        for (var block = 0; block < rows; block++)
        {
            foreach (var condition in WilliamsRow(block + (long)listener, conditions))
            {
                cells.Add(CellAt(test, listener, order[(block + condition) % rows], condition));
            }
        }

        return cells;
    }

    /// <summary>0, 1, k - 1, 2, k - 2, ... moved on by the row; for an odd k every second row backwards.</summary>
    private static int[] WilliamsRow(long row, int conditions)
    {
        var isOdd = conditions % 2 == 1;
        var shift = isOdd ? row / 2 : row;
        int[] line = [.. Enumerable.Range(0, conditions)
            .Select(i => (int)(((i % 2 == 1 ? (i + 1) / 2 : (conditions - (i / 2)) % conditions) + shift) % conditions))];
        if (isOdd && row % 2 == 1)
        {
            Array.Reverse(line);
        }

        return line;
    }

    /// <summary>The sounds of a cell; of two that are compared, every second time the other one comes first.</summary>
    private static Cell CellAt(PageTest test, uint listener, int row, int condition)
    {
        var (sounds, conditions) = (test.Grid[row][condition], test.Grid[row].Length);
        var isReversed = test.Method == ListeningMethod.Ccr && ((row / conditions) + (listener / (uint)conditions) + condition) % 2 == 1;
        return new Cell(row, condition, isReversed ? [sounds[1], sounds[0]] : sounds);
    }

    private static string[] Shuffled(PageTest test, uint listener, string[] sounds, string page)
    {
        if (test.Method != ListeningMethod.Mushra)
        {
            return sounds;
        }

        // The first is the open reference.
        var judged = sounds.Skip(1).ToList();
        Shuffle(judged, new UniformSequence($"sounds.{test.Seed}.{listener}.{page}"));
        return [sounds[0], .. judged];
    }

    /// <summary>Fisher and Yates: from the last to the second, each changes places with one at or before it.</summary>
    private static void Shuffle<T>(List<T> items, UniformSequence uniform)
    {
        for (var i = items.Count - 1; i >= 1; i--)
        {
            var other = (int)Math.Floor(uniform[i] * (i + 1));
            (items[i], items[other]) = (items[other], items[i]);
        }
    }

    /// <summary>
    /// Where two neighbours are of one condition, the later one changes places with the next of another condition, if there is one.
    /// </summary>
    private static void Repair(List<Cell> cells)
    {
        for (var i = 1; i < cells.Count; i++)
        {
            var last = cells[i - 1].Condition;
            if (cells[i].Condition == last && cells.FindIndex(i, cell => cell.Condition != last) is > 0 and var other)
            {
                (cells[i], cells[other]) = (cells[other], cells[i]);
            }
        }
    }

    private readonly record struct Cell(int Row, int Condition, string[] Sounds);
}

/// <summary>One trial of a listener.</summary>
/// <param name="Block">Whether it counts: <c>training</c> or <c>rating</c>.</param>
/// <param name="Sounds">The blind names; of MUSHRA the open reference first.</param>
internal sealed record PlannedTrial(string Block, string[] Sounds);
