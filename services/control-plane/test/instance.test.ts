import { randomUUID } from 'node:crypto';
import { waitFor } from '@holdfast/infra/testing/index';
import { describe, expect, test } from 'vitest';
import { aProvision } from './support/client.ts';
import { fleet, useFleet } from './support/fleet.ts';

useFleet();

describe('a delete', () => {
  test.each(['aws', 'hetzner', 'gcp'])(
    'at %s ends the machine before it answers, and may be repeated',
    async (provider) => {
      const { workspace_id: id, instance_id: instance, box_id: box } = await fleet.given({ provider });
      for (const query of [{ instance_id: instance }, { instance_id: instance, provider }, { box_id: box }]) {
        expect(await fleet.one.terminate(id, query)).toMatchObject({ status: 200, body: { state: 'terminated' } });
      }
      expect(fleet.machinesOf(box)).toEqual([]);
    },
  );

  test('finds by its box what nobody had heard of', async () => {
    const body = aProvision();
    fleet.hetzner.faults.plan('create', 'lost', 1);
    fleet.hetzner.faults.plan('create', 'unheard', 2);
    await fleet.one.provision(body);
    expect(fleet.machinesOf(body.box_id)).toHaveLength(1);
    expect((await fleet.one.terminate(body.workspace_id, { box_id: body.box_id })).status).toBe(202);
    expect(fleet.machinesOf(body.box_id)).toEqual([]);
  });

  test.each(['aws', 'hetzner', 'gcp'])(
    'at %s of a box that the cloud had no room for, or no time, is over at once: nothing can come of it',
    async (provider) => {
      for (const fault of ['capacity', 'throttled'] as const) {
        const body = aProvision({ provider });
        fleet.cloud(provider).faults.plan('create', fault, 10);
        expect((await fleet.one.provision(body)).status).toBe(503);
        fleet.clearFaults();
        expect((await fleet.one.terminate(body.workspace_id, { box_id: body.box_id })).body).toEqual({
          state: 'terminated',
        });
      }
    },
  );

  test.each(['aws', 'hetzner', 'gcp'])(
    'at %s of a box whose create was refused after one that nobody answered is not: that may come yet',
    async (provider) => {
      const body = aProvision({ provider });
      fleet.cloud(provider).faults.plan('create', 'lost', 1);
      fleet.cloud(provider).faults.plan('create', 'quota', 1);
      expect(await fleet.one.provision(body)).toMatchObject({ status: 502, body: { code: 'PROVIDER_UNAVAILABLE' } });
      expect((await fleet.one.terminate(body.workspace_id, { box_id: body.box_id })).body).toEqual({
        state: 'terminating',
      });
      expect(fleet.machinesOf(body.box_id)).toEqual([]);
    },
  );

  test('of another’s instance is answered as if there were none, and does nothing', async () => {
    const { workspace_id: id, instance_id: instance, box_id: box } = await fleet.given({ provider: 'hetzner' });
    const none = await fleet.two.terminate(id, { instance_id: '99999999', provider: 'hetzner' });
    for (const query of [
      { instance_id: instance, provider: 'hetzner' },
      { box_id: box, provider: 'hetzner' },
    ]) {
      expect(await fleet.two.terminate(id, query)).toMatchObject({ status: none.status, text: none.text });
    }
    expect(await fleet.one.terminate(randomUUID(), { instance_id: instance, provider: 'hetzner' })).toMatchObject({
      text: none.text,
    });
    expect(fleet.machinesOf(box)).toHaveLength(1);
  });

  test('of an instance whose row was lost finds it by its marks', async () => {
    const { workspace_id: id, instance_id: instance, box_id: box } = await fleet.given({ provider: 'gcp' });
    await fleet.plane.db.rows('DELETE FROM control_plane.instances WHERE box_id = $1', [box]);
    await fleet.two.terminate(id, { instance_id: instance, provider: 'gcp' });
    expect(fleet.machinesOf(box)).toHaveLength(1);
    expect((await fleet.one.terminate(id, { instance_id: instance, provider: 'gcp' })).status).toBe(200);
    expect(fleet.machinesOf(box)).toEqual([]);
  });

  test('finds it without being told the cloud, too', async () => {
    const { workspace_id: id, instance_id: instance, box_id: box } = await fleet.given({ provider: 'gcp' });
    await fleet.plane.db.rows('DELETE FROM control_plane.instances WHERE box_id = $1', [box]);
    await waitFor(async () => (await fleet.one.status(id, { instance_id: instance })).body['state'] === 'running');
    expect((await fleet.one.terminate(id, { instance_id: instance })).body).toEqual({ state: 'terminated' });
    expect(fleet.machinesOf(box)).toEqual([]);
  });

  test('whose cloud does not answer is an error, and is finished all the same', async () => {
    const { workspace_id: id, instance_id: instance, box_id: box } = await fleet.given();
    fleet.hetzner.faults.plan('end', 'unheard', 1_000);
    expect(await fleet.one.terminate(id, { instance_id: instance })).toMatchObject({ status: 502 });
    fleet.hetzner.faults.clear();
    await waitFor(() => fleet.machinesOf(box).length === 0);
    await waitFor(async () => (await fleet.one.terminate(id, { instance_id: instance })).status === 200);
  });

  test('of a box that was never asked for keeps it from ever being made, for its own organisation alone', async () => {
    const body = aProvision();
    const { workspace_id: id, box_id: box } = body;
    for (const _ of [1, 2]) {
      expect((await fleet.one.terminate(id, { box_id: box })).body).toEqual({ state: 'terminated' });
    }
    for (const late of [body, { ...body, provider: 'gcp' }, { ...body, workspace_id: randomUUID() }]) {
      expect(await fleet.one.provision(late)).toMatchObject({ status: 409, body: { code: 'BOX_GONE' } });
    }
    expect(fleet.machinesOf(box)).toEqual([]);
    expect((await fleet.one.status(id, { box_id: box })).body).toEqual({ state: 'terminated' });
    expect(JSON.stringify((await fleet.one.list()).body)).not.toContain(box);
    expect((await fleet.two.provision(body)).status).toBe(201);
  });

  test('leaves no machine of a box that is asked for at the same time, whichever comes first', async () => {
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        const body = aProvision({ provider: 'gcp' });
        const { workspace_id: id, box_id: box } = body;
        await Promise.all([fleet.one.provision(body), fleet.one.terminate(id, { box_id: box })]);
        expect((await fleet.one.provision(body)).body).toMatchObject({ code: 'BOX_GONE' });
        await waitFor(() => fleet.machinesOf(box).length === 0);
      }),
    );
  });

  test('of a box of another workspace neither ends that box nor keeps it from being asked for again', async () => {
    const { instance_id: instance, ...body } = await fleet.given();
    expect((await fleet.one.terminate(randomUUID(), { box_id: body.box_id })).body).toEqual({ state: 'terminated' });
    expect(await fleet.one.provision(body)).toMatchObject({ status: 201, body: { instance_id: instance } });
  });

  test('of a box whose row was lost ends its machine, also after a cloud that did not answer, and for good', async () => {
    const { instance_id: _, ...body } = await fleet.given({ provider: 'gcp' });
    const { workspace_id: id, box_id: box } = body;
    await fleet.plane.db.rows('DELETE FROM control_plane.instances WHERE box_id = $1', [box]);
    fleet.gcp.faults.plan('look', 'unavailable', 1_000);
    expect((await fleet.one.terminate(id, { box_id: box })).status).toBe(502);
    fleet.clearFaults();
    await waitFor(async () => (await fleet.one.terminate(id, { box_id: box })).status === 200);
    expect(fleet.machinesOf(box)).toEqual([]);
    expect((await fleet.one.provision(body)).body).toMatchObject({ code: 'BOX_GONE' });
  });

  test('with prune erases the data of the workspace', async () => {
    const { workspace_id: id, instance_id: instance } = await fleet.given({ data_persistence: 'persist' });
    await fleet.one.terminate(id, { instance_id: instance });
    const removals = () => fleet.hetzner.requests.filter(({ text }) => /^DELETE\n[^\n]*\/volumes/.test(text)).length;
    expect(removals()).toBe(0);
    expect((await fleet.one.terminate(id, { instance_id: instance, prune: 'true' })).status).toBe(200);
    expect(removals()).toBe(1);
  });

  test.each([
    {},
    { instance_id: '' },
    { instance_id: 'x', prune: 'maybe' },
    { box_id: 'x' },
    { instance_id: 'x', provider: 'azure' },
  ])('with %j is refused', async (query) => {
    expect(await fleet.one.terminate(randomUUID(), query)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST' },
    });
  });
});

