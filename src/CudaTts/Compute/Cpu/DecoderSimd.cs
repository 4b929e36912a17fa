using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CudaTts.Compute.Cpu;

/// <summary>What the decoder's kernels need besides <see cref="ISimd{TVector}"/>: half-precision weights, reductions and activations.</summary>
internal unsafe interface IDecoderSimd<TVector> : ISimd<TVector>
{
    static abstract TVector Create(float value);

    /// <summary>
    /// The values of half-precision numbers times 2^-112 (see <see cref="DecoderMatrix.HalfScale"/>): sign-extend to 32 bits, shift left by 13,
    /// clear the copies of the sign between sign and exponent. May read as many bytes as a full vector has.
    /// </summary>
    static abstract TVector LoadScaledHalf(ushort* source);

    static abstract TVector Divide(TVector a, TVector b);

    static abstract TVector Exp(TVector a);

    /// <summary>2^n, where n is the whole number that was added to 1.5 * 2^23 to give <paramref name="shifted"/>.</summary>
    static abstract TVector PowerOfTwo(TVector shifted);

    /// <summary>Where |a| is less than <paramref name="limit"/> the lane of <paramref name="near"/>, else of <paramref name="far"/>.</summary>
    static abstract TVector SelectByMagnitude(TVector a, float limit, TVector near, TVector far);

    static abstract float Sum(TVector a);

    static abstract float Largest(TVector a);
}

/// <summary>The activations of LSTM cells and of attention, within 2 units in the last place.</summary>
internal static class DecoderActivation<TSimd, TVector>
    where TSimd : IDecoderSimd<TVector>
{
    /// <summary>1 / (1 + exp(-a)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid(TVector a)
    {
        var one = TSimd.Create(1f);
        return TSimd.Divide(one, TSimd.Add(one, TSimd.Exp(TSimd.Multiply(a, TSimd.Create(-1f)))));
    }

    /// <summary>
    /// The hyperbolic tangent: for |a| &lt; 0.625 the odd minimax polynomial that Cephes publishes (tanhf.c); beyond, 1 - 2 / (exp(2a) + 1),
    /// which loses nothing to cancellation there.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh(TVector a)
    {
        var square = TSimd.Multiply(a, a);
        var p = TSimd.MultiplyAdd(TSimd.Create(-5.70498872745e-3f), square, TSimd.Create(2.06390887954e-2f));
        p = TSimd.MultiplyAdd(p, square, TSimd.Create(-5.37397155531e-2f));
        p = TSimd.MultiplyAdd(p, square, TSimd.Create(1.33314422036e-1f));
        p = TSimd.MultiplyAdd(p, square, TSimd.Create(-3.33332819422e-1f));
        var near = TSimd.MultiplyAdd(TSimd.Multiply(p, square), a, a);
        var one = TSimd.Create(1f);
        var far = TSimd.Add(one, TSimd.Divide(TSimd.Create(-2f), TSimd.Add(one, TSimd.Exp(TSimd.Add(a, a)))));
        return TSimd.SelectByMagnitude(a, 0.625f, near, far);
    }
}

internal readonly unsafe partial struct Simd512 : IDecoderSimd<Vector512<float>>
{
    public static Vector512<float> Create(float value) => Vector512.Create(value);

    public static Vector512<float> LoadScaledHalf(ushort* source) =>
        ((Avx512F.ConvertToVector512Int32(Vector256.Load((short*)source)) << 13) & Vector512.Create(unchecked((int)0x8FFFE000))).AsSingle();

    public static Vector512<float> Divide(Vector512<float> a, Vector512<float> b) => a / b;

    public static Vector512<float> Exp(Vector512<float> a) => Vector512.Exp(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> PowerOfTwo(Vector512<float> shifted) => ((shifted.AsInt32() << 23) + Vector512.Create(0x3F800000)).AsSingle();

    public static Vector512<float> SelectByMagnitude(Vector512<float> a, float limit, Vector512<float> near, Vector512<float> far) =>
        Vector512.ConditionalSelect(Vector512.LessThan(Vector512.Abs(a), Vector512.Create(limit)), near, far);

    public static float Sum(Vector512<float> a) => Vector512.Sum(a);

    public static float Largest(Vector512<float> a) => Simd256.Largest(Avx.Max(a.GetLower(), a.GetUpper()));
}

internal readonly unsafe partial struct Simd256 : IDecoderSimd<Vector256<float>>
{
    public static Vector256<float> Create(float value) => Vector256.Create(value);

    public static Vector256<float> LoadScaledHalf(ushort* source) =>
        ((Avx2.ConvertToVector256Int32((short*)source) << 13) & Vector256.Create(unchecked((int)0x8FFFE000))).AsSingle();

    public static Vector256<float> Divide(Vector256<float> a, Vector256<float> b) => a / b;

    public static Vector256<float> Exp(Vector256<float> a) => Vector256.Exp(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> PowerOfTwo(Vector256<float> shifted) => ((shifted.AsInt32() << 23) + Vector256.Create(0x3F800000)).AsSingle();

    public static Vector256<float> SelectByMagnitude(Vector256<float> a, float limit, Vector256<float> near, Vector256<float> far) =>
        Vector256.ConditionalSelect(Vector256.LessThan(Vector256.Abs(a), Vector256.Create(limit)), near, far);

    public static float Sum(Vector256<float> a) => Vector256.Sum(a);

    public static float Largest(Vector256<float> a)
    {
        var four = Sse.Max(a.GetLower(), a.GetUpper());
        var two = Sse.Max(four, Sse.MoveHighToLow(four, four));
        return MathF.Max(two.ToScalar(), two.GetElement(1));
    }
}

internal readonly unsafe partial struct SimdPortable : IDecoderSimd<Vector<float>>
{
    public static Vector<float> Create(float value) => new(value);

    public static Vector<float> LoadScaledHalf(ushort* source) =>
        Vector.AsVectorSingle((Vector.WidenLower(Vector.Load((short*)source)) << 13) & new Vector<int>(unchecked((int)0x8FFFE000)));

    public static Vector<float> Divide(Vector<float> a, Vector<float> b) => a / b;

    public static Vector<float> Exp(Vector<float> a) => Vector.Exp(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> PowerOfTwo(Vector<float> shifted) =>
        Vector.AsVectorSingle((Vector.AsVectorInt32(shifted) << 23) + new Vector<int>(0x3F800000));

    public static Vector<float> SelectByMagnitude(Vector<float> a, float limit, Vector<float> near, Vector<float> far) =>
        Vector.ConditionalSelect(Vector.LessThan(Vector.Abs(a), new Vector<float>(limit)), near, far);

    public static float Sum(Vector<float> a) => Vector.Sum(a);

    public static float Largest(Vector<float> a)
    {
        var largest = a[0];
        for (var lane = 1; lane < Width; lane++)
        {
            largest = MathF.Max(largest, a[lane]);
        }

        return largest;
    }
}
