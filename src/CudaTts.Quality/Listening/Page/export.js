// The answers as files. Nothing is sent: the browser makes the file, and the listener sends it.
const RATING_FIELDS = ["trial", "block", "stimulus", "score", "plays", "played_to_end", "seconds_to_rate", "presented_at"];

function resultOf(test, state) {
  return {
    test_id: test.test_id,
    page_version: test.page_version,
    listener: state.listener,
    seed: test.seed,
    started_at: state.started_at,
    finished_at: state.finished_at,
    environment: {
      user_agent: navigator.userAgent,
      sample_rate: state.sample_rate,
      screen: `${screen.width}x${screen.height}`,
    },
    answers: state.answers,
    ratings: state.ratings,
    comment: state.comment,
  };
}

function resultJson(result) {
  return JSON.stringify(result, null, 1);
}

// RFC 4180.
function resultCsv(result) {
  const header = ["test_id", "listener", ...RATING_FIELDS, "page_version", "user_agent"];
  const rows = result.ratings.map(rating => [
    result.test_id, result.listener, ...RATING_FIELDS.map(field => rating[field]), result.page_version, result.environment.user_agent,
  ]);
  return [header, ...rows].map(row => row.map(csvField).join(",") + "\r\n").join("");
}

function csvField(value) {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function saveFile(name, text, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
