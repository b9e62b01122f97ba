// Words that fit numbers.

/** A number and what it counts: `1 frame`, `2 frames`. */
export function many(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
