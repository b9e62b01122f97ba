// What one draws with: the tool in hand, the class or object, the sizes.

import { annotation } from './labels.js';
import { nothing, on, place, project, tell } from './project.js';

export const BACKGROUND = 0;
const LARGEST = 2000; // pixels of the image, of a brush
const SHARE = 0.05; // of an image that a brush measures at first

let suited = '';

/** Tools that write a number of their own, whichever class is chosen. */
const OWN_NUMBER = { background: () => BACKGROUND, eraser: nothing };

export const toolbox = {
  tool: 'encircle',
  number: 1, // of the class
  object: null, // the number of an object that was picked
  sizes: { brush: 24, eraser: 32 }, // pixels of the image, across
  kept: false, // whether what is drawn already stays as it is
};

export function start() {
  on('place', ({ other } = {}) => {
    toolbox.object = null;
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

export function choose(name) {
  toolbox.tool = name;
  tell('toolbox');
}

/** Draw with a class from now on; an eraser or a background brush gives way to the brush. */
export function chooseClass(number) {
  if (number > project.settings.classes.length) return;
  toolbox.number = number;
  if (OWN_NUMBER[toolbox.tool] || toolbox.tool === 'pick') toolbox.tool = 'brush';
  tell('toolbox');
}

/** Go on with an object that is there, or, with null, begin a new one with each stroke. */
export function chooseObject(number) {
  toolbox.object = number;
  toolbox.number = 1;
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

/** The number that a stroke from a point on writes. */
export function numberAt([x, y]) {
  const own = OWN_NUMBER[toolbox.tool];
  if (own) return own();
  if (!project.settings.objects || toolbox.number === BACKGROUND) return toolbox.number;
  const under = annotation.at(place, Math.floor(x), Math.floor(y));
  if (under > 0 && under !== nothing()) return under;
  return toolbox.object ?? annotation.largest(place) + 1;
}
