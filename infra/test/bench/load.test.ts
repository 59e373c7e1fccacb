import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Client, closedLoop, each, fixedRate } from '../../bench/load.ts';
import { readOptions } from '../../bench/options.ts';
import { percentile } from '../../bench/statistics.ts';

let server: http.Server | undefined;
afterEach(() => server?.close());

async function givenServer(answer: http.RequestListener): Promise<string> {
  server = http.createServer(answer);
  await new Promise<void>((resolve) => void server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('load', () => {
  test('keeps to its connections however many requests there are', async () => {
    const url = await givenServer((_request, response) => response.end('{}'));
    let connections = 0;
    server?.on('connection', () => (connections += 1));
    const client = new Client(url, { connections: 3 });
    await each(10, 100, async () => void (await client.expect(200, { method: 'GET', path: '/' })));
    client.close();
    expect(connections).toBeLessThanOrEqual(3);
  });

  test('at a fixed rate counts the time that an act had to wait for its turn', async () => {
    const { latencies } = await fixedRate(1_000, 5, (turn) => {
      // The first one holds up the process, so that all others begin late.
      const until = performance.now() + (turn === 0 ? 60 : 0);
      while (performance.now() < until);
      return Promise.resolve();
    });
    expect(latencies).toHaveLength(5);
    expect(Math.min(...latencies.slice(1))).toBeGreaterThan(40);
  });

  test('ends with the first failure, and passes it on', async () => {
    const turns: number[] = [];
    const act = async (turn: number): Promise<void> => {
      turns.push(turn);
      await new Promise(setImmediate);
      if (turn === 3) throw new Error('turn 3');
    };
    await expect(closedLoop(2, 60, act)).rejects.toThrow('turn 3');
    await expect(each(2, 1_000, act)).rejects.toThrow('turn 3');
    await expect(fixedRate(100, 1_000, act)).rejects.toThrow('turn 3');
    expect(turns.length).toBeLessThan(500);
  });

  test('says what came instead of the answer it expected', async () => {
    const url = await givenServer((_request, response) => void response.writeHead(503).end('{"error":"busy"}'));
    const client = new Client(url, { connections: 1 });
    await expect(client.expect(200, { method: 'GET', path: '/a' })).rejects.toThrow(
      'GET /a answered 503 instead of 200: {"error":"busy"}',
    );
    client.close();
  });
});

test('a percentile is the value that so many percent do not exceed', () => {
  const values = Array.from({ length: 100 }, (_, place) => 100 - place);
  expect([50, 95, 99, 100].map((percent) => percentile(values, percent))).toEqual([50, 95, 99, 100]);
  expect(percentile([], 50)).toBeNaN();
});

test('options name the figures there are when one is unknown', () => {
  expect(() => readOptions(['--only', 'lists'])).toThrow(/no figure "lists": choose from list, /);
  expect(() => readOptions(['--seconds', '0'])).toThrow('--seconds is "0"');
  const options = readOptions(['--only', 'beats,list']);
  expect(options !== 'help' && options.figures.map(({ name }) => name)).toEqual(['list', 'beats']);
});
