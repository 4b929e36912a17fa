using System.Text.RegularExpressions;
using CudaTts.Compute;
using CudaTts.Tests.Gpu;
using CudaTts.Tests.Kernels;
using NUnit.Framework.Interfaces;

[assembly: TestLog]

namespace CudaTts.Tests.Gpu;

/// <summary>
/// Writes each test to the file that <see cref="Variable"/> names, when it begins and when it ends, so that a run that hangs or dies leaves what
/// passed and what it died in. A line has, between tabs, <c>began</c>, <c>passed</c>, <c>failed</c> or <c>skipped</c>, the precisions of the devices
/// the test has opened, and its full name.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class TestLogAttribute : Attribute, ITestAction
{
    /// <summary>Environment variable: the file, to which lines are added.</summary>
    public const string Variable = "CUDATTS_TEST_LOG";

    private static readonly string? s_path = Environment.GetEnvironmentVariable(Variable);

    /// <inheritdoc/>
    public ActionTargets Targets => ActionTargets.Test;

    /// <inheritdoc/>
    public void BeforeTest(ITest test)
    {
        TestDevice.Opened.Clear();
        Write("began", "-", test);
    }

    /// <inheritdoc/>
    public void AfterTest(ITest test)
    {
        var outcome = TestContext.CurrentContext.Result.Outcome.Status switch
        {
            TestStatus.Passed => "passed",
            TestStatus.Failed => "failed",
            _ => "skipped",
        };
        Write(outcome, Precisions(test), test);
    }

    /// <summary>
    /// A device that a fixture opened for all of its tests is not opened by a test: then the precision is in its name, or there is none.
    /// </summary>
    private static string Precisions(ITest test)
    {
        var precisions = TestDevice.Opened.Count > 0
            ? TestDevice.Opened
            : Enum.GetValues<Precision>().Where(precision => Regex.IsMatch(test.FullName, $@"\b{precision}\b"));
        var names = precisions.Order().Select(precision => precision == Precision.Half ? "float16" : "float32").ToList();
        return names.Count > 0 ? string.Join('+', names) : "-";
    }

    private static void Write(string outcome, string precisions, ITest test)
    {
        if (!string.IsNullOrEmpty(s_path))
        {
            File.AppendAllText(s_path, $"{outcome}\t{precisions}\t{test.FullName.ReplaceLineEndings(" ")}\n");
        }
    }
}
