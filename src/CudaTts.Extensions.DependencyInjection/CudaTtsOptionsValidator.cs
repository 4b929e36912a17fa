using System.Globalization;
using CudaTts.Compute;
using Microsoft.Extensions.Options;

namespace CudaTts.Extensions.DependencyInjection;

/// <summary>Refuses options that cannot be meant when the program starts, not when somebody first speaks.</summary>
internal sealed class CudaTtsOptionsValidator : IValidateOptions<CudaTtsOptions>
{
    private static readonly string[] s_devices = ["auto", "cpu", "cuda", "emulated"];

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, CudaTtsOptions options)
    {
        var faults = Faults(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(CudaTtsOptions options)
    {
        if (options.VoiceFolder is { } folder && !File.Exists(Path.Combine(folder, Voice.ManifestName)))
        {
            yield return $"{nameof(CudaTtsOptions.VoiceFolder)}: expected a folder with a {Voice.ManifestName}, found none in '{folder}'.";
        }

        if (options.Vocoder is { } vocoder && vocoder != Models.Vocoder.GriffinLimName && !Directory.Exists(vocoder))
        {
            yield return $"{nameof(CudaTtsOptions.Vocoder)}: expected a vocoder's folder or {Models.Vocoder.GriffinLimName}, found '{vocoder}'.";
        }

        if (!IsDevice(options.Device))
        {
            yield return $"{nameof(CudaTtsOptions.Device)}: expected {string.Join(", ", s_devices)} or cuda:N, found '{options.Device}'.";
        }

        if (options.Threads is < 0 or > ComputeDevice.MostThreads)
        {
            yield return $"{nameof(CudaTtsOptions.Threads)}: expected 0 to {ComputeDevice.MostThreads}, found {options.Threads}.";
        }

        if (!Enum.IsDefined(options.Precision))
        {
            var known = string.Join(" or ", Enum.GetNames<Precision>());
            yield return $"{nameof(CudaTtsOptions.Precision)}: expected {known}, found {options.Precision}.";
        }
    }

    private static bool IsDevice(string device) => s_devices.Contains(device)
        || (device.Split(':') is ["cuda", var index] && ushort.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out _));
}
