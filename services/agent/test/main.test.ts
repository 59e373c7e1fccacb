import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

function run(env: Record<string, string>): {
  child: ChildProcess;
  said: Promise<string>;
  ended: Promise<number | null>;
} {
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const said = once(child.stdout as NodeJS.ReadableStream, 'data').then(([chunk]) => String(chunk));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return { child, said, ended };
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'an agent that never reached its platform ends cleanly at %s',
  async (signal) => {
    const agent = run({
      WORKSPACE_ID: 'w',
      PLATFORM_URL: 'http://127.0.0.1:1',
      AGENT_HOST: '127.0.0.1',
      AGENT_PORT: '0',
    });
    expect(await agent.said).toContain('"message":"listening"');
    agent.child.kill(signal);
    expect(await agent.ended).toBe(0);
  },
);

test('an agent that was not told what it needs says all of it and ends', async () => {
  const agent = run({});
  expect(await agent.said).toMatch(/WORKSPACE_ID is not set.*PLATFORM_URL/);
  expect(await agent.ended).toBe(1);
});
