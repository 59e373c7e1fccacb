import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Client, Connection } from '@temporalio/client';
import Docker from 'dockerode';
import { ownLabels } from '@holdfast/activities/box/names';
import { processesWith } from '@holdfast/activities/box/process/process-table';
import { workflowId } from '@holdfast/workflows/operation/operation';
import { commandOf, processesNaming } from '../../src/process/command-lines.ts';
import type { System } from '../../src/testing/system/system.ts';
import { testTemporal } from '../../src/testing/temporal.ts';

/** Texts by the place they were found at. */
export type Places = Map<string, string>;

/** Which secret is in which place: as it is, or encoded in one of the usual ways. */
export function leaks(places: Places, secrets: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [name, value] of secrets) {
    const bytes = Buffer.from(value);
    const shapes = [
      value,
      encodeURIComponent(value),
      bytes.toString('hex'),
      bytes.toString('base64').replace(/=+$/, ''),
    ];
    for (const [place, content] of places) {
      if (shapes.some((shape) => content.includes(shape))) found.push(`${name} in ${place}`);
    }
  }
  return found;
}

/** Every text and every run of bytes in a value: bytes are what payloads are, and JSON would show them as numbers. */
function textsIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value !== 'object' || value === null) return '';
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return entries.map(([key, member]) => `${String(key)} ${textsIn(member)}`).join('\n');
}

/** What Temporal keeps of the workspaces' executions: histories, and what the list of executions shows. */
export async function histories(workspaceIds: readonly string[]): Promise<Places> {
  const { address, namespaces } = testTemporal();
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection, namespace: namespaces.operations });
    const places: Places = new Map();
    for (const id of workspaceIds) {
      for await (const { runId, raw } of client.workflow.list({ query: `WorkflowId = "${workflowId(id)}"` })) {
        const history = await client.workflow.getHandle(workflowId(id), runId).fetchHistory();
        places.set(`history ${workflowId(id)} ${runId}`, textsIn(history));
        places.set(`execution ${workflowId(id)} ${runId}`, textsIn(raw));
      }
    }
    return places;
  } finally {
    await connection.close();
  }
}

/**
 * Every column of every row of every table, those of a control plane included; what is sealed is there as the bytes it was
 * sealed into.
 */
export async function rows({ db }: System): Promise<Places> {
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema')`;
  const texts = await Promise.all(
    tables.map(({ name }) => db.$queryRawUnsafe<{ row: string }[]>(`SELECT to_jsonb(t)::text AS row FROM ${name} t`)),
  );
  return new Map(tables.map(({ name }, at) => [`table ${name}`, (texts[at] ?? []).map(({ row }) => row).join('\n')]));
}

/** The files a box finds its credentials in. */
const credentialFiles = ['.auth_token', '.platform_inbound_secret'];

/** Logs of gateways and workers, and whatever else is left on disk but the boxes' own credential files. */
export function files({ directory }: System): Places {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const plain = entries.filter((entry) => entry.isFile() && !credentialFiles.includes(entry.name));
  return new Map(
    plain.map(({ parentPath, name }) => {
      const file = path.join(parentPath, name);
      return [`file ${path.relative(directory, file)}`, readFileSync(file, 'utf8')];
    }),
  );
}

/** The command line of every process of this machine, those in containers included. */
export const commandLines = (): Places =>
  new Map(processesNaming('').map((pid) => [`command line of ${pid}`, commandOf(pid) ?? '']));

/** All the engine tells of the containers but their environment, where secrets are meant to be; and their output. */
export async function containers({ owner }: System): Promise<Places> {
  const places: Places = new Map();
  for (const container of await ownContainers(owner)) {
    const { Config, ...rest } = await container.inspect();
    places.set(`container ${container.id}`, JSON.stringify({ ...rest, Config: { ...Config, Env: [] } }));
    const output = await container.logs({ stdout: true, stderr: true });
    places.set(`output of container ${container.id}`, output.toString('utf8'));
  }
  return places;
}

async function ownContainers(owner: string): Promise<Docker.Container[]> {
  const docker = new Docker();
  const listed = await docker.listContainers({ all: true, filters: { label: [`${ownLabels.owner}=${owner}`] } });
  return listed.map(({ Id }) => docker.getContainer(Id));
}

/** What clouds keep of the machines: what they boot from, how they are marked and what they printed. */
export function machines({ clouds }: System): Places {
  const all = (clouds?.clouds ?? []).flatMap((cloud) => cloud.machines());
  return new Map(all.map((machine) => [`machine ${machine.id}`, textsIn(machine)]));
}

/** What boxes are given: their environment and their credential files. The contrast to every other place here. */
export async function belongings({ owner, directory }: System, workspaceIds: readonly string[]): Promise<Places> {
  const places: Places = new Map();
  for (const { parentPath, name } of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (credentialFiles.includes(name)) places.set(name, readFileSync(path.join(parentPath, name), 'utf8'));
  }
  if (process.platform === 'linux') {
    for (const pid of workspaceIds.flatMap((id) => processesWith(`WORKSPACE_ID=${id}`)))
      places.set('environment', readFileSync(`/proc/${pid}/environ`, 'utf8'));
  }
  for (const container of await ownContainers(owner)) {
    places.set('environment', JSON.stringify((await container.inspect()).Config.Env));
    places.set('configuration', await text(await container.getArchive({ path: '/configs' })));
  }
  return places;
}

const paths = ['/workspaces', '/operations', '/boxes', '/backends', '/events', '/settings/secrets', '/org/tokens'];
const openPaths = ['/openapi.json', '/health', '/ready', '/admin/liveness'];
const workspacePaths = ['', '/operations', '/secrets', '/tokens', '/model'];

/** What the API answers an administrator. @param metricsToken what /metrics is read with */
export async function answers(system: System, workspaceIds: readonly string[], metricsToken: string): Promise<Places> {
  const places: Places = new Map();
  const get = async (url: string, token?: string, expected = [200, 404]): Promise<void> => {
    const { status, headers, body } = await system.api().call('GET', url, token === undefined ? {} : { token });
    if (!expected.includes(status)) throw new Error(`GET ${url} answered ${status}`);
    places.set(`answer of ${url}`, `${JSON.stringify([...headers])}\n${JSON.stringify(body)}`);
  };
  for (const url of [...paths, ...openPaths]) await get(url);
  await get('/metrics', metricsToken);
  for (const id of workspaceIds) {
    for (const rest of workspacePaths) await get(`/workspaces/${id}${rest}`);
    // Only machines in clouds have one, and only those that are there.
    await get(`/workspaces/${id}/console`, undefined, [200, 404, 501, 502]);
  }
  for (const { id } of await system.db.operation.findMany({ select: { id: true } })) await get(`/operations/${id}`);
  return places;
}
