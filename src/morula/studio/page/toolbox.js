// What one draws with: the tool in hand, the class or object, the sizes.

import { annotation } from './labels.js';
import { say } from './messages.js';
import { nothing, on, place, project, stateOf, tell } from './project.js';

export const BACKGROUND = 0;
export const LARGEST = 2000; // pixels of the image, of a brush
const SHARE = 0.05; // of an image that a brush measures at first

let suited = ''; // the size of the images that sizes were chosen for
let moment = ''; // the frame that an object was picked in
let lastClass = 1;

export const toolbox = {
  tool: 'encircle',
  number: 1, // of the class
  object: null, // the number of an object that was picked
  sizes: { brush: 24, eraser: 32 }, // pixels of the image, across
  kept: false, // whether what is drawn already stays as it is
};

export function start() {
  on('place', ({ other } = {}) => {
    const now = `${place.image?.id} ${place.t}`;
    if (now !== moment) toolbox.object = null; // it goes on in other slices
    moment = now;
    if (other && place.image && !place.image.problem) suitSizes(place.image);
    tell('toolbox');
  });
}

/** Sizes stay what they were chosen to be, as long as images are as large. */
function suitSizes({ width, height }) {
  if (suited === `${width} ${height}`) return;
  suited = `${width} ${height}`;
  const size = Math.max(3, Math.round(Math.min(width, height) * SHARE));
  toolbox.sizes = { brush: size, eraser: Math.round(size * 1.4) };
}

/** Take a tool in hand. The background brush is the brush that draws background; the brush itself draws a class. */
export function choose(name) {
  toolbox.tool = name === 'background' ? 'brush' : name;
  if (name === 'background') toolbox.number = BACKGROUND;
  if (name === 'brush' && toolbox.number === BACKGROUND) toolbox.number = lastClass;
  tell('toolbox');
}

/** The tool in hand, by its name in the bar. */
export function inHand() {
  return toolbox.tool === 'brush' && toolbox.number === BACKGROUND ? 'background' : toolbox.tool;
}

/** Draw with a class, or with background, from now on; an eraser gives way to the brush. */
export function chooseClass(number) {
  if (number > project.settings.classes.length) return;
  toolbox.number = number;
  if (number !== BACKGROUND) lastClass = number;
  if (toolbox.tool === 'eraser' || toolbox.tool === 'pick') toolbox.tool = 'brush';
  tell('toolbox');
}

/** Go on with an object that is there, or, with null, begin a new one with each stroke. */
export function chooseObject(number) {
  toolbox.object = number;
  toolbox.number = 1;
  lastClass = 1;
  if (toolbox.tool === 'pick') toolbox.tool = 'brush';
  tell('toolbox');
}

/** Change the size of the tool in hand by a factor. */
export function resize(factor) {
  const which = sizeName();
  const size = toolbox.sizes[which];
  setSize(which, factor > 1 ? Math.max(size + 1, size * factor) : Math.min(size - 1, size * factor));
}

export function setSize(which, size) {
  toolbox.sizes[which] = Math.min(Math.max(Math.round(size), 1), LARGEST);
  tell('toolbox');
}

/** Which of the sizes belongs to the tool in hand. */
export function sizeName() {
  return toolbox.tool === 'eraser' ? 'eraser' : 'brush';
}

/** Whether a frame is finished: then nothing changes what is drawn in it. */
export function isFinished(frame = place) {
  return stateOf(frame).annotated === 'finished';
}

/** Whether something may be drawn in a frame; says why not. */
export function mayDraw(frame = place) {
  if (!isFinished(frame)) return true;
  say('This frame is finished, so nothing changes it. Press F to go on with it.');
  return false;
}

/** Whether the tool in hand may draw: what it draws may be locked. Says why not. */
export function mayBegin() {
  if (!mayDraw()) return false;
  const goesOn = project.settings.objects && toolbox.tool !== 'eraser' && toolbox.number !== BACKGROUND;
  if (!goesOn || !isLocked(toolbox.object)) return true;
  say(`Object ${toolbox.object} is locked. Press L to unlock it, or choose new objects.`);
  return false;
}

/** Whether nothing changes an object of the frame on screen. */
export function isLocked(object) {
  return stateOf(place).locked.includes(object);
}

/** The number that a stroke from a point on writes; null is that of a new object. */
export function numberAt([x, y]) {
  if (toolbox.tool === 'eraser') return nothing();
  if (!project.settings.objects || toolbox.number === BACKGROUND) return toolbox.number;
  const under = annotation.at(place, Math.floor(x), Math.floor(y));
  if (under > 0 && under !== nothing() && !isLocked(under)) return under;
  return toolbox.object;
}
