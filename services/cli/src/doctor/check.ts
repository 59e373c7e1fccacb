import type { Exit } from '../exit/exit-codes.ts';

/** One thing the doctor looked at. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failed';
  /** What was found, in a few words. */
  readonly says: string;
  /** What mends it; every check that is not ok has one. */
  readonly fix?: string;
  /** How the program ends when this is the first check that failed. */
  readonly exit?: Exit;
}

export const fine = (name: string, says: string): Check => ({ name, state: 'ok', says });
export const warning = (name: string, says: string, fix: string): Check => ({ name, state: 'warning', says, fix });
export const failed = (name: string, says: string, fix: string, exit: Exit = 'failure'): Check => ({
  name,
  state: 'failed',
  says,
  fix,
  exit,
});
