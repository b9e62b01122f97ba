// The step Annotate: classes, sizes, and where an annotation may begin from.

import * as api from './api.js';
import { cssOf } from './colours.js';
import { button, element, field } from './elements.js';
import { prediction } from './labels.js';
import { attempt, say } from './messages.js';
import { change, entries, indexOf, on, place, project, stateOf, takeState } from './project.js';
import { open as openSettings } from './settings.js';
import { BACKGROUND, LARGEST, chooseClass, chooseObject, inHand, mayDraw, setSize, toolbox } from './toolbox.js';
import { TOOLS } from './toolbar.js';
import { change as changeFrame, redo, undo } from './undo.js';

/** Colours that colour-blind people can tell apart, as everywhere in Morula. */
const COLOURS = ['#19b37d', '#f2b134', '#2f7df0', '#e5462f', '#b565d8', '#3fc1d6'];

const panel = document.getElementById('annotate');
const hint = element('p', { class: 'aside', id: 'tool-hint' });
const classes = element('div', { id: 'classes', role: 'group', 'aria-label': 'What is drawn' });
const sizes = element('div', { class: 'stack' });
const begin = element('div', { class: 'stack' });
const slice = element('input', { type: 'checkbox', 'data-action': 'slice-only', checked: true });
const sliceOnly = element('label', { class: 'tick', hidden: true }, slice, 'This slice only');
const versions = element('details', {}, element('summary', {}, 'Earlier annotations of this frame'));
const fromMask = button('The dashed mask', () => attempt(() => startFrom(prediction.source(), chosenSlice())), {
  'data-action': 'from-prediction',
});
const fromBefore = button('The frame before', () => attempt(() => startFrom('before', chosenSlice())), {
  'data-action': 'from-before',
});
const touching = element(
  'p',
  { class: 'aside', id: 'touching', hidden: true },
  'Do they touch each other? ',
  button('Tell them apart', () => openSettings({ first: 'objects' }), { class: 'quiet' }),
);
const finishedButton = document.querySelector('[data-action="finished"]');

export function start() {
  const steps = element(
    'p',
    { class: 'line' },
    button('Undo', async () => (await undo()) || say('Nothing to undo in this frame.'), {
      'data-action': 'undo',
      'aria-keyshortcuts': 'Control+z',
    }),
    button('Redo', () => redo() || say('Nothing to redo in this frame.'), {
      'data-action': 'redo',
      'aria-keyshortcuts': 'Control+Shift+z',
    }),
  );
  panel.append(
    hint,
    element('h3', {}, 'What you draw'),
    classes,
    touching,
    element('h3', {}, 'Size'),
    sizes,
    steps,
    element('h3', {}, 'Begin with'),
    begin,
    versions,
  );
  begin.append(
    element('p', { class: 'line' }, fromMask, fromBefore),
    element('p', { class: 'aside' }, 'Fills only what you have not drawn.'),
    sliceOnly,
  );
  finishedButton.addEventListener('click', () => attempt(flipFinished));
  versions.addEventListener('toggle', () => versions.open && attempt(listVersions));
  on('project', () => classes.querySelector('.edit') || showClasses());
  on('toolbox', () => {
    showChosen();
    showSizes();
  });
  on('place', () => {
    showFinished();
    versions.open = false;
    sliceOnly.hidden = !(place.image?.slices > 1);
  });
  on('state', showFinished);
  on('project', showFinished);
  for (const topic of ['place', 'state', 'project', 'labels']) on(topic, showBeginnings);
  for (const topic of ['state', 'project']) on(topic, askWhetherTheyTouch);
  showClasses();
  showSizes();
}

/** All of the frame is annotated, or not: what nobody touched then counts as background. */
export async function flipFinished() {
  const { image, t } = place;
  if (!image || image.problem) return;
  const finished = stateOf(place).annotated !== 'finished';
  const [state] = await changeFrame(place, [['state', { finished }]], { pixels: false });
  takeState(image.id, t, state);
  if (finished) say('Finished: what you did not draw counts as background.');
}

/** Fill what nobody annotated from the model's mask or from the frame before: in one slice, or in all. */
export async function startFrom(origin, z = null) {
  const { image } = place;
  if (image && !image.problem && mayDraw()) await changeFrame(place, [['start', { z, from: origin }]]);
}

function chosenSlice() {
  return place.image?.slices > 1 && slice.checked ? place.z : null;
}

/** Only what is there can be begun with. */
function showBeginnings() {
  fromMask.disabled = !stateOf(place).predicted && prediction.source() !== 'preview';
  fromBefore.disabled = indexOf(place) <= 0;
}

/** It is decided before anything is drawn: who has not heard of it asks for it when it is too late. */
function askWhetherTheyTouch() {
  const { classes: kinds, objects } = project.settings;
  touching.hidden =
    objects || kinds.length > 1 || !entries.length || entries.some((each) => stateOf(each).annotated !== 'no');
}

async function listVersions() {
  const { image, t } = place;
  const list = await api.get(`/api/images/${image.id}/history?t=${t}`);
  versions.replaceChildren(
    versions.firstChild,
    ...list.map(({ version, when }) =>
      element(
        'p',
        { class: 'line' },
        element('span', {}, new Date(when).toLocaleString()),
        button('Back to this', () =>
          attempt(async () => {
            if (mayDraw()) await changeFrame({ image, t }, [['restore', { version }]]);
          }),
        ),
      ),
    ),
  );
  if (!list.length)
    versions.append(element('p', { class: 'aside' }, 'None yet. One is kept whenever a mask is taken over.'));
}

