// Movies whose masks jump for a single frame: which frames do, and how they are mended from those beside them.

import * as api from './api.js';
import { button, element } from './elements.js';
import { annotation } from './labels.js';
import { attempt, say } from './messages.js';
import { entries, stateOf, takeState, tell } from './project.js';
import { change } from './undo.js';

const JUMPS = new Set(['area jumps', 'position jumps']);

const refused = new Set(); // frames that could not be mended: they are not offered again with all others

/** Whether the mask of a frame jumps, and nobody has looked at it yet. */
export function jumps(frame) {
  const { flags, review, annotated } = stateOf(frame);
  return !review && annotated !== 'finished' && flags.some((flag) => JUMPS.has(flag));
}

/** What can be said and done about a frame that jumps, or that was mended: elements, maybe none. */
export function about(frame) {
  if (jumps(frame))
    return [
      element('p', {}, 'This mask jumps: those before and after it agree with each other and not with it.'),
      element(
        'p',
        { class: 'line' },
        button('Draw it between them', () => attempt(() => mend([frozen(frame)])), { 'data-action': 'mend' }),
      ),
      element('p', { class: 'aside' }, 'Interpolated, not seen: halfway between the two masks. No model learns from it, and it can be taken back.'),
    ];
  if (stateOf(frame).interpolated)
    return [
      element('p', {}, 'Interpolated between the frames before and after: nobody saw this outline.'),
      element(
        'p',
        { class: 'line' },
        button('Take it back', () => attempt(() => takeBack(frozen(frame))), { 'data-action': 'take-back' }),
      ),
    ];
  return [];
}

/** How many frames jump, with a button that mends them all; null where none does. */
export function summary() {
  const found = entries.filter((entry) => jumps(entry) && !refused.has(keyOf(entry)));
  if (!found.length) return null;
  const one = found.length === 1;
  const words = one ? '1 frame jumps' : `${found.length} frames jump`;
  return element(
    'p',
    { class: 'line' },
    element('span', {}, `${words} against the frames beside.`),
    button(one ? 'Mend it' : 'Mend all', () => attempt(() => mend(found)), {
      class: 'quiet',
      'data-action': 'mend-all',
      title: 'Draw each halfway between the masks before and after it: interpolated, not seen',
    }),
  );
}

async function mend(frames) {
  const problems = [];
  for (const { image, t } of frames) {
    try {
      await change({ image, t }, [['mend', {}]]);
      await changed(image, t);
    } catch (error) {
      if (error.status !== 409) throw error;
      refused.add(keyOf({ image, t }));
      takeState(image.id, t, stateOf({ image, t })); // who offers it looks again
      problems.push(error.message);
    }
  }
  const mended = frames.length - problems.length;
  const count = mended === 1 ? '1 frame is' : `${mended} frames are`;
  if (mended) say(`${count} interpolated from the masks beside.`);
  if (problems.length) say(problems[0], { wrong: true });
}

async function takeBack({ image, t }) {
  await change({ image, t }, [['clear', {}]]);
  await changed(image, t);
  say("Taken back: the model's mask counts again. What was drawn before is under Earlier annotations of this frame.");
}

async function changed(image, t) {
  takeState(image.id, t, await api.post(`/api/images/${image.id}/state`, { t }));
  annotation.reload(image.id, t);
  tell('labels');
}

function frozen({ image, t }) {
  return { image, t };
}

function keyOf({ image, t }) {
  return `${image.id}/${t}`;
}
