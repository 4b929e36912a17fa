using System.Text;

namespace CudaTts.Cli.Reports;

/// <summary>Lines of a drawing in its own units, to a tenth or better.</summary>
internal sealed class SvgPath
{
    private readonly StringBuilder _data = new();

    /// <summary>Whether nothing was drawn.</summary>
    public bool IsEmpty => _data.Length == 0;

    /// <summary>Begins a line at a place.</summary>
    public SvgPath Move(double x, double y) => Add('M', x, y);

    /// <summary>Draws the line on to a place.</summary>
    public SvgPath Line(double x, double y) => Add('L', x, y);

    /// <summary>Sets a dot: a line of no length, whose round ends the style draws.</summary>
    public SvgPath Dot(double x, double y)
    {
        Move(x, y);
        _data.Append("h0");
        return this;
    }

    /// <summary>Goes back to where the line began.</summary>
    public SvgPath Close()
    {
        _data.Append('Z');
        return this;
    }

    /// <summary>Writes the path, in a style of the sheet.</summary>
    public void Draw(HtmlWriter html, string style)
    {
        if (!IsEmpty)
        {
            html.Empty("path", ("class", style), ("d", _data.ToString()));
        }
    }

    private SvgPath Add(char command, double x, double y)
    {
        _data.Append(command).Append(NumberText.Coordinate(x)).Append(' ').Append(NumberText.Coordinate(y));
        return this;
    }
}
