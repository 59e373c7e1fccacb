import type { z } from 'zod';
import { Refusal } from '../failure/refusal.ts';

/**
 * Reads a part of a request by its schema.
 * @throws Refusal INVALID_REQUEST that names the member, never its value
 */
export function read<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.map(String).join('.') ?? '';
  throw new Refusal('INVALID_REQUEST', `invalid request: ${where || 'the body'} ${issue?.message ?? 'is wrong'}`);
}
