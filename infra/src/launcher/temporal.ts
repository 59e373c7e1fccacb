import path from 'node:path';
import { StartFailure } from '../failure.ts';
import { prepareNamespaces } from '../temporal/namespaces.ts';
import { startTemporal } from '../temporal/server.ts';
import type { LauncherConfig } from './config.ts';
import type { Ports } from './ports.ts';

const GIVEN_LIMIT_MS = 10_000;

export interface RunningTemporal {
  readonly address: string;
  /** The Web UI; undefined for a server that is not ours. */
  readonly webUi: string | undefined;
  /** Stops it when it is ours; leaves another's alone. */
  stop(): Promise<void>;
}

/**
 * The Temporal server: the user's own, else a development server whose histories are kept.
 * @param program the `temporal` program; undefined with a server of the user's own
 * @throws StartFailure when it cannot be had
 */
export async function openTemporal(
  config: LauncherConfig,
  ports: Ports,
  program: string | undefined,
): Promise<RunningTemporal> {
  if (config.temporalAddress !== undefined) return await given(config.temporalAddress);
  if (program === undefined) throw new Error('a server of our own needs its program');
  const directory = path.join(config.data, 'temporal');
  const server = await ports.startOn('temporal', async (port) => {
    const uiPort = await ports.choose('temporalUi');
    return await startTemporal({ program, directory, port, uiPort });
  });
  ports.keep('temporal', Number(server.address.split(':')[1]));
  if (server.uiPort !== undefined) ports.keep('temporalUi', server.uiPort);
  return { address: server.address, webUi: `http://127.0.0.1:${server.uiPort}`, stop: () => server.stop() };
}

async function given(address: string): Promise<RunningTemporal> {
  try {
    await prepareNamespaces(address, GIVEN_LIMIT_MS);
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { details?: string; message?: string } };
    throw new StartFailure(
      `Temporal at ${address} cannot be used (${cause?.details ?? cause?.message ?? message}): ` +
        'start it and check TEMPORAL_ADDRESS, or leave TEMPORAL_ADDRESS out for a server of our own.',
      { cause: error },
    );
  }
  return { address, webUi: undefined, stop: async () => undefined };
}
