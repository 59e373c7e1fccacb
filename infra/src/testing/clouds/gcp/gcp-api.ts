import type { RefusalKind } from '../faults.ts';
import type { Answer, Api, Asked } from '../http-cloud.ts';
import { json, type Json, parsed } from '../json-api.ts';
import type { Machines } from '../machines.ts';
import type { Operation } from '../operation.ts';
import { type GcpState, machineView, PROJECT, ZONE } from './gcp-state.ts';
import { type ServiceAccount, TOKEN } from './service-account.ts';

const refusalOf = (status: number, reason: string): Answer =>
  json(status, {
    error: {
      code: status,
      message: `${reason}, says the test`,
      errors: [{ message: `${reason}, says the test`, domain: 'global', reason }],
    },
  });

const refusals: Readonly<Record<RefusalKind, Answer>> = {
  throttled: refusalOf(403, 'rateLimitExceeded'),
  quota: refusalOf(403, 'quotaExceeded'),
  capacity: refusalOf(503, 'resourcePoolExhausted'),
  unavailable: refusalOf(503, 'backendError'),
  denied: refusalOf(401, 'authError'),
  hidden: refusalOf(404, 'notFound'),
};

const notFound = refusalOf(404, 'notFound');
const path = new RegExp(
  `^/compute/v1/projects/${PROJECT}/zones/${ZONE}/(?<kind>instances|disks|operations)(?:/(?<name>[^/]+)(?<port>/serialPort)?)?$`,
);
/** Small, so that whoever forgets the next page is found out. */
const PER_PAGE = 2;

/** Compute Engine's API over the state of one zone, and the token service beside it. */
export function gcpApi(state: GcpState, machines: Machines, account: ServiceAccount): Api {
  const insert = (kind: string, asked: Asked, failing: boolean): Answer => {
    const requestId = asked.url.searchParams.get('requestId');
    const known = requestId === null ? undefined : state.known(`${kind} ${requestId}`);
    if (known) return json(200, known);
    const body = parsed(asked.body);
    const taken = kind === 'instances' ? state.instances : state.disks;
    if (taken.has(String(body['name']))) return refusalOf(409, 'alreadyExists');
    // Google accepts what it has no machine for, and lets the operation fail.
    const error = failing ? 'ZONE_RESOURCE_POOL_EXHAUSTED' : undefined;
    if (error === undefined) {
      if (kind === 'instances') state.insert(body);
      else state.insertDisk(body);
    }
    return json(200, state.start(requestId === null ? null : `${kind} ${requestId}`, error));
  };

  const list = (kind: string, { searchParams }: URL): Answer => {
    const all: { labels: Readonly<Record<string, string>> }[] =
      kind === 'instances' ? [...state.instances.values()] : [...state.disks.values()];
    const found = all.filter(({ labels }) => isMatched(labels, searchParams.get('filter') ?? ''));
    const from = Number(searchParams.get('pageToken') ?? 0);
    const items = found.slice(from, from + PER_PAGE).map((one) => viewOf(kind, one));
    const isLast = from + PER_PAGE >= found.length;
    return json(200, {
      ...(items.length === 0 ? {} : { items }),
      ...(isLast ? {} : { nextPageToken: String(from + PER_PAGE) }),
    });
  };

  const viewOf = (kind: string, one: unknown): Json =>
    kind === 'instances'
      ? machineView(one as never)
      : { ...(one as Json), users: state.usersOf((one as { name: string }).name) };

  const one = (kind: string, name: string, asked: Asked, isConsole: boolean): Answer => {
    if (kind === 'operations') {
      const operation = state.operation(name);
      return operation ? json(200, operation) : notFound;
    }
    const found = kind === 'instances' ? state.instances.get(name) : state.disks.get(name);
    if (!found) return notFound;
    if (isConsole) return json(200, { contents: machines.consoleOf(name), start: '0', next: '0' });
    if (asked.method === 'GET') return json(200, viewOf(kind, found));
    if (kind === 'disks' && state.usersOf(name).length > 0) return refusalOf(400, 'resourceInUseByAnotherResource');
    if (kind === 'instances') state.remove(name);
    else state.disks.delete(name);
    return json(200, state.start(null));
  };

  return {
    operationOf({ method, url }) {
      const { kind, name, port } = path.exec(url.pathname)?.groups ?? {};
      if (kind !== 'instances') return 'other';
      if (port !== undefined) return 'console';
      const byMethod: Readonly<Record<string, Operation>> = { POST: 'create', DELETE: 'end' };
      return byMethod[method] ?? (name === undefined ? 'list' : 'look');
    },
    async perform(asked, failing = false) {
      await Promise.resolve();
      if (asked.url.pathname === '/token') return account.grant(asked);
      if (asked.headers.authorization !== `Bearer ${TOKEN}`) return refusals.denied;
      const { kind, name, port } = path.exec(asked.url.pathname)?.groups ?? {};
      if (kind === undefined) return notFound;
      if (name !== undefined) return one(kind, name, asked, port !== undefined);
      return asked.method === 'POST' ? insert(kind, asked, failing) : list(kind, asked.url);
    },
    refuse: (kind) => refusals[kind],
  };
}

function isMatched(labels: Readonly<Record<string, string>>, filter: string): boolean {
  const terms = filter.split(' AND ').filter((term) => term !== '');
  return terms.every((term) => {
    const { name = '', value } = /^labels\.(?<name>[^=]+)=(?<value>.*)$/.exec(term)?.groups ?? {};
    return labels[name] === value;
  });
}
