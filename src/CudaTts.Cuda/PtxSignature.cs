using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CudaTts.Cuda;

/// <summary>
/// A kernel's name and parameters as its PTX declares them (PTX ISA, "Kernel and Function Directives: .entry"). The driver takes arguments as untyped
/// addresses and believes them, so this is what a launch can be checked against.
/// </summary>
/// <param name="Name">The kernel's name.</param>
/// <param name="Parameters">What each parameter is, in order.</param>
public sealed record PtxSignature(string Name, IReadOnlyList<ParameterKind> Parameters)
{
    /// <summary>Size of the structure that is the kernel's only parameter, bytes; 0 where its parameters are numbers and pointers.</summary>
    public int StructureBytes { get; init; }

    /// <summary>Reads the signatures of all kernels of a PTX text, in its order. Everything else in the text is passed over.</summary>
    /// <exception cref="CudaException">
    /// An entry is malformed, declared twice, or has a parameter that is neither of
    /// 32 or 64 bits nor the only one and a structure; the message names the line.
    /// </exception>
    public static IReadOnlyList<PtxSignature> Parse(string ptx)
    {
        ArgumentNullException.ThrowIfNull(ptx);
        var signatures = new List<PtxSignature>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var reader = new PtxTokens(ptx);
        while (reader.Next(out var token))
        {
            if (token is "{")
            {
                reader.SkipBlock();
            }

            if (token is not ".entry")
            {
                continue;
            }

            var signature = ParseEntry(ref reader);
            if (!names.Add(signature.Name))
            {
                throw reader.Error($"the kernel '{signature.Name}' is declared twice");
            }

            signatures.Add(signature);
        }

        return signatures;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}({string.Join(", ", Parameters)})";

    /// <inheritdoc/>
    public bool Equals(PtxSignature? other) => other is not null && Name == other.Name
        && StructureBytes == other.StructureBytes && Parameters.SequenceEqual(other.Parameters);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Parameters.Count);

    private static PtxSignature ParseEntry(ref PtxTokens reader)
    {
        if (!reader.Next(out var token) || !IsIdentifier(token))
        {
            throw reader.Error($"a kernel's name was expected after .entry; found '{token}'");
        }

        var name = token.ToString();
        var parameters = new List<ParameterKind>();
        if (!reader.Peek(out token) || token is not "(")
        {
            // A kernel without parameters may be declared without brackets.
            return new PtxSignature(name, parameters);
        }

        reader.Next(out _);
        while (true)
        {
            if (!reader.Next(out token))
            {
                throw reader.Error($"the parameters of '{name}' have no end");
            }

            if (token is ")" && parameters.Count == 0)
            {
                break;
            }

            parameters.Add(ParseParameter(ref reader, name, parameters.Count, token));
            if (parameters is [ParameterKind.Structure])
            {
                return new PtxSignature(name, parameters) { StructureBytes = ParseSize(ref reader, name) };
            }

            if (!reader.Next(out token) || token is not ("," or ")"))
            {
                throw reader.Error($"',' or ')' was expected after parameter {parameters.Count - 1} of '{name}'; found '{token}'");
            }

            if (token is ")")
            {
                break;
            }
        }

        return new PtxSignature(name, parameters);
    }

    // "[n])" behind the name of a structure: nothing may come after it.
    private static int ParseSize(ref PtxTokens reader, string kernel)
    {
        var bytes = 0;
        return reader.Next(out var token) && token is "[" && reader.Next(out token)
            && int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out bytes)
            && reader.Next(out token) && token is "]" && reader.Next(out token) && token is ")"
            ? bytes
            : throw reader.Error($"'[size])' was expected after the structure that is the parameter of '{kernel}'; found '{token}'");
    }

    // .param .TYPE NAME, where .TYPE may be followed by ".ptr .global .align 8", and the name by "[n]" for a parameter passed by value.
    private static ParameterKind ParseParameter(ref PtxTokens reader, string kernel, int index, ReadOnlySpan<char> token)
    {
        if (token is not ".param")
        {
            throw reader.Error($"'.param' was expected for parameter {index} of '{kernel}'; found '{token}'");
        }

        ParameterKind? kind = null;
        while (reader.Next(out token))
        {
            if (token is ".align")
            {
                if (!reader.Next(out token) || !int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                {
                    throw reader.Error($"a number was expected after .align in parameter {index} of '{kernel}'; found '{token}'");
                }
            }
            else if (token is ".ptr" or ".global" or ".const" or ".local" or ".shared")
            {
                continue;
            }
            else if (token is ['.', ..] && kind is null)
            {
                kind = token is ".b8" && index == 0 ? ParameterKind.Structure : KindOf(token)
                    ?? throw reader.Error($"parameter {index} of '{kernel}' has the type {token}; "
                        + "a kernel here takes pointers, integers of 32 or 64 bits, and float, or one structure");
            }
            else
            {
                break;
            }
        }

        if (kind is null || !IsIdentifier(token))
        {
            throw reader.Error($"a type and a name were expected for parameter {index} of '{kernel}'; found '{token}'");
        }

        return kind.Value;
    }

    private static ParameterKind? KindOf(ReadOnlySpan<char> type) => type switch
    {
        ".u64" or ".s64" or ".b64" => ParameterKind.Word64,
        ".u32" or ".s32" or ".b32" => ParameterKind.Word32,
        ".f32" => ParameterKind.Single,
        _ => null,
    };

    private static bool IsIdentifier(ReadOnlySpan<char> token) =>
        token.Length > 0 && (char.IsAsciiLetter(token[0]) || token[0] is '_' or '$' or '%') && token[^1] is not '"';
}

