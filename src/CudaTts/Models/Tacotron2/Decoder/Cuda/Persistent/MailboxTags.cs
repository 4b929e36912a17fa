namespace CudaTts.Models.Tacotron2.Decoder.Cuda.Persistent;

/// <summary>
/// The numbers by which words in mailboxes tell that they are of this step: none is used twice, so words of earlier launches may stay where they
/// are. 2^32 steps take hours; then the words are cleared and the numbers begin anew.
/// </summary>
/// <param name="next">The first number; 0 is that of a word which has never been written.</param>
internal sealed class MailboxTags(uint next = 1)
{
    private uint _next = next;

    /// <summary>The numbers of a launch: its steps', one before them, and one behind, by which the last step sends the prenet of the next.</summary>
    /// <param name="steps">Steps of the launch.</param>
    /// <param name="areAnew">Whether numbers begin anew, so that all words must be cleared first.</param>
    /// <returns>The first step's.</returns>
    public uint Take(int steps, out bool areAnew)
    {
        var needed = (uint)steps + 2;
        areAnew = uint.MaxValue - _next < needed;
        if (areAnew)
        {
            _next = 1;
        }

        var first = _next + 1;
        _next += needed;
        return first;
    }
}
