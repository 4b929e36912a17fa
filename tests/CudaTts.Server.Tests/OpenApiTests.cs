using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CudaTts.Server.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CudaTts.Server.Tests;

/// <summary>The written description of the interface is what the program does.</summary>
[TestFixture]
internal sealed class OpenApiTests
{
    // What is for people's browsers and for scrapers is no part of the interface.
    private static readonly string[] s_undescribed = ["page", "metrics"];

    private JsonElement _document;

    [OneTimeSetUp]
    public async Task Read() => _document = await SharedServer.Client.GetFromJsonAsync<JsonElement>("/openapi/v1.json");

    [Test]
    public void It_has_the_routes_and_their_methods()
    {
        var routes = Endpoints()
            .Where(endpoint => !s_undescribed.Contains(endpoint.Metadata.GetMetadata<EndpointLabel>()?.Name))
            .Select(endpoint => (
                endpoint.RoutePattern.RawText, Method: endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0].ToLowerInvariant()));
        var described = _document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => ((string?)path.Name, method.Name)));
        Assert.That(described, Is.EquivalentTo(routes));
    }

    [Test]
    public void It_has_the_fields_of_speech()
    {
        Assert.That(FieldsOf("SpeechRequest"), Is.EquivalentTo(SpeechFields.Known.Keys));
        Assert.That(FieldsOf("CaptionedRequest"), Is.EquivalentTo(SpeechFields.KnownCaptioned.Keys));
    }

    [Test]
    public void It_says_which_routes_want_no_key()
    {
        foreach (var endpoint in Endpoints())
        {
            if (_document.GetProperty("paths").TryGetProperty(endpoint.RoutePattern.RawText!, out var path))
            {
                var isOpen = path.EnumerateObject().First().Value.TryGetProperty("security", out _);
                Assert.That(isOpen, Is.EqualTo(endpoint.Metadata.GetMetadata<KeyRequired>() is null), endpoint.RoutePattern.RawText);
            }
        }
    }

    [Test]
    public void Every_reference_has_its_schema()
    {
        var schemas = _document.GetProperty("components").GetProperty("schemas").EnumerateObject()
            .Select(schema => $"#/components/schemas/{schema.Name}");
        Assert.That(References(_document).Distinct(), Is.SubsetOf(schemas));
    }

    [Test]
    public async Task Who_has_it_is_told_so()
    {
        using var first = await SharedServer.Client.GetAsync("/openapi/v1.json");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await SharedServer.Client.SendAsync(request);
        Assert.That(second.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
    }

    private static IEnumerable<RouteEndpoint> Endpoints() =>
        SharedServer.Instance.Application.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(
            property => property.Name == "$ref" ? [property.Value.GetString()!] : References(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private IEnumerable<string> FieldsOf(string schema) => _document.GetProperty("components").GetProperty("schemas").GetProperty(schema)
        .GetProperty("properties").EnumerateObject().Select(property => property.Name);
}
