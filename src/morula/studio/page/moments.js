// The sliders for the frame of a movie and the slice of a volume, and marks at frames whose masks jump.

import { element } from './elements.js';
import { jumps } from './jumps.js';
import { goTo, on, place } from './project.js';

const MOST_MARKS = 200;

const box = document.getElementById('moments');
const sliders = {
  t: slider('Frame', (t) => goTo({ t, z: place.z })),
  z: slider('Slice', (z) => goTo({ t: place.t, z })),
};

export function start() {
  box.append(sliders.t.label, sliders.z.label);
  on('place', show);
  on('project', show);
  on('state', show);
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
  mark(image);
}

/** A mark above the slider for each frame that jumps. */
function mark(image) {
  const found = [];
  for (let t = 0; t < (image?.frames ?? 1) && found.length < MOST_MARKS; t += 1) if (jumps({ image, t })) found.push(t);
  sliders.t.marks.replaceChildren(
    ...found.map((t) => {
      const words = `Frame ${t + 1} jumps`;
      const made = element('button', { type: 'button', class: 'jump', 'aria-label': words, title: words, 'data-t': t });
      made.style.left = `${(100 * t) / (image.frames - 1)}%`;
      made.addEventListener('click', () => goTo({ t, z: place.z }));
      return made;
    }),
  );
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
  const marks = element('span', { class: 'jumps' });
  return {
    label: element(
      'div',
      { class: 'moment', hidden: true },
      element('label', { for: input.id }, words),
      element('span', { class: 'along' }, input, marks),
      number,
    ),
    input,
    number,
    marks,
  };
}
