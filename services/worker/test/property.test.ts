import { test } from 'vitest';
import { fileBoxes } from './support/property/file-boxes.ts';
import { runProperty } from './support/property/run.ts';
import { verbsAsked } from './support/size.ts';

const verbs = verbsAsked({ usual: 250, full: 3_000 });

test(
  'whatever is asked for, and whoever dies over it: operations never overlap, nothing accepted is lost, no box is left',
  { timeout: 180_000 + verbs * 400 },
  () => runProperty(verbs, fileBoxes),
);
