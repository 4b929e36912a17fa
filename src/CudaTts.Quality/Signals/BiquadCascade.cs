using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CudaTts.Quality.Signals;

/// <summary>
/// Filters of second order one after the other. Each works one sample behind the one before it, so that they all work at once, four to a vector;
/// every sample meets the same operations in the same order as it would in one filter after the other.
/// </summary>
internal sealed class BiquadCascade
{
    private const int Lanes = LaneOrder.Lanes;

    // Nothing that can be heard; without a limit the sound of silence would be computed with subnormal numbers, which are slow.
    private const double Silent = 1e-150;

    private readonly Section[] _sections;

    /// <summary>Takes the filters in order.</summary>
    public BiquadCascade(params Biquad[] filters)
    {
        _sections = [.. filters.Chunk(Lanes).Select(four => new Section(four))];
    }

    /// <summary>Filters samples in place, beginning at rest.</summary>
    public void Apply(Span<double> samples)
    {
        var sections = _sections.AsSpan();
        Span<State> states = stackalloc State[sections.Length];
        states.Clear();
        var delay = (Lanes * sections.Length) - 1;
        for (var n = 0; n < samples.Length + delay; n++)
        {
            var input = Vector256.CreateScalar(n < samples.Length ? samples[n] : 0);
            for (var i = 0; i < sections.Length; i++)
            {
                input = states[i].Step(sections[i], input);
            }

            if (n >= delay)
            {
                samples[n - delay] = states[^1].Output[Lanes - 1];
            }
        }
    }

    /// <summary>The coefficients of four filters; where there are fewer, the others let pass what comes.</summary>
    private sealed class Section
    {
        public readonly Vector256<double> B0;
        public readonly Vector256<double> B1;
        public readonly Vector256<double> B2;
        public readonly Vector256<double> A1;
        public readonly Vector256<double> A2;

        public Section(Biquad[] filters)
        {
            Vector256<double> All(Func<Biquad, double> coefficient) =>
                Vector256.Create([.. filters.Concat(Enumerable.Repeat(new Biquad(1, 0, 0, 0, 0), Lanes)).Take(Lanes).Select(coefficient)]);
            (B0, B1, B2) = (All(filter => filter.B0), All(filter => filter.B1), All(filter => filter.B2));
            (A1, A2) = (All(filter => filter.A1), All(filter => filter.A2));
        }
    }

    /// <summary>What four filters remember.</summary>
    private struct State
    {
        public Vector256<double> Output;
        private Vector256<double> _w1;
        private Vector256<double> _w2;

        /// <summary>
        /// One sample for the first filter, and for each other one what its predecessor made last; gives what the fourth made last.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<double> Step(Section section, Vector256<double> input)
        {
            var last = Vector256.Shuffle(Output, Vector256.Create(3L, 0, 1, 2));
            var x = Vector256.ConditionalSelect(Vector256.Create(-1L, 0, 0, 0).AsDouble(), input, last);
            var w = x - (section.A1 * _w1) - (section.A2 * _w2);
            Output = (section.B0 * w) + (section.B1 * _w1) + (section.B2 * _w2);
            _w2 = _w1;
            _w1 = Vector256.ConditionalSelect(Vector256.GreaterThan(Vector256.Abs(w), Vector256.Create(Silent)), w, Vector256<double>.Zero);
            return last;
        }
    }
}
