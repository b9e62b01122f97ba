// The bar of tools beside the view.

import { element } from './elements.js';
import { icon } from './icons.js';
import { on } from './project.js';
import { choose, inHand } from './toolbox.js';
import { tool as brush } from './tools/brush.js';
import { tool as cling } from './tools/cling.js';
import { tool as encircle } from './tools/encircle.js';
import { tool as fill } from './tools/fill.js';
import { tool as pick } from './tools/pick.js';
import { tool as polygon } from './tools/polygon.js';

/**
 * The tools in the order of the bar. Each is `made` of `down`, `move`, `up` and `cancel`, which are told of points of
 * the image, and of `draft`, what is drawn while it goes on; one that
 * `clicks` is not dragged, one that is `round` has a size, one that `looks` changes nothing, and one that goes on over
 * many presses goes `back` by one.
 */
export const TOOLS = {
  encircle: {
    words: 'Draw around',
    key: 'D',
    hint: 'Draw around a thing. It closes and fills when you let go.',
    made: encircle,
  },
  polygon: {
    words: 'Polygon',
    key: 'O',
    hint: 'Click from corner to corner. Enter or a click on the first closes it, Backspace takes the last one back.',
    made: polygon,
  },
  cling: {
    words: 'Follow an edge',
    key: 'C',
    hint: 'Click along an edge: the outline clings to it between the clicks. Enter or a click on the first closes it.',
    made: cling,
  },
  brush: { words: 'Brush', key: 'B', hint: '[ and ] change its size.', made: brush },
  background: {
    words: 'Background brush',
    key: 'G',
    hint: 'Says that there is nothing here. [ and ] change its size.',
    made: brush,
  },
  eraser: { words: 'Eraser', key: 'E', hint: 'Back to not annotated. [ and ] change its size.', made: brush },
  fill: { words: 'Fill hole', key: 'H', hint: 'Click into a hole of what you drew.', made: fill },
  pick: { words: 'Pick', key: 'I', hint: 'Click on something to go on drawing it.', made: pick },
};

const bar = document.getElementById('tools');

export function start() {
  for (const [name, { words, key, hint }] of Object.entries(TOOLS)) {
    const made = element(
      'button',
      {
        type: 'button',
        class: 'icon',
        'data-tool': name,
        'aria-label': words,
        'aria-keyshortcuts': key.toLowerCase(),
        title: `${words} (${key}). ${hint}`,
      },
      icon(name),
    );
    made.addEventListener('click', () => choose(name));
    bar.append(made);
  }
  bar.addEventListener('keydown', walk);
  on('toolbox', mark);
  mark();
}

function mark() {
  for (const each of bar.children) {
    const chosen = each.dataset.tool === inHand();
    each.setAttribute('aria-pressed', chosen);
    each.tabIndex = chosen ? 0 : -1;
  }
}

function walk(event) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  const all = [...bar.children];
  const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
  choose(next.dataset.tool);
  next.focus();
}
