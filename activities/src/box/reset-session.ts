import type { BoxSpec } from './backend.ts';

const yes = /^(1|t|true|y|yes|on)$/i;

/** Whether the sessions of the agent before this one are to be forgotten: asked for, or set by the user as a variable. */
export const resetsSession = (spec: Pick<BoxSpec, 'resetSession' | 'env'>): boolean =>
  spec.resetSession || yes.test(spec.env['WORKSPACE_RESET_SESSION']?.trim() ?? '');
