using System.Net;
using CudaTts.Server.Access;
using CudaTts.Server.Encoding;
using CudaTts.Server.Endpoints;
using CudaTts.Server.Observability;
using CudaTts.Server.Settings;
using CudaTts.Server.Synthesis;
using Microsoft.Extensions.Configuration.Json;

namespace CudaTts.Server;

/// <summary>Puts the server together.</summary>
internal static partial class ServerHost
{
    /// <summary>Where the server listens unless told otherwise.</summary>
    public const string DefaultUrl = "http://127.0.0.1:8880";

    // What Kestrel lets through beyond the limit, so that the refusal has a body.
    private const int HeaderMargin = 32 << 10;
    private const int MostHeaders = 200;
    private const int MostLineBytes = 32 << 10;

    private static readonly TimeSpan s_headerTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_readGrace = TimeSpan.FromSeconds(10);

    /// <summary>Builds the server and loads its voices.</summary>
    /// <exception cref="SettingsException">A setting or an argument cannot be meant.</exception>
    /// <exception cref="CudaTtsException">A voice cannot be loaded.</exception>
    public static WebApplication Build(IReadOnlyList<string> arguments)
    {
        var parsed = ServerArguments.Parse(arguments);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "CudaTts.Server" });
        Configure(builder, parsed);
        var settings = SettingsReader.Read(builder.Configuration);
        MetricsRoute.AddPort(builder, settings);
        AddServices(builder, settings);
        ConfigureKestrel(builder, settings);
        var server = builder.Build();
        Map(server, settings);
        return server;
    }

    private static void Configure(WebApplicationBuilder builder, ServerArguments arguments)
    {
        if (arguments.SettingsFile is { } file)
        {
            // In place of the usual files, not over them: of two lists of keys one would be left half standing.
            foreach (var usual in builder.Configuration.Sources.OfType<JsonConfigurationSource>().ToList())
            {
                builder.Configuration.Sources.Remove(usual);
            }

            builder.Configuration.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false).AddEnvironmentVariables();
        }

        builder.Configuration.AddCommandLine(arguments.Configuration);
        if (string.IsNullOrEmpty(builder.Configuration["urls"]) && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
    }

    private static void AddServices(WebApplicationBuilder builder, ServerSettings settings)
    {
        var catalogue = VoiceCatalogue.Load(settings);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(_ => catalogue);
        builder.Services.AddSingleton(_ => new FormatCatalogue(Ffmpeg.Find()));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<DeviceWatch>();
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddSingleton<Admission>();
        builder.Services.AddSingleton<RequestRecords>();
        builder.Services.AddSingleton<SpeechOrderReader>();
        builder.Services.AddSingleton<SpeechRoutes>();
        builder.Services.AddObservability(builder.Configuration, settings);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(settings.Limits.ShutdownSeconds));
        builder.Services.AddRouting();
        if (settings.CorsOrigins.Count > 0)
        {
            builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
                .WithOrigins([.. settings.CorsOrigins]).AllowAnyHeader().AllowAnyMethod()
                .WithExposedHeaders("X-Request-Id", "X-Sample-Rate", "X-Speech-Faults", "Retry-After")));
        }
    }

    private static void ConfigureKestrel(WebApplicationBuilder builder, ServerSettings settings)
    {
        // TLS by Kestrel's own settings: the slim builder leaves it out.
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.Limits.BodyBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = settings.Limits.HeaderBytes + HeaderMargin;
            kestrel.Limits.MaxRequestHeaderCount = MostHeaders;
            kestrel.Limits.MaxRequestLineSize = MostLineBytes;
            kestrel.Limits.RequestHeadersTimeout = s_headerTime;

            // A player that plays what it hears reads at least at the rate of its audio; who reads slower than this holds a connection for nothing.
            kestrel.Limits.MinResponseDataRate = new(settings.Limits.ReadBytesPerSecond, s_readGrace);
        });
    }

    private static void Map(WebApplication server, ServerSettings settings)
    {
        server.UseMiddleware<RequestScope>();
        MetricsRoute.KeepApart(server, settings);
        server.UseRouting();
        if (settings.CorsOrigins.Count > 0)
        {
            server.UseCors();
        }

        server.UseMiddleware<KeyGate>();
        PageRoutes.Map(server);
        OpenApiRoute.Map(server);
        HealthRoutes.Map(server);
        ModelRoutes.Map(server);
        SpeechRoutes.Map(server);
        MetricsRoute.Map(server);
        server.UseObservability();
        server.Lifetime.ApplicationStarted.Register(() => WarnOfOpenDoor(server, settings));
    }

    private static void WarnOfOpenDoor(WebApplication server, ServerSettings settings)
    {
        var open = server.Urls.Where(url => settings.Keys.Count == 0 && !IsLoopback(url)).ToList();
        if (open.Count > 0)
        {
            LogOpenDoor(server.Logger, string.Join(", ", open));
        }
    }

    private static bool IsLoopback(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed)
        && (parsed.IsLoopback || (IPAddress.TryParse(parsed.Host, out var address) && IPAddress.IsLoopback(address)));

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Urls}: everybody who reaches this machine can have it speak; 'keys add NAME' makes a key.")]
    private static partial void LogOpenDoor(ILogger logger, string urls);
}
