// Labels over the picture: fills and outlines, computed for each pixel of the screen, so that an outline is as crisp
// however far one has zoomed. Only the part that changed is computed.

import { colourOf } from './colours.js';
import { layers } from './layers.js';
import { annotation, prediction } from './labels.js';
import { nothing, project, stateOf } from './project.js';
import { SIDE, highestLevel } from './tiles.js';

const HATCH = 7; // pixels of the screen from line to line, where background was drawn, and on locked objects
const DASH = 14; // pixels of the screen from dash to dash, where a model drew

let tables = null;

/** Colours have changed. */
export function forgetColours() {
  tables = null;
}

/**
 * Paint labels on a part of a canvas.
 *
 * @param context of the canvas
 * @param part `[left, top, right, bottom]` in pixels of the canvas
 * @param frame `{ image, t, z }`
 * @param look `{ left, top, scale }`: the image coordinates of the canvas corner, and canvas pixels a pixel of the image
 * @param level at which labels were asked for
 * @param width of an outline in pixels of the canvas
 */
export function paintLabels(context, part, frame, look, level, width) {
  const [left, top, right, bottom] = part;
  const [columns, rows] = [right - left, bottom - top];
  if (columns <= 0 || rows <= 0) return;
  const margin = Math.max(1, width);
  const window = { left: left - margin, top: top - margin, columns: columns + 2 * margin, rows: rows + 2 * margin };
  const drawn = layers.annotation ? sampled(annotation, frame, look, level, window) : null;
  const modelled = layers.prediction ? sampled(prediction, frame, look, level, window) : null;
  const picture = context.createImageData(columns, rows);
  if (drawn || modelled) {
    const pixels = new Uint32Array(picture.data.buffer);
    const shared = { pixels, columns, rows, stride: window.columns, margin, width };
    const phase = Math.round(look.left * look.scale) + Math.round(look.top * look.scale) + left + top;
    const { annotated, locked } = stateOf(frame);
    if (drawn) fillDrawn(shared, drawn, phase, annotated !== 'finished', new Set(locked));
    if (modelled) outlineModelled(shared, modelled, phase);
  }
  context.putImageData(picture, left, top);
}

/** The label number under each pixel of a window of the canvas; null if there is none at all. */
function sampled(labels, frame, look, level, window) {
  const { image } = frame;
  const none = nothing();
  const across = Int32Array.from({ length: window.columns }, (_, at) =>
    Math.floor(look.left + (window.left + at + 0.5) / look.scale),
  );
  const numbers = new Uint16Array(window.columns * window.rows);
  let band = -1;
  let sources = [];
  let some = false;
  let before = -1;
  for (let row = 0; row < window.rows; row += 1) {
    const y = Math.floor(look.top + (window.top + row + 0.5) / look.scale);
    const start = row * window.columns;
    if (y === before) {
      numbers.copyWithin(start, start - window.columns, start);
      continue;
    }
    before = y;
    if (y < 0 || y >= image.height) {
      numbers.fill(none, start, start + window.columns);
      continue;
    }
    if (y >> 8 !== band) {
      band = y >> 8;
      sources = [];
    }
    for (let at = 0; at < window.columns;) {
      const x = across[at];
      const tile = x >> 8;
      if (x < 0 || x >= image.width) {
        numbers[start + at] = none;
        at += 1;
        continue;
      }
      const source = (sources[tile] ??= sourceOf(labels, frame, level, tile, band));
      const end = Math.min((tile + 1) * SIDE, image.width);
      if (!source.numbers) {
        for (; at < window.columns && across[at] < end; at += 1) numbers[start + at] = none;
        continue;
      }
      some = true;
      const base = ((y >> source.level) & 255) * SIDE;
      for (; at < window.columns && across[at] < end; at += 1) {
        numbers[start + at] = source.numbers[base + ((across[at] >> source.level) & 255)];
      }
    }
  }
  return some ? numbers : null;
}

const BARE = { level: 0, numbers: null };

/** Where the labels of a tile at full resolution can be read now: from itself, or from a coarser one. */
function sourceOf(labels, frame, level, x, y) {
  const own = labels.tile(frame, 0, x, y);
  if (own) return own;
  const coarse = labels.tile(frame, level, x >> level, y >> level);
  if (coarse) return coarse;
  for (let other = 1; other <= highestLevel(frame.image); other += 1) {
    const tile = labels.tile(frame, other, x >> other, y >> other);
    if (tile) return tile;
  }
  return BARE;
}

function fillDrawn({ pixels, columns, rows, stride, margin, width }, numbers, phase, hatched, locked) {
  const { fills, lines, hatch } = colourTables();
  const none = nothing();
  for (let row = 0; row < rows; row += 1) {
    let at = (row + margin) * stride + margin;
    let out = row * columns;
    for (let column = 0; column < columns; column += 1, at += 1, out += 1) {
      const number = numbers[at];
      if (number === none) continue;
      if (number === 0) {
        if (hatched && onHatch(row, column, phase)) pixels[out] = hatch;
        continue;
      }
      const lined = isEdge(numbers, at, number, stride, width) || (locked.has(number) && onHatch(row, column, phase));
      pixels[out] = lined ? lines[number] : fills[number];
    }
  }
}

function onHatch(row, column, phase) {
  return (row + column + phase) % HATCH === 0;
}

function outlineModelled({ pixels, columns, rows, stride, margin, width }, numbers, phase) {
  const { lines } = colourTables();
  const none = nothing();
  for (let row = 0; row < rows; row += 1) {
    let at = (row + margin) * stride + margin;
    let out = row * columns;
    for (let column = 0; column < columns; column += 1, at += 1, out += 1) {
      const number = numbers[at];
      if (number === 0 || number === none || !isEdge(numbers, at, number, stride, width)) continue;
      pixels[out] = (row + column + phase) % DASH < DASH * 0.65 ? lines[number] : DARK;
    }
  }
}

/** Whether another number begins within the width of an outline. */
function isEdge(numbers, at, number, stride, width) {
  const down = width * stride;
  return (
    numbers[at - 1] !== number ||
    numbers[at + 1] !== number ||
    numbers[at - stride] !== number ||
    numbers[at + stride] !== number ||
    numbers[at - width] !== number ||
    numbers[at + width] !== number ||
    numbers[at - down] !== number ||
    numbers[at + down] !== number
  );
}

const DARK = 0xb0000000;

function colourTables() {
  if (tables) return tables;
  const count = project.settings.objects ? 65536 : 256;
  const [fills, lines] = [new Uint32Array(count), new Uint32Array(count)];
  const opacity = Math.round(255 * layers.opacity);
  for (let number = 1; number < count; number += 1) {
    const [red, green, blue] = colourOf(number);
    const colour = (blue << 16) | (green << 8) | red;
    fills[number] = ((opacity << 24) | colour) >>> 0;
    lines[number] = ((255 << 24) | colour) >>> 0;
  }
  tables = { fills, lines, hatch: 0x78f0d0b0 };
  return tables;
}
