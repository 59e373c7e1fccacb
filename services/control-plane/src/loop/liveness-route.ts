import type { FastifyInstance } from 'fastify';
import type { Database } from '../database/database.ts';

/** Says that the database answers and when each loop last ran; needs no credential, and names nobody. */
export function livenessRoute(server: FastifyInstance, db: Database): void {
  server.get('/health', async (_request, reply) => {
    const loops = await db.rows<{ name: string; last_tick_at: Date; seconds_ago: number }>(
      `SELECT name, last_tick_at, extract(epoch FROM now() - last_tick_at)::float8 AS seconds_ago
       FROM control_plane.loops ORDER BY name`,
    );
    const subsystems = Object.fromEntries(
      loops.map(({ name, last_tick_at: at, seconds_ago: ago }) => [
        name,
        { last_tick_at: at.toISOString(), seconds_ago: Math.max(0, Math.round(ago)) },
      ]),
    );
    return reply.send({ status: 'ok', subsystems });
  });
}
