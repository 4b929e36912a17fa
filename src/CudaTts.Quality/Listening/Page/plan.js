// Which sounds a listener hears in which order: number by number what CudaTts.Quality.Listening.ListeningPlan draws.
const TRIALS_PER_EXTRA = 10;

function planTrials(test, listener) {
  const isMushra = test.method === "mushra";
  const soundsOf = (sounds, page) => isMushra ? shuffledPage(test, listener, sounds, page) : sounds;
  return [
    ...test.training.map(sounds => ({ block: "training", sounds: soundsOf(sounds, "training") })),
    ...(isMushra ? planPages(test, listener) : planCategories(test, listener)).map(sounds => ({ block: "rating", sounds })),
  ];
}

function planPages(test, listener) {
  const rows = shuffle([...test.grid.keys()], uniformSequence(`order.${test.seed}.${listener}`));
  return rows.map(row => shuffledPage(test, listener, test.grid[row][0], row));
}

// The first sound is the open reference.
function shuffledPage(test, listener, sounds, page) {
  return [sounds[0], ...shuffle(sounds.slice(1), uniformSequence(`sounds.${test.seed}.${listener}.${page}`))];
}

function planCategories(test, listener) {
  const cells = test.full ? williamsCells(test, listener) : latinSquareCells(test, listener);
  repair(cells);
  const trials = cells.map(cell => cell.sounds);
  const count = Math.max(1, Math.floor(trials.length / TRIALS_PER_EXTRA + 0.5));
  const place = uniformSequence(`extras.${test.seed}.${listener}`);
  let draw = 0;
  for (const pool of test.extras) {
    for (let i = 0; i < count; i++) {
      trials.splice(1 + Math.floor(place(draw++) * trials.length), 0, pool[(listener + i) % pool.length]);
    }
  }
  return trials;
}

function latinSquareCells(test, listener) {
  const cells = test.grid.map((conditions, row) => cellAt(test, listener, row, (row + listener) % conditions.length));
  return shuffle(cells, uniformSequence(`order.${test.seed}.${listener}`));
}

function williamsCells(test, listener) {
  const rows = test.grid.length;
  const order = shuffle([...test.grid.keys()], uniformSequence(`order.${test.seed}.${listener}`));
  const cells = [];
  for (let block = 0; block < rows; block++) {
    for (const condition of williamsRow(block + listener, test.grid[0].length)) {
      cells.push(cellAt(test, listener, order[(block + condition) % rows], condition));
    }
  }
  return cells;
}

// 0, 1, k - 1, 2, k - 2, ... moved on by the row; for an odd k every second row backwards.
function williamsRow(row, conditions) {
  const isOdd = conditions % 2 === 1;
  const shift = isOdd ? Math.floor(row / 2) : row;
  const line = Array.from({ length: conditions }, (_, i) => ((i % 2 === 1 ? (i + 1) / 2 : conditions - i / 2) + shift) % conditions);
  return isOdd && row % 2 === 1 ? line.reverse() : line;
}

// Of two sounds that are compared, every second time the other one comes first.
function cellAt(test, listener, row, condition) {
  const sounds = test.grid[row][condition];
  const conditions = test.grid[row].length;
  const isReversed = test.method === "ccr" && (Math.floor(row / conditions) + Math.floor(listener / conditions) + condition) % 2 === 1;
  return { condition, sounds: isReversed ? [sounds[1], sounds[0]] : sounds };
}

// Where two neighbours are of one condition, the later changes places with the next of another condition, if there is one.
function repair(cells) {
  for (let i = 1; i < cells.length; i++) {
    const last = cells[i - 1].condition;
    const other = cells.findIndex((cell, at) => at > i && cell.condition !== last);
    if (cells[i].condition === last && other > 0) {
      [cells[i], cells[other]] = [cells[other], cells[i]];
    }
  }
}
