// What mends a finding of the check, as far as a person can do it from here: a button, and words of what it does.

import { button } from './elements.js';
import { begin } from './jobs.js';
import { attempt, say } from './messages.js';
import { change, entries, goTo, goToId, project, stateOf } from './project.js';
import { open as openSettings } from './settings.js';
import { show as showStep } from './steps.js';
import { change as changeFrame } from './undo.js';

const REMEDIES = {
  annotate: { words: 'Annotate it', act: annotate },
  redraw: { words: 'Annotate it again', act: redraw, needs: 'image' },
  copy: { words: 'Leave its annotation out', act: leaveOut, needs: 'image' },
  names: { words: 'Say what names tell', act: tellNames },
  'pixel size': { words: 'Set the pixel size', act: setPixelSize },
};

/** Where what is done depends on what was found. */
const OTHERWISE = {
  annotate: ({ image }) => (image ? null : { words: 'Annotate another frame' }),
  names: ({ suggestion }) =>
    suggestion
      ? { words: 'Keep them together', act: keepTogether, more: `Their names may be read as ${suggestion}.` }
      : null,
};

/** The button that mends a finding, and what it does in words; nothing where a person can only think about it. */
export function remedyOf(finding) {
  const remedy = REMEDIES[finding.remedy];
  if (!remedy || (remedy.needs === 'image' && !finding.image)) return [];
  const { words, more = '', act = remedy.act } = OTHERWISE[finding.remedy]?.(finding) ?? remedy;
  const made = button(words, () => attempt(() => act(finding)), { 'data-remedy': finding.remedy });
  return more ? [more, made] : [made];
}

/** The frame it is about, else the first that nobody has annotated. */
function annotate({ image: id, frame }) {
  if (id) goToId(id, frame);
  else {
    const next = entries.find((entry) => stateOf(entry).annotated === 'no' && !entry.image.problem);
    if (next) goTo(next);
    else say('All frames are annotated. Add images to annotate more.');
  }
  showStep('annotate');
}

async function redraw({ image: id, frame }) {
  await clear(imageOf(id), frame);
  goToId(id, frame);
  showStep('annotate');
  say('Draw it again. What was there is kept under Earlier annotations of this frame.');
}

/** Of a copy, all frames. */
async function leaveOut({ image: id }) {
  const image = imageOf(id);
  for (let t = 0; t < (image?.frames ?? 0); t += 1) if (image.states[t].annotated !== 'no') await clear(image, t);
  await begin('check');
  say('Its annotation is left out. It is kept under Earlier annotations of this frame.');
}

function setPixelSize() {
  openSettings({ first: 'pixel-size', kept: () => begin('check') });
}

function tellNames() {
  openSettings({ first: 'names', kept: () => begin('check') });
}

async function keepTogether({ suggestion }) {
  await change({ names: suggestion });
  await begin('check');
  say(`Names are read as ${suggestion}: what is the same but for the moment is kept together. Project says so.`);
}

function imageOf(id) {
  return project.images.find((image) => image.id === id);
}

function clear(image, t) {
  return changeFrame({ image, t }, [['clear', {}]]);
}
