import http from 'node:http';
import pg from 'pg';

// The least a server can do: reads the request, makes one durable row of it when told to, and answers with a given body.
const { BARE_STATUS = '200', BARE_BODY = '', DATABASE_URL } = process.env;
const body = Buffer.from(BARE_BODY);
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length };
const pool = DATABASE_URL === undefined ? undefined : new pg.Pool({ connectionString: DATABASE_URL, max: 20 });
await pool?.query('CREATE TABLE IF NOT EXISTS bench_floor (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), data jsonb)');

const server = http.createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('end', () => {
    const answer = (): void => void response.writeHead(Number(BARE_STATUS), headers).end(body);
    if (pool === undefined || request.method === 'GET') return answer();
    const data = Buffer.concat(chunks).toString();
    pool
      .query('INSERT INTO bench_floor (data) VALUES ($1)', [data])
      .then(answer, () => void response.writeHead(500).end());
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }));
process.once('SIGTERM', () => process.exit(0));
