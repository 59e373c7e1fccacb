import { count as counted } from '../../terminal/text.ts';

/** How many workspaces an answer is about besides the one that was named. */
export const countFact = (count: number): string | undefined =>
  count > 1 ? `with ${counted(count - 1, 'workspace')} below it` : undefined;
