namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>
/// A kernel's basic blocks and how control goes from one to the next. Block 0 is empty and leads to the kernel's entry and to the functions that it
/// calls. Where a warp has diverged before an exchange between its lanes (BRA.DIV) the code is out of line and is left out.
/// </summary>
internal sealed class FlowGraph
{
    private readonly KernelCode _kernel;
    private readonly List<(int Begin, int End)> _blocks = [(0, 0)];
    private readonly List<int[]> _successors = [];
    private readonly int[] _dominators;

    public FlowGraph(KernelCode kernel)
    {
        _kernel = kernel;
        var next = Enumerable.Range(0, kernel.Instructions.Count).Select(NextInstructions).ToList();
        var entries = kernel.Instructions.Where(instruction => instruction.Name is "CALL").Select(Target).OfType<int>().Prepend(0).Distinct()
            .ToList();
        var leaders = entries.Concat(next.SelectMany((targets, index) => targets is [var only] && only == index + 1 ? [] : targets.Append(index + 1)))
            .Where(index => index < kernel.Instructions.Count).Distinct().Order().ToList();
        _blocks.AddRange(leaders.Select((begin, place) => (begin, place + 1 < leaders.Count ? leaders[place + 1] : kernel.Instructions.Count)));
        int BlockAt(int index) => leaders.BinarySearch(index) + 1;
        _successors.Add(kernel.Instructions.Count == 0 ? [] : entries.Select(BlockAt).ToArray());
        _successors.AddRange(_blocks.Skip(1).Select(block => next[block.End - 1].Select(BlockAt).ToArray()));
        Order = OrderFromEntry();
        Places = Order.Select((block, place) => (block, place)).ToDictionary();
        Predecessors = Order.SelectMany(block => _successors[block].Select(target => (block, target)))
            .ToLookup(edge => edge.target, edge => edge.block);
        _dominators = FindDominators();
    }

    /// <summary>The blocks that can be reached, in reverse postorder: but for loops' back edges, from a block to later ones.</summary>
    public IReadOnlyList<int> Order { get; }

    /// <summary>Each block's place in <see cref="Order"/>.</summary>
    public IReadOnlyDictionary<int, int> Places { get; }

    public ILookup<int, int> Predecessors { get; }

    public IReadOnlyList<int> Successors(int block) => _successors[block];

    public IEnumerable<Instruction> Instructions(int block) =>
        Enumerable.Range(_blocks[block].Begin, Length(block)).Select(index => _kernel.Instructions[index]);

    public int Length(int block) => _blocks[block].End - _blocks[block].Begin;

    /// <summary>Whether every way to <paramref name="block"/> goes through <paramref name="dominator"/>.</summary>
    public bool Dominates(int dominator, int block)
    {
        while (Places[block] > Places[dominator])
        {
            block = _dominators[block];
        }

        return block == dominator;
    }

    private int[] NextInstructions(int index)
    {
        var instruction = _kernel.Instructions[index];
        int[] following = index + 1 < _kernel.Instructions.Count ? [index + 1] : [];
        return instruction.Name switch
        {
            "BRA" when instruction.Opcode.Contains(".DIV", StringComparison.Ordinal) => following,
            "BRA" when Target(instruction) is { } target => instruction.IsConditionalBranch ? [.. following, target] : [target],
            "EXIT" or "RET" or "BRX" or "KILL" => instruction.Predicate is null ? [] : following,
            _ => following,
        };
    }

    // "`(.L_x_12)" as the last operand.
    private int? Target(Instruction instruction) =>
        instruction.Operands is [.., var last] && last.Split('(', ')') is [_, var label, ..] && _kernel.Labels.TryGetValue(label, out var index)
            ? index : null;

    private List<int> OrderFromEntry()
    {
        var order = new List<int>();
        var seen = new HashSet<int> { 0 };
        var way = new Stack<(int Block, int Next)>([(0, 0)]);
        while (way.TryPop(out var here))
        {
            if (here.Next == _successors[here.Block].Length)
            {
                order.Add(here.Block);
                continue;
            }

            way.Push((here.Block, here.Next + 1));
            if (seen.Add(_successors[here.Block][here.Next]))
            {
                way.Push((_successors[here.Block][here.Next], 0));
            }
        }

        order.Reverse();
        return order;
    }

    // Cooper, Harvey and Kennedy, "A simple, fast dominance algorithm" (2001).
    private int[] FindDominators()
    {
        var dominators = new int[_blocks.Count];
        Array.Fill(dominators, -1);
        dominators[0] = 0;
        for (var hasChanged = true; hasChanged;)
        {
            hasChanged = false;
            foreach (var block in Order.Skip(1))
            {
                var common = Predecessors[block].Where(from => dominators[from] >= 0).Aggregate((a, b) => CommonDominator(dominators, a, b));
                hasChanged |= dominators[block] != common;
                dominators[block] = common;
            }
        }

        return dominators;
    }

    private int CommonDominator(int[] dominators, int a, int b)
    {
        while (a != b)
        {
            (a, b) = Places[a] > Places[b] ? (dominators[a], b) : (a, dominators[b]);
        }

        return a;
    }
}
