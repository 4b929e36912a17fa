using System.ClientModel;
using System.Diagnostics;
using CudaTts.Audio;
using OpenAI;
using OpenAI.Audio;

namespace CudaTts.Server.Tests;

/// <summary>Clients that were written for OpenAI's service work unchanged.</summary>
[TestFixture]
internal sealed class OpenAiClientTests
{
    private static readonly string s_nodeScript = """
        import OpenAI from 'openai';
        const client = new OpenAI({ baseURL: process.argv[2], apiKey: 'any', maxRetries: 0 });
        const models = await client.models.list();
        const hello = { model: 'gpt-4o-mini-tts', voice: 'coral', input: 'Hello from node.', response_format: 'wav' };
        const speech = await client.audio.speech.create(hello);
        const bytes = Buffer.from(await speech.arrayBuffer());
        let message = '';
        try {
            await client.audio.speech.create({ model: 'tts-1', voice: 'nobody', input: 'Hi.' });
        } catch (error) {
            message = `${error.constructor.name} ${error.status} ${error.param}`;
        }
        console.log(`${models.data.map(model => model.id)} ${bytes.subarray(0, 4)} ${bytes.length > 20000} ${message}`);
        """;

    private static OpenAIClientOptions Options => new() { Endpoint = new Uri(SharedServer.Instance.Address, "/v1") };

    [Test]
    public async Task The_official_package_for_dotnet_speaks()
    {
        var client = new AudioClient("tts-1", new ApiKeyCredential("any"), Options);
        var speech = await client.GenerateSpeechAsync(
            "Hello from the official client.", GeneratedSpeechVoice.Alloy,
            new SpeechGenerationOptions { ResponseFormat = GeneratedSpeechFormat.Wav, SpeedRatio = 1.25f });
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.Path("a.wav"), speech.Value.ToArray());
        Assert.That(WavFile.Read(folder.Path("a.wav")).Duration, Is.GreaterThan(TimeSpan.FromSeconds(0.5)));
    }

    [Test]
    public async Task The_official_package_for_dotnet_lists_models_and_understands_errors()
    {
        var models = await new OpenAIClient(new ApiKeyCredential("any"), Options).GetOpenAIModelClient().GetModelsAsync();
        Assert.That(models.Value.Select(model => model.Id), Is.EqualTo(new[] { "cudatts" }));
        var client = new AudioClient("tts-1", new ApiKeyCredential("any"), Options);
        var error = await Assert.ThrowsAsync<ClientResultException>(
            async () => await client.GenerateSpeechAsync("Hi.", new GeneratedSpeechVoice("nobody")));
        Assert.That(error!.Status, Is.EqualTo(400));
        Assert.That(error.Message, Does.Contain("voice: expected"));
    }

    [Test]
    public async Task The_official_package_for_node_speaks_lists_models_and_understands_errors()
    {
        var modules = Environment.GetEnvironmentVariable("CUDATTS_NODE_MODULES") ?? Path.Combine(Root, "artifacts", "npm", "node_modules");
        if (!Directory.Exists(Path.Combine(modules, "openai")))
        {
            Assert.Ignore("the npm package openai is not here: npm install --prefix artifacts/npm openai");
        }

        using var folder = new TemporaryFolder();
        Directory.CreateSymbolicLink(folder.Path("node_modules"), modules);
        await File.WriteAllTextAsync(folder.Path("client.mjs"), s_nodeScript);
        try
        {
            using var node = Process.Start(new ProcessStartInfo("node", [folder.Path("client.mjs"), $"{SharedServer.Instance.Address}v1"])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            var errors = node.StandardError.ReadToEndAsync();
            var output = await node.StandardOutput.ReadToEndAsync();
            Assert.That(output.Trim(), Is.EqualTo("cudatts RIFF true BadRequestError 400 voice"), await errors);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("there is no node here, for which one of OpenAI's clients is");
        }
    }

    private static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "CudaTts.sln")))
            {
                folder = folder.Parent!;
            }

            return folder.FullName;
        }
    }
}