/// <summary>The words of a PTX text: names and directives, numbers, quoted strings, and single characters; comments are passed over.</summary>
[SuppressMessage("Design", "CA1815", Justification = "A cursor is not compared.")]
internal ref struct PtxTokens(string text)
{
    private int _position;

    /// <summary>The next word; empty at the end.</summary>
    public bool Next(out ReadOnlySpan<char> token)
    {
        SkipBlanks();
        var start = _position;
        if (start >= text.Length)
        {
            token = default;
            return false;
        }

        if (text[start] == '"')
        {
            var end = text.IndexOf('"', start + 1);
            _position = end < 0 ? text.Length : end + 1;
        }
        else
        {
            _position++;
            if (IsWord(text[start]))
            {
                while (_position < text.Length && IsWord(text[_position]) && (text[_position] != '.' || char.IsAsciiDigit(text[start])))
                {
                    _position++;
                }
            }
        }

        token = text.AsSpan(start, _position - start);
        return true;
    }

    /// <summary>The next word, which stays the next.</summary>
    public bool Peek(out ReadOnlySpan<char> token)
    {
        var position = _position;
        var found = Next(out token);
        _position = position;
        return found;
    }

    /// <summary>Passes over what follows an opening brace, up to the closing one: nearly all of a text are instructions and tables.</summary>
    public void SkipBlock()
    {
        for (var depth = 1; depth > 0;)
        {
            var found = text.AsSpan(_position).IndexOfAny("{}\"/");
            if (found < 0)
            {
                _position = text.Length;
                return;
            }

            // At a comment this reads the word behind it, which may be a brace too.
            _position += found;
            Next(out var token);
            depth += token switch { "{" => 1, "}" => -1, _ => 0 };
        }
    }

    public readonly CudaException Error(string what)
    {
        var line = 1 + text.AsSpan(0, Math.Min(_position, text.Length)).Count('\n');
        return new CudaException(
            FormattableString.Invariant($"this is not the PTX of a kernel for this program: line {line}: {CudaDriver.OneLine(what)}."));
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '$' or '%' or '.';

    private void SkipBlanks()
    {
        while (_position < text.Length)
        {
            var rest = text.AsSpan(_position);
            if (char.IsWhiteSpace(rest[0]) || rest[0] == '\0')
            {
                _position++;
            }
            else if (rest.StartsWith("//"))
            {
                var end = rest.IndexOf('\n');
                _position = end < 0 ? text.Length : _position + end;
            }
            else if (rest.StartsWith("/*"))
            {
                var end = rest[2..].IndexOf("*/");
                _position = end < 0 ? text.Length : _position + end + 4;
            }
            else
            {
                return;
            }
        }
    }
}
