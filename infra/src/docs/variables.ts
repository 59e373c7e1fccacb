import { sharedVariables } from '@holdfast/activities/config/shared-variables';
import type { z } from 'zod';
import { agentVariables } from '../../../services/agent/src/config.ts';
import { CliEnvironment } from '../../../services/cli/src/config.ts';
import { ControlPlaneEnvironment } from '../../../services/control-plane/src/config.ts';
import { GatewayEnvironment } from '../../../services/gateway/src/config.ts';
import { WorkerConfig } from '../../../services/worker/src/config.ts';
import { LauncherEnvironment } from '../launcher/config.ts';

/** One variable as the page shows it. */
export interface Variable {
  readonly name: string;
  /** What counts unless it is set, in Markdown. */
  readonly unset: string;
  readonly says: string;
}

type Shape = Readonly<Record<string, z.ZodType>>;

const NOTHING = '–';
const REQUIRED = '**required**';

/** Every table of the page, by the name of its marker. */
export const tables: Readonly<Record<string, readonly Variable[]>> = {
  launcher: variablesOf(LauncherEnvironment.shape),
  shared: variablesOf(sharedVariables),
  gateway: variablesOf(ownOf(GatewayEnvironment.shape)),
  worker: variablesOf(ownOf(WorkerConfig.shape)),
  agent: agentRows(),
  'control-plane': variablesOf(ControlPlaneEnvironment.shape),
  cli: variablesOf(CliEnvironment.shape),
};

function agentRows(): Variable[] {
  const texts = Object.entries<{ says: string; unset?: string; needed?: true }>(agentVariables);
  return texts.map(([name, { says, unset, needed }]) => ({
    name,
    says,
    unset: needed ? REQUIRED : unset === undefined ? NOTHING : `\`${unset}\``,
  }));
}

function ownOf(shape: Shape): Shape {
  return Object.fromEntries(Object.entries(shape).filter(([name]) => !Object.hasOwn(sharedVariables, name)));
}

/** @throws Error for a variable that says nothing about itself */
function variablesOf(shape: Shape): Variable[] {
  return Object.entries(shape).map(([name, schema]) => {
    const { description, unset } = schema.meta() ?? {};
    if (!description) throw new Error(`${name} has no description`);
    return { name, says: description, unset: typeof unset === 'string' ? unset : defaultOf(schema) };
  });
}

/** What a schema makes of nothing is its default. */
function defaultOf(schema: z.ZodType): string {
  const read = schema.safeParse(undefined);
  if (!read.success) return REQUIRED;
  const values: unknown[] = Array.isArray(read.data) ? read.data : [read.data];
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  const shown = values.filter((value) => value !== undefined).map((value) => `\`${text(value)}\``);
  return shown.length === 0 ? NOTHING : shown.join(', ');
}
