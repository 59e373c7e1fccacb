import type { Cipher } from '@holdfast/activities/secret/cipher';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { headerOf } from '../organisation/caller.ts';
import { fetchPackage, noteBootFailure } from './boot-rows.ts';
import { bootScript } from './boot-script.ts';

const NONCE_HEADER = 'x-holdfast-nonce';
const MOST_LOG_BYTES = 8_192;
const BoxId = z.guid();

/** What machines call. A refusal says nothing at all: not even whether there is such a box. */
export function bootRoutes(server: FastifyInstance, { db, cipher }: { db: Database; cipher: Cipher }): void {
  const nothing = (reply: FastifyReply) => reply.code(404).send();

  server.post<{ Params: { box: string } }>('/cp/boot/:box', async (request, reply) => {
    const box = BoxId.safeParse(request.params.box);
    const boot = box.success ? await fetchPackage(db, cipher, box.data, headerOf(request, NONCE_HEADER)) : null;
    if (boot === null) return nothing(reply);
    const wantsScript = headerOf(request, 'accept').includes('text/x-shellscript');
    return wantsScript ? reply.type('text/x-shellscript; charset=utf-8').send(bootScript(boot)) : reply.send(boot);
  });

  server.post<{ Params: { box: string } }>('/cp/boot/:box/failed', async (request, reply) => {
    const box = BoxId.safeParse(request.params.box);
    const log = typeof request.body === 'string' ? request.body.slice(-MOST_LOG_BYTES).toWellFormed() : '';
    const noted = box.success && (await noteBootFailure(db, cipher, box.data, headerOf(request, NONCE_HEADER), log));
    return noted ? reply.send({ ok: true }) : nothing(reply);
  });
}
