using System.Text;
using CudaTts.Files;

namespace CudaTts.Cli;

/// <summary>
/// The text of a file or of a pipe, in whatever encoding it is. Lines of a pipe are handed on as they come, so that the speech of the first can be
/// used while the next is still being written; a wait for one can be cancelled.
/// </summary>
internal sealed class TextInput : IDisposable
{
    // A shelf of books; an endless pipe ends here.
    private const int MostBytes = 1 << 26;
    private const int MostLineBytes = 1 << 24;

    private readonly Stream _stream;
    private readonly string _name;
    private readonly TextEncoding? _encoding;
    private readonly Action<string> _warn;
    private readonly CancellationToken _cancellation;
    private readonly Queue<string> _lines = [];
    private TextReader? _decoded;
    private bool _hasWarned;
    private int _number;

    /// <param name="stream">The bytes, which this closes.</param>
    /// <param name="name">What messages call them.</param>
    /// <param name="encoding">Their encoding; null to find out.</param>
    /// <param name="warn">Told once when the encoding is a guess.</param>
    /// <param name="cancellation">Ends a wait.</param>
    public TextInput(Stream stream, string name, TextEncoding? encoding, Action<string> warn, CancellationToken cancellation)
    {
        (_name, _encoding, _warn, _cancellation) = (name, encoding, warn, cancellation);
        _stream = new CancellableStream(stream, cancellation);
    }

    /// <summary>A text that is known.</summary>
    public static TextInput Of(string text) =>
        new(Stream.Null, "the text", encoding: null, _ => { }, CancellationToken.None) { _decoded = new StringReader(text) };

    /// <summary>All that is left.</summary>
    /// <exception cref="FileException">It is no text, or of an encoding that must be named.</exception>
    public string ReadToEnd() => (_decoded ?? Whole()).ReadToEnd();

    /// <summary>The next line without its end; null after the last.</summary>
    /// <exception cref="LineException">It is no text, or of an encoding that must be named; the next one can be read.</exception>
    /// <exception cref="FileException">The same of all lines together, or a line has no end within the limit.</exception>
    public string? ReadLine()
    {
        _decoded ??= _stream.CanSeek ? Whole() : WideReader();
        if (_decoded is not null)
        {
            return DecodedLine(_decoded);
        }

        while (_lines.Count == 0)
        {
            if (NextLine() is not { } bytes)
            {
                return null;
            }

            // An old Macintosh ends its lines with a carriage return alone.
            using var reader = new StringReader(DecodeLine(bytes));
            while (reader.ReadLine() is { } line)
            {
                _lines.Enqueue(line);
            }
        }

        return _lines.Dequeue();
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static UnicodeEncoding LittleEndian => new(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true);

    private StringReader Whole()
    {
        // What is no text is refused by its beginning: it may have no end.
        var start = ((CancellableStream)_stream).Peek();
        if (_encoding is null && start.Contains((byte)0) && EncodedText.WideEncodingOf(start) is null)
        {
            Decode(start.ToArray(), _name);
        }

        var bytes = InputFile.ReadBytes(_stream, _name, MostBytes);
        return new StringReader(Decode(bytes, _name));
    }

    // Only the beginning shows whether a character has two bytes: a line end among them is no byte of its own.
    private StreamReader? WideReader()
    {
        var stream = (CancellableStream)_stream;
        var wide = _encoding switch
        {
            null => EncodedText.WideEncodingOf(stream.Peek()),
            TextEncoding.Utf16 => EncodedText.WideEncodingOf(stream.Peek()) as UnicodeEncoding ?? LittleEndian,
            TextEncoding.Utf16LittleEndian => LittleEndian,
            TextEncoding.Utf16BigEndian => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
            _ => null,
        };
        return wide is null ? null : new StreamReader(stream, wide, detectEncodingFromByteOrderMarks: false);
    }

    private string? DecodedLine(TextReader reader)
    {
        try
        {
            return LineOf(reader);
        }
        catch (DecoderFallbackException)
        {
            throw new FileException(
                $"{_name}: found bytes that are not of its encoding; --encoding takes {string.Join(", ", EncodedText.Names.Keys)}.");
        }
    }

    private string? LineOf(TextReader reader)
    {
        var line = new StringBuilder();
        var next = reader.Read();
        var isEnd = next < 0;
        for (; next >= 0 && next is not ('\r' or '\n'); next = reader.Read())
        {
            RequireLength(line.Length);
            line.Append((char)next);
        }

        if (next == '\r' && reader.Peek() == '\n')
        {
            reader.Read();
        }

        _number++;
        return isEnd ? null : line.ToString();
    }

    private void RequireLength(long length)
    {
        if (length >= MostLineBytes)
        {
            throw new FileException($"{_name}, line {_number + 1}: expected at most {MostLineBytes} bytes, found more.");
        }
    }

    private string Decode(byte[] bytes, string source)
    {
        var text = EncodedText.Decode(bytes, source, _encoding, out var warning);
        if (warning is not null && !_hasWarned)
        {
            _hasWarned = true;
            _warn(warning);
        }

        return text;
    }

    private string DecodeLine(byte[] bytes)
    {
        try
        {
            return Decode(bytes, $"{_name}, line {++_number}");
        }
        catch (FileException error)
        {
            throw new LineException(error.Message);
        }
    }

    private byte[]? NextLine()
    {
        using var line = new MemoryStream();
        for (var value = _stream.ReadByte(); ; value = _stream.ReadByte())
        {
            if (value < 0 && line.Length == 0)
            {
                return null;
            }

            if (value is < 0 or '\n')
            {
                line.WriteByte((byte)'\n');
                return line.ToArray();
            }

            RequireLength(line.Length);
            line.WriteByte((byte)value);
        }
    }
}

/// <summary>One line of a pipe cannot be read; those after it can.</summary>
internal sealed class LineException(string message) : CudaTtsException(message);
