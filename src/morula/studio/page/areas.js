// What outlines enclose is filled: as a stroke, or, where it is huge, by the server, which need not send what was there.

import { attempt } from './messages.js';
import { nextNumber } from './numbers.js';
import { strokeBegins, strokeEnds } from './saving.js';
import { inside } from './spans.js';
import { Stroke } from './strokes.js';
import { SIDE } from './tiles.js';
import { toolbox } from './toolbox.js';
import { change } from './undo.js';

const HUGE = 400 * SIDE * SIDE; // pixels

/**
 * Fill what a closed path encloses.
 *
 * @param frame `{ image, t, z }`
 * @param number that is written; null is that of a new object
 * @param path its points; it closes from the last to the first
 */
export function fillInside(frame, number, path) {
  const spans = inside(path);
  const { kept } = toolbox;
  if (sizeOf(spans) > HUGE) {
    attempt(() => haveFilled(frame, number, spans, kept));
    return;
  }
  const stroke = new Stroke(frame, number, { kept });
  stroke.paint(spans);
  stroke.end();
}

async function haveFilled(frame, number, spans, kept) {
  strokeBegins(); // undo waits for it
  let made = null;
  try {
    const own = number ?? (await nextNumber(frame));
    made = change(frame, [['area', { z: frame.z, number: own, kept, spans }]]);
  } finally {
    strokeEnds();
  }
  await made;
}

function sizeOf(spans) {
  let size = 0;
  for (let at = 0; at < spans.length; at += 3) size += spans[at + 2] - spans[at + 1];
  return size;
}
