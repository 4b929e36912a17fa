namespace CudaTts.Server.Tests;

/// <summary>One server with the voice of the program for all tests that change nothing.</summary>
[SetUpFixture]
internal sealed class SharedServer
{
    public static RunningServer Instance { get; private set; } = null!;

    public static HttpClient Client => Instance.Client;

    [OneTimeSetUp]
    public async Task Start() => Instance = await RunningServer.StartAsync();

    [OneTimeTearDown]
    public async Task Stop() => await Instance.DisposeAsync();
}
