using CudaTts.Compute;
using CudaTts.Models.HifiGan;
using CudaTts.Models.ParallelWaveGan;
using CudaTts.Models.Tacotron2;
using CudaTts.Models.WaveGlow;

namespace CudaTts.Tests.Compute;

/// <summary>What stages have to do, against numbers counted by hand.</summary>
[TestFixture]
internal sealed class StageWorkTests
{
    private const double FramesASecond = 22050.0 / 256;

    [Test]
    public void A_convolution_is_counted()
    {
        var work = StageWork.Convolution(inputs: 2, outputs: 3, taps: 5, steps: 10, elementBytes: 2);
        Assert.That(work, Is.EqualTo(new StageWork(Products: 300, WeightBytes: 60, ActivationBytes: 100)));
        Assert.That((work.Operations, work.Bytes), Is.EqualTo((600, 160)));
        var transposed = StageWork.Transposed(inputs: 2, outputs: 3, taps: 4, stride: 2, inputSteps: 10, elementBytes: 4);
        Assert.That(transposed, Is.EqualTo(new StageWork(Products: 240, WeightBytes: 96, ActivationBytes: 320)));
    }

    [Test]
    public void The_public_decoder_reads_18_million_weights_a_step()
    {
        var config = new Tacotron2Config();

        // Prenet, query, projection and gate; the two LSTMs; location and v.
        const long small = (80 * 256) + (256 * 256) + (128 * 1024) + (81 * 1536);
        const long lstm = 4096 * ((256 + 512 + 1024) + (1024 + 512 + 1024));
        const long weights = small + lstm + (32 * 2 * 31) + (128 * 32) + 128;
        Assert.That(Tacotron2Work.StepWeights(config), Is.EqualTo(weights).And.EqualTo(18_173_504));

        var one = Tacotron2Work.Decoder(config, tokens: 100, rows: 1, steps: 1, elementBytes: 2);
        var three = Tacotron2Work.Decoder(config, tokens: 100, rows: 1, steps: 3, elementBytes: 2);
        Assert.That(three.WeightBytes - one.WeightBytes, Is.EqualTo(2 * 2 * weights));

        // For each token the location's filters, their projection and v, and the memory's share of the context.
        const long perToken = (2 * 31 * 32) + (32 * 128) + 128 + 512;
        Assert.That(three.Products - one.Products, Is.EqualTo(2 * (small + lstm + (100 * perToken))));
    }

    [Test]
    public void Rows_share_the_weights_and_nothing_else()
    {
        var config = new Tacotron2Config();
        var (one, eight) = (Tacotron2Work.Decoder(config, 50, rows: 1, steps: 7, 4), Tacotron2Work.Decoder(config, 50, rows: 8, steps: 7, 4));
        Assert.That(eight.WeightBytes, Is.EqualTo(one.WeightBytes));
        Assert.That(eight.Products, Is.EqualTo(8 * one.Products));
        Assert.That(eight.ActivationBytes, Is.EqualTo(8 * one.ActivationBytes));
    }

    [Test]
    public void The_public_encoder_and_postnet_are_counted()
    {
        var config = new Tacotron2Config();
        Assert.That(Tacotron2Work.Encoder(config, tokens: 10, elementBytes: 2).Products,
            Is.EqualTo(10.0 * ((3 * 512 * 512 * 5) + (2 * 1024 * (512 + 256)))));
        Assert.That(Tacotron2Work.Postnet(config, frames: 10, elementBytes: 2).Products, Is.EqualTo(10.0 * 5 * ((2 * 80 * 512) + (3 * 512 * 512))));
    }

    [Test]
    public void A_second_of_HiFi_GAN_V1_is_26_billion_products()
    {
        // kernels/README.md: 26.4 G products and, weights aside, 225 MB a second of audio in half precision.
        var work = HifiGanWork.Of(new HifiGanConfig(), frames: 1, elementBytes: 2);
        Assert.That(work.Products * FramesASecond, Is.EqualTo(26.4e9).Within(0.5).Percent);
        Assert.That(work.ActivationBytes * FramesASecond, Is.EqualTo(225e6).Within(2).Percent);

        // The weights of the state dict without biases, the first layer's as float32.
        var weights = HifiGanTensors.Expected(new HifiGanConfig()).Where(tensor => tensor.Shape.Length == 3).Sum(tensor => Count(tensor.Shape));
        Assert.That(work.WeightBytes, Is.EqualTo((2 * weights) + (2 * 512 * 80 * 7)));
    }

    [Test]
    public void The_public_versions_of_HiFi_GAN_are_known_by_their_work()
    {
        var first = new HifiGanConfig();
        Assert.That(HifiGanWork.Title(first), Is.EqualTo("HiFi-GAN V1"));
        Assert.That(HifiGanWork.Title(first with { InitialChannels = 128 }), Is.EqualTo("HiFi-GAN V2"));
        Assert.That(HifiGanWork.Title(first with { InitialChannels = 64 }), Is.EqualTo("HiFi-GAN"));
    }

    [Test]
    public void Every_weight_of_WaveGlow_is_multiplied_once_a_group()
    {
        var config = new WaveGlowConfig();
        var tensors = WaveGlowTensors.Expected(config).Where(tensor => tensor.Shape.Length == 3).ToList();
        var (upsample, flow) = (Count(tensors[0].Shape), tensors.Skip(1).Sum(tensor => Count(tensor.Shape)));
        var work = WaveGlowWork.Of(config, frames: 3, elementBytes: 2);
        Assert.That(work.Products, Is.EqualTo((3 * upsample) + (3 * 32 * flow)));
        Assert.That(work.WeightBytes, Is.EqualTo(2 * (upsample + flow)));
    }

    [Test]
    public void Every_weight_of_Parallel_WaveGAN_is_multiplied_once_a_sample()
    {
        // But for the last layer's residual, which nothing reads, and the smoothing, whose taps every band shares.
        var config = new ParallelWaveGanConfig();
        var tensors = ParallelWaveGanTensors.Expected(config)
            .Where(tensor => tensor.Shape.Length == 3 && !tensor.Name.Contains("29.conv1x1_out", StringComparison.Ordinal)).ToList();
        var first = Count(tensors.Single(tensor => tensor.Name == "upsample_net.conv_in.weight").Shape);
        var smoothing = 80 * 9 * (4 + 16 + 64 + 256);
        var work = ParallelWaveGanWork.Of(config, frames: 2, elementBytes: 4);
        Assert.That(work.Products, Is.EqualTo(2.0 * (first + smoothing + (256 * (tensors.Sum(tensor => Count(tensor.Shape)) - first)))));
    }

    private static double Count(int[] shape) => shape.Aggregate(1.0, (product, size) => product * size);
}
