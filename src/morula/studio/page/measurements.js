// The table of what was measured, as the server has it: which object each row is about, and how a row is opened.

import * as api from './api.js';
import { chooseObject, chosen, sameObject } from './chosen.js';
import { goToId, indexOf, place, project } from './project.js';

/** `columns` as `{ name, label, unit }`, `rows` of values, and `frames` as `[id, t]` of each; `file` is null before
 * anything was measured. */
export let table = { columns: [], rows: [], frames: [], file: null, outdated: false };

export async function ask() {
  table = await api.get('/api/measurements');
}

/** The place of a column; -1 where there is none. */
export function placeOf(column) {
  return table.columns.findIndex(({ name }) => name === column);
}

/** Show the frame of a row, and its object in the picture. */
export function open(number) {
  goToId(...table.frames[number]);
  chooseObject(objectOf(number));
}

/** Whether a row is about the frame on screen. */
export function isHere(number) {
  const [id, t] = table.frames[number];
  return place.image?.id === id && place.t === t;
}

/** Whether a row is about the object that was chosen. */
export function isChosen(number) {
  return chosen !== null && sameObject(objectOf(number), chosen);
}

/** The object that a row is about; null for a frame without any. */
function objectOf(number) {
  const [id, t] = table.frames[number];
  const object = table.rows[number][placeOf('object')] ?? null;
  return object === null || id === null ? null : { id, t, number: object };
}

/** What a row is about, in words. */
export function wordsOf(number) {
  const [id, t] = table.frames[number];
  const image = project.images.find((each) => each.id === id);
  return `${image?.name ?? ''}${image?.frames > 1 ? `, frame ${t + 1}` : ''}`;
}

/** Where the frame of a row stands among all frames of the project, from 1. */
export function momentOf(number) {
  const [id, t] = table.frames[number];
  const image = project.images.find((each) => each.id === id);
  return (image ? indexOf({ image, t }) : number) + 1;
}

/** A column in words, with its unit. */
export function titleOf({ name, label, unit }) {
  const words = label || name;
  return unit && !words.includes(unit) ? `${words} (${unit})` : words;
}
