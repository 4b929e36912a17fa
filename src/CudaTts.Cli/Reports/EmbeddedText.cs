using System.Security.Cryptography;
using System.Text;

namespace CudaTts.Cli.Reports;

/// <summary>A style sheet or a script that travels inside the command.</summary>
internal sealed class EmbeddedText
{
    private EmbeddedText(string text) => Enclosed = $"/*<![CDATA[*/\n{text}/*]]>*/";

    /// <summary>The style sheet of every report.</summary>
    public static EmbeddedText Style { get; } = Read("report.css");

    /// <summary>The script of every report.</summary>
    public static EmbeddedText Script { get; } = Read("report.js");

    /// <summary>The text as it stands between the tags of its element.</summary>
    public string Enclosed { get; }

    /// <summary>What a content security policy knows it by.</summary>
    public string Hash => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Enclosed)))}'";

    // A browser hashes what it has read, and reads every end of line as "\n".
    private static EmbeddedText Read(string file)
    {
        using var reader = new StreamReader(typeof(EmbeddedText).Assembly.GetManifestResourceStream(file)!);
        return new EmbeddedText(reader.ReadToEnd().ReplaceLineEndings("\n"));
    }
}
