import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureAgentImage } from '@holdfast/infra/images/agent-image';
import { hasDocker, type TestDatabase, testDatabase, uniqueId, waitFor } from '@holdfast/infra/testing/index';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BoxBackend } from '../src/box/backend.ts';
import { dockerBackend } from '../src/box/docker/backend.ts';
import { processBackend } from '../src/box/process/backend.ts';
import { parseRuntimes } from '../src/box/runtimes.ts';
import { removeVolumes } from '../src/box/remove-volumes.ts';
import { settleBoxes } from '../src/box/settle-boxes.ts';
import { startBox } from '../src/box/start-box.ts';
import { answers } from './answers.ts';
import { docker, log, missingIsNull } from './box-docker-given.ts';
import { aPulse, boxRig, givenBox, givenOperation, rowOf, takenOver } from './box-given.ts';

let db: TestDatabase;
/** Who called the registry, and with what. */
const calls: { route: string; authorization: string | undefined }[] = [];
const registry = http.createServer((request, response) => {
  calls.push({ route: request.url ?? '', authorization: request.headers.authorization });
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
});
const root = await mkdtemp(path.join(os.tmpdir(), 'holdfast-boxes-'));
const network = uniqueId('holdfast-test');
const agentMain = fileURLToPath(new URL('../../services/agent/src/main.ts', import.meta.url));

beforeAll(async () => {
  db = await testDatabase();
  await new Promise<void>((resolve) => registry.listen(0, '0.0.0.0', resolve));
});
afterAll(async () => {
  registry.closeAllConnections();
  registry.close();
  await db.dispose();
  await rm(root, { recursive: true, force: true });
  if (hasDocker()) await missingIsNull(docker.getNetwork(network).remove());
});

const kinds: [kind: string, host: string, open: (owner: string) => BoxBackend][] = [
  ['docker', 'host.docker.internal', (owner) => dockerBackend({ docker, owner, network, log })],
  [
    'process',
    '127.0.0.1',
    (owner) =>
      processBackend({
        owner,
        directory: root,
        agent: { command: [process.execPath, agentMain], baseEnv: { PATH: process.env['PATH'] ?? '' } },
      }),
  ],
];

describe.each(kinds.filter(([kind]) => kind !== 'docker' || hasDocker()))('a box on %s', (kind, host, open) => {
  test('registers with the credentials of its ledger row, and leaves nothing when it is settled', async () => {
    const image = kind === 'docker' ? await ensureAgentImage(docker) : 'none';
    const rig = boxRig(db.database, {
      backends: (_, owner) => [open(owner)],
      platformUrl: `http://${host}:${(registry.address() as AddressInfo).port}`,
      runtimes: parseRuntimes(
        `{fallback: reference, provisionTimeoutSeconds: 60, runtimes: {reference: {image: '${image}'}}}`,
      ),
    });
    const given = await givenBox(rig, await givenOperation(rig), { backend: kind });
    await startBox(rig.context, given.startOrder, aPulse());
    const { url } = await rowOf(rig, given);
    await waitFor(() => answers(url ?? ''), { what: `an agent at ${url}` });
    const authorization = `Bearer ${given.credentials.token}`;
    await waitFor(
      () => calls.some((call) => call.route === '/registry/register' && call.authorization === authorization),
      {
        what: 'the register',
      },
    );
    await takenOver(rig, given);
    expect(await settleBoxes(rig.context, { ...given.order, limitMs: 20_000 }, aPulse())).toEqual({
      gone: 1,
      owed: [],
    });
    await removeVolumes(rig.context, { workspaceId: given.workspaceId, purge: true });
    const [backend] = rig.context.dispatcher.backends;
    expect(await backend?.list()).toEqual([]);
    expect(await backend?.hasConfig(given.workspaceId, image)).toBe(false);
    expect(await answers(url ?? '')).toBe(false);
  });
});
