// The same numbers as CudaTts.Quality.Statistics.UniformSequence: u(name, i) = (splitmix64(fnv1a64(name) + i) >> 40) / 2^24.
const MASK = (1n << 64n) - 1n;

function uniformSequence(name) {
  let hash = 0xcbf29ce484222325n;
  for (const octet of new TextEncoder().encode(name)) {
    hash = ((hash ^ BigInt(octet)) * 0x100000001b3n) & MASK;
  }
  return index => {
    let state = (hash + BigInt(index) + 0x9e3779b97f4a7c15n) & MASK;
    state = ((state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
    state = ((state ^ (state >> 27n)) * 0x94d049bb133111ebn) & MASK;
    return Number((state ^ (state >> 31n)) >> 40n) / 2 ** 24;
  };
}

// Fisher and Yates, in place.
function shuffle(items, uniform) {
  for (let i = items.length - 1; i >= 1; i--) {
    const other = Math.floor(uniform(i) * (i + 1));
    [items[i], items[other]] = [items[other], items[i]];
  }
  return items;
}
