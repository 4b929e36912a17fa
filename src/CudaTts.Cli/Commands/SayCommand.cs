using System.CommandLine;
using CudaTts.Files;

namespace CudaTts.Cli.Commands;

/// <summary><c>cudatts say</c>: text to speech, one text or one a line.</summary>
internal static class SayCommand
{
    public static Command Create(Terminal terminal)
    {
        var text = new Argument<string?>("text") { Description = "What to say; without it, -f or standard input.", Arity = ArgumentArity.ZeroOrOne };
        var output = new Option<string?>("--output", "-o")
        {
            Description = $"The file to write ({SayArguments.DefaultOutput}); - for standard output; other than .wav through ffmpeg.",
            HelpName = "FILE",
        };
        var file = new Option<string?>("--file", "-f") { Description = "Read the text from a file.", HelpName = "FILE" };
        var lines = new Option<string?>("--lines")
        {
            Description = "Each line is an utterance of its own, written to DIR/0001.wav and on. A line without a letter or a digit is skipped; one "
                + "that cannot be spoken is reported with its number, the others are spoken, and the exit code is 1.",
            HelpName = "DIR",
        };
        var jsonInput = SharedOptions.Flag("--json-input", "Each line is {\"text\", \"output_file\"?, \"seed\"?, \"speed\"?, \"speaker\"?}.");
        var allowOutside = SharedOptions.Flag("--allow-outside", "Let output_file of --json-input lead out of the folder.");
        var resume = SharedOptions.Flag(
            "--resume", "Go on with a --lines job: lines that its manifest.jsonl records as done by this voice in this way are not spoken again.");
        var encoding = new Option<string?>("--encoding")
        {
            Description = "How the text that is read is encoded, where it is not UTF-8 and cannot be found out.",
            HelpName = string.Join('|', EncodedText.Names.Keys),
            Validators =
            {
                result =>
                {
                    if (result.Tokens.Count == 1 && !EncodedText.Names.ContainsKey(result.Tokens[0].Value))
                    {
                        result.AddError(
                            $"--encoding: expected one of {string.Join(", ", EncodedText.Names.Keys)}, found '{result.Tokens[0].Value}'.");
                    }
                },
            },
        };
        var raw = SharedOptions.Flag("--output-raw", "Write 16-bit samples without a header to standard output, sentence by sentence.");
        var voice = SharedOptions.Voice();
        var vocoder = SharedOptions.Vocoder();
        var allowMelMismatch = SharedOptions.Flag("--allow-mel-mismatch", "Speak with a vocoder that was made for another mel, with poor sound.");
        var lexicon = SharedOptions.Lexicon();
        var denoise = SharedOptions.Denoise();
        var device = new DeviceArguments();
        var seed = SharedOptions.Seed();
        var speed = NumberOption.Of<double>("--speed", SpeechLimits.Speed, "X", $"How fast, {SpeechLimits.Speed.Expected}; the pitch stays.");
        var speaker = SharedOptions.SpeakerOrName();
        var noiseScale = SharedOptions.NoiseScale();
        var durationNoiseScale = SharedOptions.DurationNoiseScale();
        var attempts = NumberOption.Of<int>(
            "--attempts", SpeechLimits.Attempts, "N",
            $"How often a sentence is tried until its attention is sound, {SpeechLimits.Attempts.Expected}; the best is kept.");
        var pitch = NumberOption.Of<double>(
            "--pitch", SpeechLimits.Pitch, "ST", $"Semitones higher or (negative) lower, {SpeechLimits.Pitch.Expected}; changes the waveform, "
            + "or with FastPitch what the model speaks.");
        var volume = NumberOption.Of<double>(
            "--volume", SpeechLimits.Volume, "DB", $"Decibels louder or (negative) softer, {SpeechLimits.Volume.Expected} and full scale.");
        var window = SharedOptions.Choice(
            "--attention-window",
            "Hold attention to the tokens around its last place: always, in every second attempt (retry), or not (off).", ["off", "retry", "always"]);
        var ssml = SharedOptions.Flag("--ssml", "The text is SSML, as is any that begins with <speak.");
        var timestamps = new Option<string?>("--timestamps")
        {
            Description = "Write when every word is said: .json with all sounds, .srt or .vtt captions; with --lines or "
                + "--json-input only json, srt or vtt, for a file beside each.",
            HelpName = "FILE",
        };
        var stats = SharedOptions.Flag("--stats", "Write figures as JSON to standard error.");
        var plot = new Option<string?>("--plot") { Description = "Draw mel and alignment.", HelpName = "PNG" };
        var command = new Command("say", "Speaks a text.")
        {
            text, output, file, encoding, lines, resume, jsonInput, allowOutside, raw, voice, vocoder, allowMelMismatch, lexicon, denoise, seed,
            speaker, noiseScale, durationNoiseScale, speed, pitch, volume, attempts, window, ssml, timestamps, stats, plot,
        };
        device.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(new SayJob(terminal, new SayArguments
        {
            Text = parsed.GetValue(text),
            Output = parsed.GetValue(output),
            File = parsed.GetValue(file),
            Lines = parsed.GetValue(lines),
            Resume = parsed.GetValue(resume),
            JsonInput = parsed.GetValue(jsonInput),
            AllowOutside = parsed.GetValue(allowOutside),
            Encoding = parsed.GetValue(encoding) is { } named ? EncodedText.Names[named] : null,
            Raw = parsed.GetValue(raw),
            Voice = parsed.GetValue(voice),
            Vocoder = new VoiceOptions { Vocoder = parsed.GetValue(vocoder), AllowMelMismatch = parsed.GetValue(allowMelMismatch) },
            Lexicons = parsed.GetValue(lexicon) ?? [],
            Denoise = parsed.GetValue(denoise),
            Device = device.Of(parsed),
            Seed = parsed.GetValue(seed),
            Speed = parsed.GetValue(speed) ?? 1,
            Speaker = parsed.GetValue(speaker),
            NoiseScale = parsed.GetValue(noiseScale),
            DurationNoiseScale = parsed.GetValue(durationNoiseScale),
            Attempts = parsed.GetValue(attempts),
            Pitch = parsed.GetValue(pitch) ?? 0,
            Volume = parsed.GetValue(volume) ?? 0,
            Window = Enum.Parse<AttentionWindowUse>(parsed.GetValue(window)!, ignoreCase: true),
            Ssml = parsed.GetValue(ssml),
            Timestamps = parsed.GetValue(timestamps),
            Stats = parsed.GetValue(stats),
            Plot = parsed.GetValue(plot),
        }).Run(cancellation)));
        return command;
    }
}
