import { instances } from './migration/0001-instances.ts';
import { endedBoxes } from './migration/0002-ended-boxes.ts';

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** In their order. One that was released is never changed. */
export const migrations: readonly Migration[] = [
  { name: '0001-instances', sql: instances },
  { name: '0002-ended-boxes', sql: endedBoxes },
];
