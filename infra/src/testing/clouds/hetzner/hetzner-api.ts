import type { RefusalKind } from '../faults.ts';
import type { Answer, Api, Asked } from '../http-cloud.ts';
import { json, parsed } from '../json-api.ts';
import type { Operation } from '../operation.ts';
import { type HetznerState, serverView, volumeView } from './hetzner-state.ts';

const refusalOf = (status: number, code: string): Answer =>
  json(status, { error: { code, message: `${code}, says the test`, details: {} } });

const refusals: Readonly<Record<RefusalKind, Answer>> = {
  throttled: refusalOf(429, 'rate_limit_exceeded'),
  quota: refusalOf(403, 'resource_limit_exceeded'),
  capacity: refusalOf(412, 'resource_unavailable'),
  unavailable: refusalOf(503, 'unavailable'),
  denied: refusalOf(401, 'unauthorized'),
  hidden: refusalOf(404, 'not_found'),
};

const notFound = refusalOf(404, 'not_found');
const path = /^\/v1\/(?<kind>servers|volumes|actions)(?:\/(?<id>\d+))?$/;

/** Hetzner's API over the state of one project. */
export function hetznerApi(state: HetznerState, token: string): Api {
  const createServer = (asked: Asked, failing: boolean): Answer => {
    const body = parsed(asked.body);
    const names = [...state.servers.values()].map(({ name }) => name);
    if (names.includes(String(body['name']))) return refusalOf(409, 'uniqueness_error');
    const volumes = ((body['volumes'] ?? []) as number[]).map((id) => state.volumes.get(id));
    if (volumes.some((volume) => volume === undefined || volume.server !== null))
      return refusalOf(422, 'invalid_input');
    const server = state.createServer(body);
    const action = state.startAction('create_server', failing ? 'resource_unavailable' : undefined);
    if (failing) state.deleteServer(server.id);
    return json(201, { server: serverView(server), action, next_actions: [], root_password: 'not-for-anybody' });
  };

  const createVolume = (asked: Asked): Answer => {
    const { name, labels, size } = parsed(asked.body);
    const taken = [...state.volumes.values()].some((volume) => volume.name === name);
    if (taken) return refusalOf(409, 'uniqueness_error');
    const id = state.nextId();
    const volume = {
      id,
      name: String(name),
      labels: labels as Record<string, string>,
      size: Number(size),
      server: null,
    };
    state.volumes.set(id, volume);
    return json(201, { volume: volumeView(volume), action: state.startAction('create_volume'), next_actions: [] });
  };

  const list = (kind: 'servers' | 'volumes', { searchParams }: URL): Answer => {
    const all = kind === 'servers' ? [...state.servers.values()] : [...state.volumes.values()];
    const name = searchParams.get('name');
    const found = all.filter(
      (one) => (name === null || one.name === name) && isSelected(one.labels, searchParams.get('label_selector')),
    );
    // Small pages, so that whoever forgets the next one is found out.
    const perPage = Math.min(Number(searchParams.get('per_page') ?? 25), 2);
    const page = Number(searchParams.get('page') ?? 1);
    const last = Math.max(1, Math.ceil(found.length / perPage));
    const slice = found.slice((page - 1) * perPage, page * perPage);
    const views =
      kind === 'servers' ? slice.map((one) => serverView(one as never)) : slice.map((one) => volumeView(one as never));
    const pagination = {
      page,
      per_page: perPage,
      previous_page: page > 1 ? page - 1 : null,
      next_page: page < last ? page + 1 : null,
      last_page: last,
      total_entries: found.length,
    };
    return json(200, { [kind]: views, meta: { pagination } });
  };

  const one = (kind: string, id: number, method: string): Answer => {
    if (kind === 'actions') {
      const action = state.action(id);
      return action ? json(200, { action }) : notFound;
    }
    const server = state.servers.get(id);
    const volume = state.volumes.get(id);
    if (kind === 'servers' && server) {
      if (method === 'GET') return json(200, { server: serverView(server) });
      state.deleteServer(id);
      return json(200, { action: state.startAction('delete_server') });
    }
    if (kind === 'volumes' && volume) {
      if (method === 'GET') return json(200, { volume: volumeView(volume) });
      if (volume.server !== null) return refusalOf(423, 'locked');
      state.volumes.delete(id);
      return { status: 204, body: '', type: 'application/json' };
    }
    return notFound;
  };

  return {
    operationOf({ method, url }) {
      const { kind, id } = path.exec(url.pathname)?.groups ?? {};
      if (kind !== 'servers') return 'other';
      const byMethod: Readonly<Record<string, Operation>> = { POST: 'create', DELETE: 'end' };
      return byMethod[method] ?? (id === undefined ? 'list' : 'look');
    },
    async perform(asked, failing = false) {
      await Promise.resolve();
      if (asked.headers.authorization !== `Bearer ${token}`) return refusals.denied;
      const { kind, id } = path.exec(asked.url.pathname)?.groups ?? {};
      if (kind === undefined) return notFound;
      if (id !== undefined) return one(kind, Number(id), asked.method);
      if (asked.method === 'POST') return kind === 'servers' ? createServer(asked, failing) : createVolume(asked);
      return list(kind as 'servers' | 'volumes', asked.url);
    },
    refuse: (kind) => refusals[kind],
  };
}

function isSelected(labels: Readonly<Record<string, string>>, selector: string | null): boolean {
  const wanted = (selector ?? '').split(',').filter((term) => term !== '');
  return wanted.every((term) => {
    const [name = '', value] = term.split('=');
    return labels[name] === value;
  });
}
