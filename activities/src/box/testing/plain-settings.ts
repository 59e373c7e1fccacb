import { type BoxSettings, defaultBoxSettings } from '../box-context.ts';
import { parseRuntimes } from '../runtimes.ts';

/** The settings of a worker that was told of nothing but one runtime, for tests. */
export const plainBoxSettings: BoxSettings = {
  ...defaultBoxSettings,
  platformUrl: 'http://127.0.0.1:1',
  templateRoot: null,
  orgTemplateRoot: null,
  workspaceDir: null,
  awarenessUrl: null,
  runtimes: parseRuntimes(
    '{ fallback: reference, provisionTimeoutSeconds: 600, runtimes: { reference: { image: none } } }',
  ),
  mutators: [],
};
