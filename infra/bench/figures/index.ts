import type { Figure } from '../figure.ts';
import { answers } from './answers.ts';
import { beats } from './beats.ts';
import { bringUps } from './bring-ups.ts';
import { burst } from './burst.ts';
import { controlPlane } from './control-plane.ts';
import { create } from './create.ts';
import { docker } from './docker.ts';
import { dockerVerbs } from './docker-verbs.ts';
import { idle } from './idle.ts';
import { list } from './list.ts';
import { processes } from './process.ts';
import { start } from './start.ts';
import { tree } from './tree.ts';
import { nullVerbs } from './verbs.ts';

/** Every figure, in the order they are measured. */
export const figures: readonly Figure[] = [
  list,
  beats,
  create,
  start,
  bringUps,
  burst,
  answers,
  nullVerbs,
  tree,
  docker,
  dockerVerbs,
  controlPlane,
  processes,
  idle,
];
