import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../root.ts';

/** What docs/errors.md says of one failure. */
export interface ErrorSection {
  readonly code: string;
  readonly says: string;
  readonly status: number;
  readonly retryable: boolean;
  /** What it means, when it happens and what to do. */
  readonly prose: string;
}

const section = /^### (?<code>.+)\n\n> (?<says>.+)\n\nHTTP (?<status>\d{3}) · (?<repeat>.+)\n\n(?<prose>[^#]+)$/;

/** The sections of docs/errors.md, in order. @throws Error for one that has another shape than its neighbours */
export function errorSections(text: string = readFileSync(path.join(root, 'docs/errors.md'), 'utf8')): ErrorSection[] {
  return text
    .split(/^(?=##)/m)
    .filter((part) => part.startsWith('###'))
    .map((part) => {
      const { code, says, status, repeat, prose } = section.exec(part)?.groups ?? {};
      if (!code || !says || !prose)
        throw new Error(`a section has another shape than the others: ${part.split('\n')[0]}`);
      return { code, says, status: Number(status), retryable: repeat === 'can help to repeat', prose };
    });
}
