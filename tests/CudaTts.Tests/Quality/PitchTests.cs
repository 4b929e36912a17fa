using CudaTts.Quality.Pitch;
using CudaTts.Quality.Signals;

namespace CudaTts.Tests.Quality;

/// <summary>The pitch tracker on signals of known pitch, and the comparison of contours.</summary>
[TestFixture]
internal sealed class PitchTests
{
    [TestCase(50, 112.498903923, 112.523003389)]
    [TestCase(100, 124.998892603, 125.023281434)]
    [TestCase(200, 149.999414568, 149.997845087)]
    [TestCase(300, 174.999085721, 175.001333327)]
    public void A_chirp_is_tracked_as_the_original_does(int frame, double dio, double refined)
    {
        var chirp = TestSignals.Chirp();
        Golden.IsNear($"DIO, frame {frame}", Dio.Track(chirp.Samples)[frame], dio, 1e-8);
        Golden.IsNear($"StoneMask, frame {frame}", PitchTrack.Of(chirp).Hertz[frame], refined, 1e-8);
    }

    [Test]
    public void A_chirp_is_voiced_from_the_second_frame_to_the_last()
    {
        var hertz = PitchTrack.Of(TestSignals.Chirp()).Hertz;
        Assert.That(hertz, Has.Length.EqualTo(401));
        Assert.That(hertz.Count(value => value > 0), Is.EqualTo(400));
        Assert.That(hertz[0], Is.Zero);
    }

    [TestCase(90)]
    [TestCase(220)]
    [TestCase(440)]
    [TestCase(700)]
    public void A_steady_tone_has_its_pitch_at_every_rate(double hertz)
    {
        foreach (var rate in (int[])[8000, 16000, 22050, 48000])
        {
            var track = PitchTrack.Of(TestSignals.Sine(hertz, 0.5, 1, rate));
            Assert.That(track.Hertz[20..180], Has.All.EqualTo(hertz).Within(0.01 * hertz), $"{rate} Hz");
        }
    }

    [TestCase(40)]
    [TestCase(1200)]
    public void A_tone_beyond_the_voice_has_no_pitch(double hertz) =>
        Assert.That(PitchTrack.Of(TestSignals.Sine(hertz, 0.5, 1, 16000)).Voiced, Is.Zero);

    [Test]
    public void What_is_no_speech_has_no_pitch()
    {
        Assert.That(PitchTrack.Of(TestSignals.Silence(0, 16000)).Hertz, Is.Empty);
        Assert.That(PitchTrack.Of(TestSignals.Silence(16000, 16000)).Voiced, Is.Zero);
        Assert.That(PitchTrack.Of(TestSignals.Silence(100, 16000)).Voiced, Is.Zero);
    }

    [Test]
    public void Contours_are_compared_as_the_definitions_say()
    {
        (double, double)[] pairs = [(100, 110), (200, 200), (100, 130), (0, 100), (150, 0), (0, 0), (0, 0), (120, 120)];
        var difference = PitchDifference.Of(pairs);
        var logs = new[] { Math.Log(1.1), 0, Math.Log(1.3), 0 };
        Assert.That(difference.VoicingError, Is.EqualTo(2.0 / 8));
        Assert.That(difference.GrossError, Is.EqualTo(1.0 / 4));
        Assert.That(difference.FrameError, Is.EqualTo(3.0 / 8));
        Assert.That(difference.LogRmse, Is.EqualTo(Math.Sqrt(logs.Average(log => log * log))).Within(1e-15));
        Assert.That(difference.RmseHertz, Is.EqualTo(Math.Sqrt((100 + 900) / 4.0)).Within(1e-12));
    }

    [Test]
    public void What_cannot_be_compared_is_null()
    {
        Assert.That(PitchDifference.Of([]), Is.EqualTo(default(PitchDifference)));
        var unvoiced = PitchDifference.Of([(0, 100), (0, 0)]);
        double?[] ofVoicedPairs = [unvoiced.LogRmse, unvoiced.GrossError, unvoiced.RmseHertz, unvoiced.Correlation];
        Assert.That(ofVoicedPairs, Has.All.Null);
        Assert.That(unvoiced.VoicingError, Is.EqualTo(0.5));
        Assert.That(PitchDifference.Of([(100, 100), (100, 120)]).Correlation, Is.Null);
    }

    [Test]
    public void An_error_of_a_fifth_is_not_gross_and_more_is() =>
        Assert.That(PitchDifference.Of([(100, 120), (100, 80), (100, 120.1), (100, 79.9)]).GrossError, Is.EqualTo(0.5));

    [Test]
    public void A_pitch_that_is_off_is_seen()
    {
        var chirp = TestSignals.Chirp();
        var faster = new Signal(RationalResampler.Apply(chirp.Samples, 11, 10), 16000);
        var pairs = PitchTrack.Of(chirp).Hertz.Zip(PitchTrack.Of(faster).Hertz).ToList();
        Assert.That(PitchDifference.Of(pairs).LogRmse, Is.GreaterThan(0.05));
    }
}
