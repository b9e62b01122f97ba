// Colours of labels: classes have the ones they were given, objects each one of their own that stays theirs.

import { project } from './project.js';

const GOLDEN = 137.508; // degrees; each next hue lies far from the ones before

/** The colour of an object or a class, `[red, green, blue]`, or null for background. */
export function colourOf(number) {
  if (number === 0) return null;
  if (!project.settings.objects) return fromHex(project.settings.classes[number - 1]?.colour ?? '#8a8f98');
  return fromHue((number * GOLDEN) % 360, [0.75, 0.9, 0.6][number % 3], [0.6, 0.5, 0.7][(number >> 2) % 3]);
}

export function cssOf(number) {
  const colour = colourOf(number);
  return colour ? `rgb(${colour.map(Math.round).join(' ')})` : 'transparent';
}

function fromHex(colour) {
  return [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));
}

function fromHue(hue, saturation, lightness) {
  const strength = saturation * Math.min(lightness, 1 - lightness);
  const part = (offset) => {
    const step = (offset + hue / 30) % 12;
    return 255 * (lightness - strength * Math.max(-1, Math.min(step - 3, 9 - step, 1)));
  };
  return [part(0), part(8), part(4)];
}
