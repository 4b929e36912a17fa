using CudaTts.Cli.Plot;

namespace CudaTts.Cli.Reports;

/// <summary>Pictures that travel inside the page.</summary>
internal static class Picture
{
    /// <summary>A map as the address of a PNG file that holds it.</summary>
    public static string Uri(HeatMap map) => $"data:image/png;base64,{Convert.ToBase64String(map.ToPng())}";

    /// <summary>Draws a map into a chart, from its left.</summary>
    /// <param name="html">Within the chart's drawing.</param>
    /// <param name="map">The map.</param>
    /// <param name="width">How far it reaches, in a chart's units.</param>
    /// <param name="height">How high it is, in a chart's units.</param>
    public static void Write(HtmlWriter html, HeatMap map, double width, double height) => html.Empty(
        "image", ("href", Uri(map)), ("width", NumberText.Coordinate(width)), ("height", NumberText.Coordinate(height)),
        ("preserveAspectRatio", "none"));
}
