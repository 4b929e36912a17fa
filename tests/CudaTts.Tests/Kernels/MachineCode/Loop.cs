namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>One instruction on the way of a loop's trip.</summary>
/// <param name="Instruction">The instruction.</param>
/// <param name="IsOwn">Whether it belongs to the loop itself and to none within it.</param>
/// <param name="EntersOrLeaves">Whether it is the first after an inner loop has begun or ended.</param>
internal readonly record struct Step(Instruction Instruction, bool IsOwn, bool EntersOrLeaves);

/// <summary>A natural loop: a block that is branched back to, and all from which the branch back is reached without leaving.</summary>
internal sealed class Loop
{
    private Loop(FlowGraph graph, int header, HashSet<int> blocks)
    {
        Graph = graph;
        Header = header;
        Blocks = blocks;
    }

    public FlowGraph Graph { get; }

    public int Header { get; }

    public IReadOnlySet<int> Blocks { get; }

    /// <summary>The loops directly or indirectly within this one.</summary>
    public IReadOnlyList<Loop> Inner { get; private set; } = [];

    /// <summary>The number of loops around this one.</summary>
    public int Depth { get; private set; }

    /// <summary>A trip: of all ways from the header back to it, that with most global loads, then with most instructions; inner loops once.</summary>
    public IReadOnlyList<Step> Trip { get; private set; } = [];

    /// <summary>The trip's last instruction: the branch back.</summary>
    public Instruction Branch => Trip[^1].Instruction;

    /// <summary>A kernel's loops in the order of their addresses.</summary>
    public static IReadOnlyList<Loop> FindAll(KernelCode kernel)
    {
        var graph = new FlowGraph(kernel);
        var edges = graph.Order.SelectMany(from => graph.Successors(from).Select(to => (from, to)));
        var loops = edges.Where(edge => graph.Places[edge.to] <= graph.Places[edge.from] && graph.Dominates(edge.to, edge.from))
            .GroupBy(edge => edge.to, edge => edge.from).OrderBy(group => group.Key)
            .Select(group => new Loop(graph, group.Key, Body(graph, group.Key, group))).ToList();
        foreach (var loop in loops)
        {
            loop.Inner = loops.Where(other => other != loop && loop.Blocks.Contains(other.Header)).ToList();
            loop.Depth = loops.Count(other => other != loop && other.Blocks.Contains(loop.Header));
        }

        foreach (var loop in loops)
        {
            loop.Trip = loop.FindTrip();
        }

        return loops;
    }

    /// <summary>All of a kernel as if it were a loop of one trip: what is outside its loops is its own.</summary>
    public static Loop Whole(KernelCode kernel, IReadOnlyList<Loop> loops)
    {
        var graph = loops.Count > 0 ? loops[0].Graph : new FlowGraph(kernel);
        var whole = new Loop(graph, 0, [.. graph.Order]) { Inner = loops };
        whole.Trip = whole.FindTrip();
        return whole;
    }

    private static HashSet<int> Body(FlowGraph graph, int header, IEnumerable<int> latches)
    {
        var body = new HashSet<int> { header };
        var waiting = new Stack<int>(latches);
        while (waiting.TryPop(out var block))
        {
            if (body.Add(block))
            {
                foreach (var predecessor in graph.Predecessors[block])
                {
                    waiting.Push(predecessor);
                }
            }
        }

        return body;
    }

    private List<Step> FindTrip()
    {
        var steps = new List<Step>();
        var before = (Loop?)null;
        foreach (var block in LongestWay())
        {
            var innermost = Inner.Where(loop => loop.Blocks.Contains(block)).MinBy(loop => loop.Blocks.Count);
            var first = steps.Count;
            steps.AddRange(Graph.Instructions(block).Select(instruction => new Step(instruction, innermost is null, false)));
            if (innermost != before && steps.Count > first)
            {
                steps[first] = steps[first] with { EntersOrLeaves = true };
                before = innermost;
            }
        }

        return steps;
    }

    private IEnumerable<int> LongestWay()
    {
        (int Loads, int Length, int Next) end = (0, 0, -1);
        var longest = new Dictionary<int, (int Loads, int Length, int Next)>();
        foreach (var block in Blocks.OrderByDescending(block => Graph.Places[block]))
        {
            var following = Graph.Successors(block);
            var ways = following.Where(next => next != Header && longest.ContainsKey(next) && Graph.Places[next] > Graph.Places[block])
                .Select(next => (longest[next].Loads, longest[next].Length, Next: next))
                .Concat(following.Count == 0 || following.Contains(Header) ? [end] : []).ToList();
            if (ways.Count > 0)
            {
                var way = ways.OrderByDescending(way => way.Loads).ThenByDescending(way => way.Length).First();
                var loads = Graph.Instructions(block).Count(instruction => instruction.IsGlobalLoad);
                longest[block] = (way.Loads + loads, way.Length + Graph.Length(block), way.Next);
            }
        }

        // Code that never ends, as an excerpt may be, has no way.
        for (var block = longest.ContainsKey(Header) ? Header : -1; block >= 0; block = longest[block].Next)
        {
            yield return block;
        }
    }
}
