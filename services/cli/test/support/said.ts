import { run } from '../../src/run.ts';
import { routedGateway } from './routed.ts';
import type { Heard } from './scripted-gateway.ts';
import { aWorld, type WorldOptions } from './world.ts';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What the person was asked. */
  readonly questions: readonly string[];
  readonly heard: readonly Heard[];
}

/** Runs a command line against a gateway that knows a few routes, and gives all that came of it. */
export async function said(
  words: string,
  routes: Parameters<typeof routedGateway>[0],
  options: WorldOptions = {},
): Promise<Said> {
  await using gateway = await routedGateway(routes);
  const { world, out, err, questions } = aWorld({ gateway: gateway.url, ...options });
  const code = await run(words.split(' '), world);
  return { code, out: out(), err: err(), questions, heard: gateway.heard };
}
