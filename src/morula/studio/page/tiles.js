// Tiles of images: which of them a view needs, asking for those only, and keeping what was seen last.

import * as api from './api.js';

export const SIDE = 256;
const KEPT = 400; // pictures, at most 256 KB each
const TOGETHER = 4; // of the six connections that a browser grants; one more listens to events

const kept = new Map(); // by key, the longest unused first
const loading = new Map();
let wanted = [];
let arrived = () => {};

/** Have a listener called whenever a picture came. */
export function whenArrived(listener) {
  arrived = listener;
}

/** The level at which the whole frame fits into one tile. */
export function highestLevel(image) {
  return Math.max(0, Math.ceil(Math.log2(Math.max(image.width, image.height) / SIDE)));
}

/** The level whose pixels are about as large as those of the screen. */
export function levelFor(scale, image) {
  return Math.min(Math.max(0, Math.floor(Math.log2(1 / scale) + 0.35)), highestLevel(image));
}

/** The tiles of a level that touch a box `[x0, y0, x1, y1]` of the image: `{ level, x, y }`, from the middle outwards. */
export function tilesIn(image, level, [x0, y0, x1, y1]) {
  const side = SIDE * 2 ** level;
  const [left, top] = [x0, y0].map((start) => Math.max(0, Math.floor(start / side)));
  const right = Math.min(Math.ceil(x1 / side), Math.ceil(image.width / side));
  const bottom = Math.min(Math.ceil(y1 / side), Math.ceil(image.height / side));
  const found = [];
  for (let y = top; y < bottom; y += 1) for (let x = left; x < right; x += 1) found.push({ level, x, y });
  const [middleX, middleY] = [(x0 + x1) / 2 / side - 0.5, (y0 + y1) / 2 / side - 0.5];
  return found.sort((a, b) => Math.hypot(a.x - middleX, a.y - middleY) - Math.hypot(b.x - middleX, b.y - middleY));
}

/** Where a tile lies in the image: `[x0, y0, x1, y1]`. */
export function boxOf(image, { level, x, y }) {
  const side = SIDE * 2 ** level;
  return [x * side, y * side, Math.min((x + 1) * side, image.width), Math.min((y + 1) * side, image.height)];
}

/**
 * The picture of a tile, or the nearest that there is: with the look of before, or a part of a coarser one.
 * Returns `{ bitmap, source: [x, y, width, height] }`, or null.
 */
export function pictureOf(frame, tile, looks) {
  const [x0, y0, x1, y1] = boxOf(frame.image, tile);
  for (let level = tile.level; level <= highestLevel(frame.image); level += 1) {
    const side = SIDE * 2 ** level;
    const coarse = { level, x: Math.floor(x0 / side), y: Math.floor(y0 / side) };
    for (const look of looks) {
      const bitmap = touch(keyOf(frame, coarse, look));
      if (!bitmap) continue;
      const [left, top, right, bottom] = boxOf(frame.image, coarse);
      const [across, down] = [bitmap.width / (right - left), bitmap.height / (bottom - top)];
      return { bitmap, source: [(x0 - left) * across, (y0 - top) * down, (x1 - x0) * across, (y1 - y0) * down] };
    }
  }
  return null;
}

/** Whether the picture of a tile is here, as it is wanted. */
export function isHere(frame, tile, look) {
  return kept.has(keyOf(frame, tile, look));
}

/** Ask for tiles, `{ frame, tile, look }` each, the first first; what was asked for before and is not among them is given up. */
export function want(tiles) {
  wanted = tiles
    .map((each) => ({ ...each, key: keyOf(each.frame, each.tile, each.look) }))
    .filter(({ key }) => !kept.has(key));
  const still = new Set(wanted.map(({ key }) => key));
  for (const [key, controller] of loading) if (!still.has(key)) controller.abort();
  pump();
}

function pump() {
  while (loading.size < TOGETHER) {
    const next = wanted.find(({ key }) => !loading.has(key) && !kept.has(key));
    if (!next) return;
    fetchTile(next);
  }
}

async function fetchTile({ frame, tile, look, key }) {
  const controller = new AbortController();
  loading.set(key, controller);
  try {
    keep(key, await api.picture(addressOf(frame, tile, look), { signal: controller.signal }));
    arrived();
  } catch (error) {
    if (error.name !== 'AbortError') wanted = wanted.filter((each) => each.key !== key); // asked for again by the next move
  } finally {
    loading.delete(key);
    pump();
  }
}

function keep(key, bitmap) {
  kept.set(key, bitmap);
  if (kept.size <= KEPT) return;
  const [oldest, old] = kept.entries().next().value;
  kept.delete(oldest);
  old.close();
}

function touch(key) {
  const bitmap = kept.get(key);
  if (bitmap) {
    kept.delete(key);
    kept.set(key, bitmap);
  }
  return bitmap;
}

function keyOf({ image, t, z }, { level, x, y }, look) {
  return `${image.id}/${t}/${z}/${level}/${x}/${y}?${look}`;
}

function addressOf({ image, t, z }, { level, x, y }, look) {
  return `/api/images/${image.id}/tile?t=${t}&z=${z}&level=${level}&x=${x}&y=${y}${look && `&${look}`}`;
}