function showFinished() {
  const finished = stateOf(place).annotated === 'finished';
  finishedButton.setAttribute('aria-pressed', finished);
  finishedButton.textContent = finished ? 'Finished' : 'Mark as finished';
  finishedButton.hidden = !place.image || Boolean(place.image.problem);
}

function showClasses() {
  const { objects, classes: named } = project.settings;
  const rows = objects
    ? [row(1, 'New object with each stroke', '#19b37d')]
    : named.map(({ name, colour }, number) => row(number + 1, name, colour));
  rows.push(row(BACKGROUND, 'Background', null));
  const made = [...rows];
  if (!objects) made.push(button('Add a class', addClass, { class: 'quiet', 'data-action': 'add-class' }));
  else made.push(element('p', { class: 'aside' }, howObjectsGoOn()));
  classes.replaceChildren(...made);
  showChosen();
}

function howObjectsGoOn() {
  const words = 'A stroke that begins on an object goes on with it.';
  const volumes = project.images.some(({ slices }) => slices > 1);
  return volumes ? `${words} Pick it (I) to draw it in other slices.` : words;
}

function row(number, name, colour) {
  const swatch = element('i', { class: colour ? 'swatch' : 'swatch hatched' });
  if (colour) swatch.style.background = colour;
  const chooser = element(
    'button',
    { type: 'button', class: 'class', 'data-class': number },
    swatch,
    element('span', {}, name),
    number > 0 && number < 10 && !project.settings.objects && element('kbd', {}, number),
  );
  chooser.addEventListener('click', () =>
    project.settings.objects && number ? chooseObject(null) : chooseClass(number),
  );
  const line = element('div', { class: 'class-row' }, chooser);
  if (number && !project.settings.objects)
    line.append(button('Edit', () => editClass(line, number), { class: 'quiet', 'aria-label': `Edit class ${name}` }));
  return line;
}

function showChosen() {
  const { words, hint: more } = TOOLS[inHand()];
  hint.replaceChildren(element('b', {}, words), element('br'), more);
  const own = toolbox.tool === 'eraser' ? null : toolbox.number;
  for (const chooser of classes.querySelectorAll('[data-class]'))
    chooser.setAttribute('aria-pressed', Number(chooser.dataset.class) === own);
  if (!project.settings.objects) return;
  const first = classes.querySelector('[data-class="1"]');
  if (!first) return;
  first.children[1].textContent = toolbox.object
    ? `Object ${toolbox.object} (click for new ones)`
    : 'New object with each stroke';
  first.children[0].style.background = cssOf(toolbox.object ?? 1);
}

function showSizes() {
  const fields = [
    ['brush', 'Brush'],
    ['eraser', 'Eraser'],
  ].map(([which, words]) => {
    const input = element('input', {
      type: 'range',
      min: 0,
      max: 100,
      step: 1,
      'aria-label': `Size of the ${which}`,
      'data-size': which,
    });
    input.value = 100 * (Math.log(toolbox.sizes[which]) / Math.log(LARGEST));
    const number = element('output', {}, `${toolbox.sizes[which]} px`);
    input.addEventListener('input', () => {
      setSize(which, LARGEST ** (input.value / 100));
      number.textContent = `${toolbox.sizes[which]} px`;
    });
    return field(words, element('span', { class: 'with-number' }, input, number));
  });
  if (sizes.contains(document.activeElement)) return;
  const kept = element('input', { type: 'checkbox', 'data-action': 'kept' });
  kept.checked = toolbox.kept;
  kept.addEventListener('change', () => {
    toolbox.kept = kept.checked;
  });
  sizes.replaceChildren(...fields, element('label', { class: 'tick' }, kept, 'Leave what is drawn already'));
}

function addClass() {
  const { classes: named } = project.settings;
  const taken = new Set(named.map(({ colour }) => colour));
  const colour = COLOURS.find((each) => !taken.has(each)) ?? COLOURS[named.length % COLOURS.length];
  attempt(async () => {
    await change({ classes: [...named, { name: freeName(named), colour }] });
    showClasses();
    chooseClass(project.settings.classes.length);
    classes
      .querySelector(`[data-class="${toolbox.number}"]`)
      ?.parentElement.querySelector('[aria-label^="Edit"]')
      ?.click();
  });
}

function freeName(named) {
  for (let number = named.length + 1; ; number += 1) {
    if (!named.some(({ name }) => name === `class ${number}`)) return `class ${number}`;
  }
}

function editClass(line, number) {
  const { name, colour } = project.settings.classes[number - 1];
  const words = element('input', { type: 'text', value: name, maxlength: 60, 'aria-label': 'Name of the class' });
  const hue = element('input', { type: 'color', value: colour, 'aria-label': 'Colour of the class' });
  const set = (named) =>
    attempt(async () => {
      await change({ classes: named });
      showClasses();
    });
  const keep = () =>
    set(
      project.settings.classes.map((each, at) =>
        at === number - 1 ? { name: words.value.trim() || name, colour: hue.value } : each,
      ),
    );
  const remove = () => set(project.settings.classes.filter((_, at) => at !== number - 1));
  words.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'Enter') keep();
    if (event.key === 'Escape') showClasses();
  });
  line.replaceChildren(
    element(
      'div',
      { class: 'edit' },
      hue,
      words,
      button('Keep', keep, { 'data-action': 'keep-class' }),
      project.settings.classes.length > 1 &&
        number === project.settings.classes.length &&
        button('Remove', remove, { class: 'quiet' }),
    ),
  );
  words.select();
}
