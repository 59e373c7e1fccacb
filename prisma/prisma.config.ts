import { defineConfig } from 'prisma/config';
import { databaseUrl } from './src/config.ts';

// The ordinary Prisma tooling reads this where its engine can be downloaded; `src/migrate.ts` does the same work offline.
export default defineConfig({
  schema: 'schema.prisma',
  migrations: { path: 'migrations' },
  datasource: { url: databaseUrl ?? 'postgresql://postgres@127.0.0.1:5432/holdfast' },
});