describe('a status', () => {
  test.each(['aws', 'hetzner', 'gcp'])('at %s is running until the machine ends, however it does', async (provider) => {
    const { workspace_id: id, instance_id: instance, box_id: box } = await fleet.given({ provider });
    await waitFor(async () => (await fleet.one.status(id, { instance_id: instance })).body['state'] === 'running');
    await fleet.cloud(provider).end(instance);
    expect((await fleet.one.status(id, { instance_id: instance })).body).toEqual({ state: 'terminated' });
    expect((await fleet.one.status(id, { box_id: box })).body).toEqual({ state: 'terminated' });
  });

  test('of another’s is that of none', async () => {
    const { workspace_id: id, instance_id: instance } = await fleet.given();
    const none = await fleet.two.status(randomUUID(), { instance_id: '99999999', provider: 'hetzner' });
    const theirs = await fleet.two.status(id, { instance_id: instance, provider: 'hetzner' });
    expect([theirs.status, theirs.text]).toEqual([none.status, none.text]);
    expect(none.body).toEqual({ state: 'terminated' });
  });

  test('is no answer at all while the cloud gives none', async () => {
    const { workspace_id: id, instance_id: instance } = await fleet.given();
    fleet.hetzner.faults.plan('look', 'unavailable', 1_000);
    expect((await fleet.one.status(id, { instance_id: instance })).status).toBe(502);
  });
});

