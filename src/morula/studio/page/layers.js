// What lies over the picture: annotation and model's mask, shown or hidden, and how strongly the annotation is filled.

import { element, field } from './elements.js';
import { tell } from './project.js';

export const layers = { annotation: true, prediction: true, opacity: 0.3 };

const sheet = document.getElementById('layers');
const boxes = {};

export function start() {
  boxes.annotation = box('annotation', 'Annotation', 'M');
  boxes.prediction = box('prediction', 'Mask of the model (dashed)', 'V');
  const opacity = element('input', {
    type: 'range',
    min: 0,
    max: 0.8,
    step: 0.05,
    'aria-label': 'Opacity of the annotation',
  });
  opacity.value = layers.opacity;
  opacity.addEventListener('input', () => {
    layers.opacity = Number(opacity.value);
    tell('layers');
  });
  const hint = element('p', { class: 'aside' }, 'Thin slanted lines: drawn as background. No colour: not annotated.');
  sheet.append(...Object.values(boxes).map((each) => each.parentElement), field('Fill', opacity), hint);
}

/** Open or close the sheet; returns whether it is open. */
export function toggle() {
  sheet.hidden = !sheet.hidden;
  return !sheet.hidden;
}

/** Show or hide a layer. */
export function flip(which) {
  layers[which] = !layers[which];
  boxes[which].checked = layers[which];
  tell('layers');
}

function box(which, words, key) {
  const made = element('input', { type: 'checkbox', 'data-layer': which });
  made.checked = layers[which];
  made.addEventListener('change', () => flip(which));
  element('label', { class: 'tick' }, made, words, element('kbd', {}, key));
  return made;
}
