using System.Text;

namespace CudaTts.Text.Ssml;

/// <summary>
/// Collects a text between two steps of a plan. White space of any kind is one space, since a line break in a document ends nothing, and none stands
/// at the ends.
/// </summary>
internal sealed class SaidText
{
    private readonly StringBuilder _text = new();
    private readonly List<SsmlSubstitution> _substitutions = [];
    private bool _isBehindSpace = true;
    private bool _isAttached;

    /// <summary>Takes what the document writes.</summary>
    public void Append(string text)
    {
        foreach (var character in text)
        {
            if (char.IsWhiteSpace(character))
            {
                _isBehindSpace = true;
                continue;
            }

            BeginWord();
            _text.Append(character);
        }
    }

    /// <summary>Takes what is said where the document writes something else.</summary>
    public void Append(string said, string written)
    {
        if (string.IsNullOrWhiteSpace(said) || said == written)
        {
            Append(said);
            return;
        }

        _isBehindSpace |= char.IsWhiteSpace(said[0]) || (written.Length > 0 && char.IsWhiteSpace(written[0]));
        BeginWord();
        var start = _text.Length;
        Append(said.Trim());
        _substitutions.Add(new SsmlSubstitution(start, _text.Length, OneSpace(written)));
        _isBehindSpace = written.Length > 0 && char.IsWhiteSpace(written[^1]);
    }

    /// <summary>Ends the text before; what comes is not attached to it.</summary>
    public void StandApart() => _isBehindSpace = true;

    /// <summary>The text so far, which begins anew; null when there is none.</summary>
    public SsmlText? Take(Prosody prosody)
    {
        if (_text.Length == 0)
        {
            return null;
        }

        var step = new SsmlText(_text.ToString(), prosody)
        {
            IsAttached = _isAttached,
            Substitutions = _substitutions.Count == 0 ? [] : _substitutions.ToArray(),
        };
        _text.Clear();
        _substitutions.Clear();
        return step;
    }

    private void BeginWord()
    {
        if (_text.Length == 0)
        {
            _isAttached = !_isBehindSpace;
        }
        else if (_isBehindSpace)
        {
            _text.Append(' ');
        }

        _isBehindSpace = false;
    }

    private static string OneSpace(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
