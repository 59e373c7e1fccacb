import type { Figure } from '../figure.ts';
import { beats } from './beats.ts';
import { bringUps } from './bring-ups.ts';
import { burst } from './burst.ts';
import { create } from './create.ts';
import { deletes } from './delete.ts';
import { docker } from './docker.ts';
import { idle } from './idle.ts';
import { list } from './list.ts';
import { processes } from './process.ts';
import { start } from './start.ts';

/** Every figure, in the order they are measured. */
export const figures: readonly Figure[] = [
  list,
  beats,
  create,
  start,
  bringUps,
  burst,
  deletes,
  docker,
  processes,
  idle,
];
