namespace CudaTts.Server.Settings;

/// <summary>A setting or an argument cannot be meant; the message is one line that says what was expected, and what was found.</summary>
internal sealed class SettingsException(string message) : Exception(message);
