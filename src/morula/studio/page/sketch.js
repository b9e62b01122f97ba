// A first mask from strokes alone, in the place of a model's until there is one.

import { element } from './elements.js';
import { prediction } from './labels.js';
import { on, place, stateOf, tell } from './project.js';

const sketched = new Set(); // frames that have one
const lacks = new Map(); // what others need for one, in words
const box = element('p', { id: 'sketch', class: 'aside', 'aria-live': 'polite', hidden: true });

export function start() {
  document.querySelector('#annotate > *').after(box);
  prediction.source = () => {
    const waits = !stateOf(place).predicted && sketched.has(keyOf(place.image?.id, place.t));
    return waits ? 'sketch' : 'prediction';
  };
  on('place', show);
  on('project', show);
}

/** The server sketched a frame, or says what it lacks. */
export function take({ id, t, words }) {
  const key = keyOf(id, t);
  if (words) sketched.delete(key);
  else sketched.add(key);
  lacks.set(key, words);
  prediction.reload(id, t);
  tell('labels');
  show();
}

function show() {
  const key = keyOf(place.image?.id, place.t);
  const has = sketched.has(key);
  box.hidden = !place.image || stateOf(place).predicted || (!has && !lacks.get(key));
  box.textContent = has
    ? 'Dashed: a first mask from your strokes. A trained model does better.'
    : `No first mask yet. ${lacks.get(key) ?? ''}`;
}

function keyOf(id, t) {
  return `${id} ${t}`;
}