describe('a console', () => {
  test.each(['aws', 'gcp'])('at %s is what the machine has said', async (provider) => {
    const { workspace_id: id, instance_id: instance } = await fleet.given({ provider });
    fleet.cloud(provider).say(instance, 'hello\n');
    expect((await fleet.one.console(id)).body).toEqual({ output: 'hello\n' });
    expect((await fleet.two.console(id)).status).toBe(404);
  });

  test('at hetzner is refused as what that cloud cannot do', async () => {
    const { workspace_id: id } = await fleet.given();
    expect(await fleet.one.console(id)).toMatchObject({ status: 501, body: { code: 'CONSOLE_UNSUPPORTED' } });
  });

  test('is never longer than what platforms read, and begins with a whole character', async () => {
    const { workspace_id: id, instance_id: instance } = await fleet.given({ provider: 'gcp' });
    fleet.gcp.say(instance, 'ü'.repeat(200_000) + 'end');
    const { output } = (await fleet.one.console(id)).body as { output: string };
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(196_608);
    expect(output).toMatch(/^ü+end$/);
  });
});

describe('a list', () => {
  test('holds what the organisation has of an installation, and what may still come', async () => {
    const owner = `owner-${randomUUID()}`;
    const seen = await fleet.given({ owner, provider: 'aws' });
    await fleet.given({ owner: 'another', provider: 'aws' });
    const unseen = aProvision({ owner });
    fleet.hetzner.faults.plan('create', 'unheard', 3);
    await fleet.one.provision(unseen);
    const { body } = await fleet.one.list(owner);
    expect(body['unreachable']).toEqual([]);
    expect(body['instances']).toMatchObject([
      { box_id: seen.box_id, instance_id: seen.instance_id, provider: 'aws', workspace_id: seen.workspace_id },
      { box_id: unseen.box_id, instance_id: null, provider: 'hetzner', state: 'pending' },
    ]);
    expect((await fleet.two.list(owner)).body['instances']).toEqual([]);
  });

  test('says which cloud it could not ask', async () => {
    fleet.gcp.faults.plan('list', 'unavailable', 3);
    expect((await fleet.one.list()).body['unreachable']).toEqual(['gcp']);
  });
});
