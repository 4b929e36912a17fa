using System.Text;

namespace CudaTts.Weights.PyTorch;

/// <summary>
/// What lies where in a tar archive (POSIX ustar and what tar programs make of it). Nothing is unpacked: a name is text and leads nowhere.
/// </summary>
internal static class TarArchive
{
    private const int Block = 512;
    private const int MostEntries = 1024;
    private const int NameLength = 100;
    private const int MagicAt = 257;

    /// <summary>Whether a file begins as such an archive does.</summary>
    public static bool Looks(ReadOnlySpan<byte> start) => start.Length >= Block && start[MagicAt..].StartsWith("ustar"u8);

    /// <summary>The files of an archive by name, a leading <c>./</c> left out; folders, links and remarks on other entries are passed over.</summary>
    /// <exception cref="WeightsException">It is truncated or damaged, holds two files of one name, or exceeds a limit.</exception>
    public static IReadOnlyDictionary<string, FileBytes> Files(FileBytes archive)
    {
        var files = new Dictionary<string, FileBytes>();
        var (at, count) = (0L, 0);
        while (at < archive.Length)
        {
            var header = archive.Slice(at, Block).Span;
            if (header.IndexOfAnyExcept((byte)0) < 0)
            {
                break;
            }

            RequireSound(archive.Source, header, at);
            var length = Octal(archive.Source, header.Slice(124, 12), at);
            var name = NameOf(header);
            if (++count > MostEntries)
            {
                throw new WeightsException($"{archive.Source}: the tar archive has more than {MostEntries} entries.");
            }

            var content = archive.Slice(at + Block, length);
            if (header[156] is 0 or (byte)'0' or (byte)'7' && !files.TryAdd(name, FileBytes.Wrap($"{archive.Source}: {name}", content)))
            {
                throw new WeightsException($"{archive.Source}: the tar archive holds two files called '{name}'.");
            }

            at += Block + ((length + Block - 1) / Block * Block);
        }

        return files;
    }

    private static string NameOf(ReadOnlySpan<byte> header)
    {
        var name = Encoding.UTF8.GetString(UpToNul(header[..NameLength]));
        return name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
    }

    private static ReadOnlySpan<byte> UpToNul(ReadOnlySpan<byte> text) => text.IndexOf((byte)0) is >= 0 and var end ? text[..end] : text;

    // The sum of a header's bytes, those of the sum itself taken as spaces.
    private static void RequireSound(string source, ReadOnlySpan<byte> header, long at)
    {
        var sum = 8L * ' ';
        for (var i = 0; i < Block; i++)
        {
            sum += i is >= 148 and < 156 ? 0 : header[i];
        }

        if (!Looks(header) || sum != Octal(source, header.Slice(148, 8), at))
        {
            throw new WeightsException($"{source}: the tar archive is damaged at byte {at}: expected the header of an entry.");
        }
    }

    private static long Octal(string source, ReadOnlySpan<byte> digits, long at)
    {
        var number = 0L;
        foreach (var digit in UpToNul(digits).Trim((byte)' '))
        {
            number = digit is >= (byte)'0' and <= (byte)'7' ? (8 * number) + digit - '0'
                : throw new WeightsException($"{source}: the tar archive is damaged at byte {at}: expected octal digits in the header of an entry.");
        }

        return number;
    }
}
