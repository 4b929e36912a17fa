namespace CudaTts.Files;

/// <summary>How the characters of a text are bytes.</summary>
public enum TextEncoding
{
    /// <summary>Unicode, one to four bytes a character.</summary>
    Utf8,

    /// <summary>Unicode, two bytes or four; the first bytes or the zeros say in which order, else the lower byte comes first.</summary>
    Utf16,

    /// <summary>Unicode, two bytes or four, the lower byte first.</summary>
    Utf16LittleEndian,

    /// <summary>Unicode, two bytes or four, the higher byte first.</summary>
    Utf16BigEndian,

    /// <summary>Western European, one byte a character, with typographic quotation marks.</summary>
    Windows1252,

    /// <summary>Western European, one byte a character: ISO 8859-1.</summary>
    Latin1,
}
