// Asks the server for speech: what is sent, how the answer is read line by line, and what is said when there is none.

// Relative to the page, so that the server may stand behind a proxy under any path.
const VOICES = "v1/audio/voices";
const SPEECH = "v1/audio/speech";
const CAPTIONED = "v1/audio/speech/captioned";

// The alias of the server's own model.
const MODEL = "tts-1";

// Why there is no speech, or no more of it, in words for people. The status is 0 unless the server refused the request.
export class SpeechError extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

// The request as both routes take it. What the settings leave out is as the voice has it.
export function requestBody({ input, voice, ssml, speed, pitch, volume, seed }) {
  const body = { model: MODEL, input, voice, speed, ssml };
  if (pitch !== 0) {
    body.pitch = pitch;
  }
  if (volume !== 0) {
    body.volume = volume;
  }
  if (seed !== null) {
    body.seed = seed;
  }
  return body;
}

export async function fetchVoices(key) {
  const response = await send(VOICES, { headers: authorization(key) });
  const { voices } = await response.json();
  return voices;
}

// The events of a captioned stream, as they come. The last one is always "done".
export async function* captionedSpeech(body, key, signal) {
  const response = await send(CAPTIONED, jsonPost({ ...body, pictures: true }, key, signal));
  for await (const line of linesOf(response.body, signal)) {
    const event = eventOf(line);
    if (event.type === "error") {
      throw new SpeechError(wholeSentence(event.error?.message ?? "The server reported an error."));
    }
    yield event;
    if (event.type === "done") {
      return;
    }
  }
  throw new SpeechError("The connection closed before the end.");
}

// The whole speech as a file.
export async function fetchSpeech(body, format, key, signal) {
  const response = await send(SPEECH, jsonPost({ ...body, response_format: format, stream: false }, key, signal));
  try {
    return await response.blob();
  } catch (error) {
    throw asSpeechError(error, signal, "The connection closed before the file was whole.");
  }
}

// The same request for a shell. The key is never written into it, as people pass such lines on.
export function curlLine(body, format, hasKey) {
  const parts = [
    `curl -sS ${quoted(new URL(SPEECH, document.baseURI).href)}`,
    `-H 'Content-Type: application/json'`,
    ...(hasKey ? [`-H "Authorization: Bearer $CUDATTS_KEY"`] : []),
    `-d ${quoted(JSON.stringify({ ...body, response_format: format }))}`,
    `-o speech.${format}`,
  ];
  return parts.join(" \\\n  ");
}

function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function authorization(key) {
  return key ? { Authorization: `Bearer ${key}` } : {};
}

function jsonPost(body, key, signal) {
  return { method: "POST", headers: { "Content-Type": "application/json", ...authorization(key) }, body: JSON.stringify(body), signal };
}

async function send(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw asSpeechError(error, options.signal, "The server cannot be reached. Check that it runs, then try again.");
  }
  if (!response.ok) {
    throw await refusal(response);
  }
  return response;
}

// An abort is the reader's own wish and stays what it is.
function asSpeechError(error, signal, message) {
  return signal?.aborted ? error : new SpeechError(message);
}

async function refusal(response) {
  const error = await response.json().then((answer) => answer.error, () => null);
  const message = [reasonOf(response.status), wholeSentence(error?.message ?? ""), advice(response)].filter(Boolean).join(" ");
  return new SpeechError(message, response.status);
}

function reasonOf(status) {
  switch (status) {
    case 401: return "The server asks for an API key that it knows: enter one under “API key”.";
    case 429: return "Too many requests.";
    case 503: return "The server is busy.";
    default: return status >= 500 ? `The server failed (${status}).` : `The server refused the request (${status}).`;
  }
}

function advice(response) {
  const seconds = Number(response.headers.get("Retry-After"));
  return seconds > 0 ? `Try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.` : "";
}

function wholeSentence(text) {
  const line = text.replace(/\s+/g, " ").trim();
  return line === "" || /[.!?]$/.test(line) ? line : `${line}.`;
}

function eventOf(line) {
  try {
    return JSON.parse(line);
  } catch {
    throw new SpeechError("The server sent a line that is not JSON.");
  }
}

async function* linesOf(stream, signal) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let open = [];
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw asSpeechError(error, signal, "The connection broke.");
      });
      if (done) {
        break;
      }
      // A line with pictures comes in many pieces: each piece is searched once, and joined at the line's end only.
      const [first, ...others] = value.split("\n");
      open.push(first);
      for (const piece of others) {
        yield* nonEmpty(open.join(""));
        open = [piece];
      }
    }
    yield* nonEmpty(open.join(""));
  } finally {
    reader.cancel().catch(() => {});
  }
}

function* nonEmpty(line) {
  if (line.trim() !== "") {
    yield line;
  }
}
