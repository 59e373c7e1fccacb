import type { Answer } from './http-cloud.ts';

export const json = (status: number, body: unknown): Answer => ({
  status,
  body: JSON.stringify(body),
  type: 'application/json',
});

export type Json = Record<string, unknown>;

export const parsed = (body: string): Json => (body === '' ? {} : (JSON.parse(body) as Json));
