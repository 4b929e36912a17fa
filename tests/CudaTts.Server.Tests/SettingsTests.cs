using CudaTts.Server.Settings;
using Microsoft.Extensions.Configuration;

namespace CudaTts.Server.Tests;

/// <summary>Settings and arguments: what cannot be meant is one clear line at the start, and exit code 2.</summary>
[TestFixture]
internal sealed class SettingsTests
{
    [TestCase("--CudaTts:Voise=x", "CudaTts:Voise: there is no such setting; expected one of")]
    [TestCase("--CudaTts:Limits:Speed=1", "CudaTts:Limits:Speed: there is no such setting")]
    [TestCase("--CudaTts:Voice=/not/there", "CudaTts:Voice: there is no such folder: '/not/there'.")]
    [TestCase("--voice=/not/there", "CudaTts:Voice: there is no such folder: '/not/there'.")]
    [TestCase("--CudaTts:Voices:a=/not/there", "CudaTts:Voices:a: there is no such folder")]
    [TestCase("--CudaTts:Voices:a b=/", "CudaTts:Voices:a b: expected a name of 1 to 64 letters")]
    [TestCase("--CudaTts:Voice:Folder=x", "CudaTts:Voice: expected one value, found a list or an object.")]
    [TestCase("--device=gpu", "CudaTts:Device: expected auto, cpu, cuda, cuda:N or emulated, found 'gpu'.")]
    [TestCase("--device=cuda:", "CudaTts:Device: expected auto")]
    [TestCase("--CudaTts:Threads=-1", "CudaTts:Threads: expected a whole number from 0 to 256, found '-1'.")]
    [TestCase("--CudaTts:Precision=half", "CudaTts:Precision: expected float16 or float32, found 'half'.")]
    [TestCase("--CudaTts:Limits:Waiting=many", "CudaTts:Limits:Waiting: expected a whole number from 0 to 100000, found 'many'.")]
    [TestCase("--CudaTts:Limits:InputCharacters=0", "CudaTts:Limits:InputCharacters: expected a whole number from 1 to")]
    [TestCase("--CudaTts:Limits:RequestSeconds=99999999999", "CudaTts:Limits:RequestSeconds: expected")]
    [TestCase("--CudaTts:Limits=5", "CudaTts:Limits: expected an object, found '5'.")]
    [TestCase("--CudaTts:LogText=yes", "CudaTts:LogText: expected true or false, found 'yes'.")]
    [TestCase("--CudaTts:OnDeviceError=retry", "CudaTts:OnDeviceError: expected exit or cpu, found 'retry'.")]
    [TestCase("--CudaTts:Keys:0:Name=a", "CudaTts:Keys:0:Sha256: a key needs its SHA-256")]
    [TestCase("--CudaTts:Keys:0:Sha256=secret", "CudaTts:Keys:0:Name: a key needs a name.")]
    [TestCase("--CudaTts:Metrics:Port=70000", "CudaTts:Metrics:Port: expected a whole number from 1 to 65535")]
    [TestCase("--CudaTts:Metrics:Key=secret", "CudaTts:Metrics:Key: expected a SHA-256")]
    [TestCase("--CudaTts:Cors:Origins=example.org", "CudaTts:Cors:Origins: expected '*' or an origin such as https://example.org, found")]
    [TestCase("--port=x", "--port: expected a whole number from 0 to 65535, found 'x'.")]
    [TestCase("--speed=1", "'--speed': there is no such argument; expected --voice")]
    [TestCase("serve", "'serve': there is no such argument")]
    [TestCase("--voice", "--voice: a value is missing behind it.")]
    [TestCase("--settings=/not/there.json", "--settings: there is no such file: '/not/there.json'.")]
    public async Task A_wrong_setting_is_one_line_and_exit_code_2(string argument, string message)
    {
        using var error = new StringWriter();
        var code = await ServerProgram.RunAsync([argument], TextWriter.Null, error);
        Assert.That(code, Is.EqualTo(2));
        Assert.That(error.ToString(), Does.Contain(message).And.StartWith("cudatts-server: "));
        Assert.That(error.ToString().Trim(), Does.Not.Contain("\n"));
    }

    [TestCase("keys")]
    [TestCase("keys", "add")]
    [TestCase("keys", "add", "a b")]
    [TestCase("keys", "remove", "a")]
    [TestCase("keys", "add", "a", "--parallel", "0")]
    [TestCase("keys", "add", "a", "--what", "1")]
    [TestCase("keys", "add", "a", "--parallel")]
    public async Task A_wrong_use_of_keys_is_one_line_and_exit_code_2(params string[] arguments)
    {
        using var error = new StringWriter();
        Assert.That(await ServerProgram.RunAsync(arguments, TextWriter.Null, error), Is.EqualTo(2));
        Assert.That(error.ToString().Trim(), Is.Not.Empty.And.Not.Contain("\n"));
    }

    [Test]
    public void Without_settings_everything_has_its_default()
    {
        var settings = SettingsReader.Read(new ConfigurationBuilder().Build());
        Assert.That(settings.Limits, Is.EqualTo(new ServerLimits()));
        Assert.That(
            (settings.Voice, settings.Keys.Count, settings.LogText, settings.OnDeviceError),
            Is.EqualTo(((string?)null, 0, false, DeviceErrorAction.Exit)));
    }

    [Test]
    public void Everything_that_can_be_set_is_read()
    {
        using var folder = new TemporaryFolder();
        var hash = new string('A', 64);
        var settings = SettingsReader.Read(new ConfigurationBuilder().AddCommandLine(
        [
            $"--CudaTts:Voice={folder.Path("")}", $"--CudaTts:Voices:other={folder.Path("")}", "--CudaTts:Device=cuda:1", "--CudaTts:Threads=1",
            "--CudaTts:Precision=float32", "--CudaTts:Vocoder=griffin-lim", "--CudaTts:Limits:Waiting=7", "--CudaTts:Keys:0:Name=a",
            $"--CudaTts:Keys:0:Sha256={hash}",
            "--CudaTts:Keys:0:Parallel=2", "--CudaTts:Cors:Origins:0=https://a.org", "--CudaTts:Cors:Origins:1=http://b.org:81",
            "--CudaTts:Metrics:Port=9000",
            $"--CudaTts:Metrics:Key={hash}", "--CudaTts:LogText=true", "--CudaTts:OnDeviceError=cpu",
        ]).Build());

        Assert.That((settings.Device.Name, settings.Device.Threads, settings.Vocoder), Is.EqualTo(("cuda:1", 1, "griffin-lim")));
        Assert.That(settings.Voices.Keys, Is.EqualTo(new[] { "other" }));
        Assert.That(settings.Limits, Is.EqualTo(new ServerLimits { Waiting = 7 }));
        Assert.That(settings.Keys.Single(), Is.EqualTo(new ApiKey("a", hash.ToLowerInvariant()) { Parallel = 2 }));
        Assert.That(settings.CorsOrigins, Is.EqualTo(new[] { "https://a.org", "http://b.org:81" }));
        Assert.That((settings.MetricsPort, settings.MetricsKey, settings.LogText), Is.EqualTo(((int?)9000, hash.ToLowerInvariant(), true)));
        Assert.That(settings.OnDeviceError, Is.EqualTo(DeviceErrorAction.Cpu));
    }
}
