using CudaTts.Compute;
using CudaTts.Extensions.DependencyInjection;
using CudaTts.Tests.Pipeline;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CudaTts.Server.Tests.Extensions;

/// <summary>The synthesiser as a service of an application.</summary>
[TestFixture]
internal sealed class AddCudaTtsTests
{
    private string _folder = null!;

    [OneTimeSetUp]
    public void Make()
    {
        _folder = Directory.CreateTempSubdirectory("cudatts-services-").FullName;
        TinyVoice.Create(_folder);
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task One_synthesiser_and_one_client_serve_the_whole_application()
    {
        SpeechSynthesizer synthesizer;
        using (var host = HostOf(services => services.AddCudaTts(Configure).AddCudaTtsTextToSpeechClient()))
        {
            await host.StartAsync();
            synthesizer = host.Services.GetRequiredService<SpeechSynthesizer>();
            var client = host.Services.GetRequiredService<ITextToSpeechClient>();
            Assert.That(client.GetService<SpeechSynthesizer>(), Is.SameAs(synthesizer));
            Assert.That(host.Services.GetRequiredService<SpeechSynthesizer>(), Is.SameAs(synthesizer));
            Assert.That((await client.GetAudioAsync("Hello.")).Contents, Has.Count.EqualTo(1));
        }

        Assert.That(() => synthesizer.Speak("Hello."), Throws.TypeOf<ObjectDisposedException>(), "the services dispose of what they have made");
    }

    [Test]
    public async Task Wrong_options_are_refused_when_the_application_starts()
    {
        using var host = HostOf(services => services.AddCudaTts(options =>
        {
            options.VoiceFolder = Path.Combine(_folder, "nowhere");
            options.Device = "cuda:x";
            options.Threads = -1;
            options.Vocoder = "nothing";
            options.Precision = (Precision)9;
        }));
        var error = (await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync()))!;
        Assert.That(error.Failures.Select(failure => failure.Split(':')[0]),
            Is.EqualTo(["VoiceFolder", "Vocoder", "Device", "Threads", "Precision"]));
    }

    [TestCase("auto")]
    [TestCase("cuda:1")]
    [TestCase("emulated")]
    public void Devices_that_may_be_named_are_not_refused(string device)
    {
        using var services = new ServiceCollection().AddCudaTts(options => options.Device = device).BuildServiceProvider();
        Assert.That(services.GetRequiredService<IOptions<CudaTtsOptions>>().Value.Device, Is.EqualTo(device));
    }

    [Test]
    public async Task The_ready_check_loads_the_voice_and_names_it()
    {
        using var host = HostOf(services => services.AddCudaTts(Configure));
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready"));
        Assert.That(report.Entries.Keys, Is.EqualTo(["cudatts"]));
        Assert.That(report.Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(report.Entries["cudatts"].Description, Does.StartWith("tiny on "));
    }

    [Test]
    public async Task A_voice_that_cannot_be_loaded_is_not_ready()
    {
        var damaged = Directory.CreateDirectory(Path.Combine(_folder, "damaged")).FullName;
        await File.WriteAllTextAsync(Path.Combine(damaged, Voice.ManifestName), "{");
        using var host = HostOf(services => services.AddCudaTts(options => options.VoiceFolder = damaged));
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.That(report.Status, Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(report.Entries["cudatts"].Description, Does.Contain(Voice.ManifestName));
    }

    [Test]
    public void Adding_it_twice_configures_further_and_adds_nothing_else()
    {
        var services = new ServiceCollection().AddCudaTts(Configure).AddCudaTts(options => options.Threads = 1);
        services.AddCudaTtsTextToSpeechClient().AddCudaTtsTextToSpeechClient();
        Assert.That(services.Count(service => service.ServiceType == typeof(SpeechSynthesizer)), Is.EqualTo(1));
        Assert.That(services.Count(service => service.ServiceType == typeof(ITextToSpeechClient)), Is.EqualTo(1));
        using var provider = services.AddLogging().BuildServiceProvider();
        Assert.That(provider.GetRequiredService<IOptions<CudaTtsOptions>>().Value.Threads, Is.EqualTo(1));
        Assert.That(provider.GetRequiredService<HealthCheckService>(), Is.Not.Null);
    }

    private void Configure(CudaTtsOptions options) => (options.VoiceFolder, options.Device) = (_folder, "cpu");

    private static IHost HostOf(Action<IServiceCollection> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        configure(builder.Services);
        return builder.Build();
    }
}
