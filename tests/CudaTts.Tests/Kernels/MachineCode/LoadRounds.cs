namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>
/// How a loop's own global loads wait for each other. Time is counted in trips to memory: a load that is issued at time t arrives at t + 1, an
/// instruction that waits for scoreboards moves the time to where all that is pending on them has arrived, and everything else takes no time.
/// </summary>
/// <param name="InFlight">The largest number of loads that are under way at once; null where nothing in the loop waits for any.</param>
/// <param name="Rounds">
/// Trips to memory one after another that a trip of the loop takes; below 1 where loads are waited for several trips later.
/// </param>
/// <param name="WaitsForHost">Whether one wait is for a load of the host's memory and for other loads too.</param>
internal sealed record LoadRounds(int? InFlight, double Rounds, bool WaitsForHost)
{
    // What is under way in the first trips comes from before the loop: the figures are those of the trips after them.
    private const int FirstTrips = 6;
    private const int CountedTrips = 12;

    public static LoadRounds Of(IReadOnlyList<Step> trip) => Of(trip, FirstTrips, CountedTrips);

    /// <summary>The same for code that is run once.</summary>
    public static LoadRounds OfOneTrip(IReadOnlyList<Step> trip) => Of(trip, 0, 1);

    private static LoadRounds Of(IReadOnlyList<Step> trip, int firstTrips, int countedTrips)
    {
        var pipeline = new Pipeline();
        var begin = 0;
        for (var i = 0; i < firstTrips + countedTrips; i++)
        {
            begin = i == firstTrips ? pipeline.Begin() : begin;
            foreach (var step in trip)
            {
                pipeline.Issue(step);
            }
        }

        var rounds = pipeline.Time - begin;
        return new LoadRounds(rounds == 0 ? null : pipeline.MostInFlight, (double)rounds / countedTrips, pipeline.WaitsForHost);
    }

    private readonly record struct Pending(int Arrival, bool IsLoad, bool IsHostLoad);

    private sealed class Pipeline
    {
        private readonly List<Pending>[] _scoreboards = Enumerable.Range(0, ControlBits.Scoreboards).Select(_ => new List<Pending>()).ToArray();
        private readonly List<int> _arrivals = [];
        private int _copiesArrive;

        public int Time { get; private set; }

        public int MostInFlight { get; private set; }

        public bool WaitsForHost { get; private set; }

        public int Begin()
        {
            MostInFlight = 0;
            return Time;
        }

        public void Issue(Step step)
        {
            WaitFor(step.Instruction);
            var isLoad = step.Instruction.IsGlobalLoad && step.IsOwn;
            var pending = new Pending(isLoad ? Time + 1 : 0, isLoad, isLoad && step.Instruction.IsHostLoad);
            if (isLoad)
            {
                _arrivals.RemoveAll(arrival => arrival <= Time);
                _arrivals.Add(pending.Arrival);
                MostInFlight = Math.Max(MostInFlight, _arrivals.Count);
            }

            if (step.Instruction.IsAsynchronousCopy)
            {
                _copiesArrive = Math.Max(_copiesArrive, pending.Arrival);
            }
            else if (step.Instruction.Name is "LDGDEPBAR")
            {
                pending = new Pending(_copiesArrive, true, false);
                _copiesArrive = 0;
            }

            if (step.Instruction.Control.ResultScoreboard is { } scoreboard && !step.Instruction.IsAsynchronousCopy)
            {
                _scoreboards[scoreboard].Add(pending);
            }
        }

        private void WaitFor(Instruction instruction)
        {
            if (instruction.Control.WaitMask == 0 && !instruction.IsGroupWait)
            {
                return;
            }

            var awaited = new List<Pending>();
            for (var scoreboard = 0; scoreboard < ControlBits.Scoreboards; scoreboard++)
            {
                if (instruction.Control.WaitsFor(scoreboard))
                {
                    awaited.AddRange(_scoreboards[scoreboard]);
                    _scoreboards[scoreboard].Clear();
                }
            }

            if (instruction.IsGroupWait)
            {
                var entries = _scoreboards[instruction.Operands[0][^1] - '0'];
                var count = Math.Max(0, entries.Count - Convert.ToInt32(instruction.Operands[1], 16));
                awaited.AddRange(entries.Take(count));
                entries.RemoveRange(0, count);
            }

            WaitsForHost |= awaited.Any(pending => pending.IsHostLoad) && awaited.Any(pending => pending.IsLoad && !pending.IsHostLoad);
            Time = awaited.Aggregate(Time, (time, pending) => Math.Max(time, pending.Arrival));
        }
    }
}
