namespace CudaTts.Server.Observability;

/// <summary>What the server is doing at this moment, as the gauges show it.</summary>
/// <param name="IsReady">Whether it takes work.</param>
/// <param name="SentencesWaiting">Sentences that are admitted and not begun.</param>
/// <param name="DecoderRows">Sentences that are being decoded.</param>
/// <param name="WaitingWorkSeconds">The time that admitted and unfinished work is predicted to take.</param>
/// <param name="BoundBytes">Memory that sentences under way take at most in the engine; null where there is no bound.</param>
internal readonly record struct ServerState(bool IsReady, int SentencesWaiting, int DecoderRows, double WaitingWorkSeconds, long? BoundBytes);

/// <summary>A loaded voice, as the metrics name it.</summary>
/// <param name="Voice">Its id in the catalogue.</param>
/// <param name="Acoustic">Its acoustic model.</param>
/// <param name="Vocoder">Its vocoder.</param>
/// <param name="SampleRate">Samples a second, Hz.</param>
internal readonly record struct VoiceDescription(string Voice, string Acoustic, string Vocoder, int SampleRate);
