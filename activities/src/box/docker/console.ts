import type Docker from 'dockerode';
import { call } from './engine-error.ts';

const LIMIT_MS = 15_000;
const LINES = 1_000;
const MOST_BYTES = 262_144;
const HEADER_BYTES = 8;

/** The last output of a container, both streams in order. */
export async function readOutput(container: Docker.Container): Promise<string> {
  const framed = await call('logs', LIMIT_MS, (abortSignal) =>
    container.logs({ follow: false, stdout: true, stderr: true, tail: LINES, abortSignal }),
  );
  return unframe(framed).subarray(-MOST_BYTES).toString('utf8');
}

/** The engine puts a header before each piece: stream, three zeros, length. */
function unframe(framed: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at + HEADER_BYTES <= framed.length;) {
    const end = at + HEADER_BYTES + framed.readUInt32BE(at + 4);
    pieces.push(framed.subarray(at + HEADER_BYTES, end));
    at = end;
  }
  return Buffer.concat(pieces);
}
