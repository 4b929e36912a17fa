using System.Globalization;
using CudaTts.Cuda.Interop;

namespace CudaTts.Cuda;

/// <summary>NVIDIA's libraries of ready-made kernels, to compare with: the engine uses its own and needs none of them.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Version">The version that was found.</param>
public sealed record CudaLibrary(string Name, string Version)
{
    /// <summary>The libraries that are here, under whichever of their versioned names.</summary>
    public static IReadOnlyList<CudaLibrary> Find()
    {
        var found = new List<CudaLibrary>();
        Add("cuBLASLt", NativeLibraries.CublasLt, LibraryApi.cublasLtGetVersion);
        Add("cuDNN", NativeLibraries.Cudnn, LibraryApi.cudnnGetVersion);
        return found;

        void Add(string name, string library, Func<nuint> version)
        {
            try
            {
                if (NativeLibraries.IsPresent(library))
                {
                    found.Add(new CudaLibrary(name, Text((long)version())));
                }
            }
            catch (EntryPointNotFoundException)
            {
                // Something else under that name.
            }
        }
    }

    // 120405 is 12.4.5; cuDNN 9.1.0 is 90100, before 9 it wrote 8902 for 8.9.2.
    internal static string Text(long number)
    {
        var major = number < 10_000 ? 1000 : 10_000;
        return string.Create(CultureInfo.InvariantCulture, $"{number / major}.{number % major / 100}.{number % 100}");
    }
}
