namespace CudaTts.Tests;

/// <summary>The source checkout that the tests run within.</summary>
internal static class Checkout
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "CudaTts.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("the tests do not run within the source checkout");
    }
}
