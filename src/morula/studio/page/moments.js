// The sliders for the frame of a movie and the slice of a volume.

import { element } from './elements.js';
import { goTo, on, place } from './project.js';

const box = document.getElementById('moments');
const sliders = {
  t: slider('Frame', (t) => goTo({ t, z: place.z })),
  z: slider('Slice', (z) => goTo({ t: place.t, z })),
};

export function start() {
  box.append(sliders.t.label, sliders.z.label);
  on('place', show);
  on('project', show);
  show();
}

/** One slice up or down. */
export function throughSlices(step) {
  if (place.image?.slices > 1) goTo({ t: place.t, z: place.z + step });
}

function show() {
  const { image, t, z } = place;
  set(sliders.t, t, image?.frames ?? 1);
  set(sliders.z, z, image?.slices ?? 1);
}

function set({ label, input, number }, value, count) {
  label.hidden = count < 2;
  input.max = count - 1;
  input.value = value;
  number.textContent = `${value + 1} / ${count}`;
  input.setAttribute('aria-valuetext', `${value + 1} of ${count}`);
}

function slider(words, choose) {
  const input = element('input', { type: 'range', min: 0, max: 0, step: 1, id: words.toLowerCase() });
  const number = element('output', { for: input.id });
  input.addEventListener('input', () => choose(Number(input.value)));
  return {
    label: element('label', { class: 'moment', hidden: true }, element('span', {}, words), input, number),
    input,
    number,
  };
}
