using System.Formats.Tar;
using CudaTts.Weights;

namespace CudaTts.Tests;

/// <summary>Archives that are damaged, hostile or of something else.</summary>
internal sealed class NeMoArchiveTests
{
    private static readonly byte[] s_checkpoint =
        TorchFileBuilder.Zip(new PickleBuilder().Tensor("0", 6, [6]).Finish(), ("0", TorchFileBuilder.Floats(1, 2, 3, 4, 5, 6)));

    [Test]
    public void The_weights_and_the_config_are_found([Values] bool isCompressed)
    {
        var checkpoint = Parse(Archive(isCompressed, ("./model_weights.ckpt", s_checkpoint), ("./model_config.yaml", "a: 3"u8.ToArray())));

        Assert.That(checkpoint.Entries["tensor"].Shape, Is.EqualTo((int[])[6]));
        Assert.That((checkpoint.Format, checkpoint.ConfigName, checkpoint.Config?.Get("a")), Is.EqualTo(("PyTorch zip", "model_config.yaml", 3L)));
    }

    [Test]
    public void A_config_is_not_needed() => Assert.That(Parse(Archive(false, ("model_weights.ckpt", s_checkpoint))).Config, Is.Null);

    [Test]
    public void A_truncated_archive_is_refused_wherever_it_ends([Values] bool isCompressed)
    {
        var bytes = Archive(isCompressed, ("./model_config.yaml", "a: 3"u8.ToArray()), ("./model_weights.ckpt", s_checkpoint));
        for (var length = 3; length < bytes.Length - 1024 - 512; length += 7)
        {
            Assert.That(() => Parse(bytes[..length]), Throws.TypeOf<WeightsException>().With.Message.Not.Contain("\n"), $"{length} bytes");
        }
    }

    [Test]
    public void Another_archive_says_what_it_holds() =>
        Refused(Archive(true, ("notes.txt", [1]), ("../x", [2])), "with model_weights.ckpt, found a tar archive of 'notes.txt', '../x'");

    [Test]
    public void A_checkpoint_of_the_first_pytorch_is_named() =>
        Refused(Archive(false, ("sys_info", [1]), ("pickle", [1]), ("storages", [1]), ("tensors", [1])), "a checkpoint of PyTorch 0.1");

    [Test]
    public void Two_files_of_one_name_are_refused() =>
        Refused(
            Archive(false, ("model_weights.ckpt", s_checkpoint), ("./model_weights.ckpt", s_checkpoint)), "two files called 'model_weights.ckpt'");

    [Test]
    public void A_name_that_leads_out_is_no_weights() =>
        Refused(Archive(false, ("../model_weights.ckpt", s_checkpoint)), "found a tar archive of '../model_weights.ckpt'");

    [Test]
    public void A_header_that_was_changed_is_refused()
    {
        var bytes = NeMoBytes.Archive(TarEntryFormat.Ustar, isCompressed: false, ("model_weights.ckpt", s_checkpoint));
        bytes[512 + 3]++;
        Refused(bytes, "the tar archive is damaged at byte 512");
    }

    [Test]
    public void An_archive_that_expands_without_end_is_refused() =>
        Refused(Archive(true, ("model_weights.ckpt", new byte[4 << 20])), "64 times its own length; it is damaged or hostile");

    [Test]
    public void A_config_of_megabytes_is_refused() =>
        Refused(Archive(false, ("model_weights.ckpt", s_checkpoint), ("model_config.yaml", new byte[2 << 20])), "expected at most 1048576 bytes");

    private static byte[] Archive(bool isCompressed, params (string Name, byte[] Content)[] files) =>
        NeMoBytes.Archive(TarEntryFormat.Pax, isCompressed, files);

    private static CheckpointFile Parse(byte[] bytes) => CheckpointFile.Parse(FileBytes.Wrap("voice.nemo", bytes));

    private static void Refused(byte[] bytes, string because) => Assert.That(
        () => Parse(bytes), Throws.TypeOf<WeightsException>().With.Message.Contain(because).And.Message.StartWith("voice.nemo: "));
}
