import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPg } from '@prisma/adapter-pg';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

/** OIDs of `"char"` and `text`: the adapter knows only the second. */
const CHAR_OID = 18;
const TEXT_OID = 25;

let loaded = false;

/** Node's ESM loader does not import `.wasm`, so the engine is instantiated by hand, once per process. */
function load(): void {
  if (loaded) return;
  const require = createRequire(import.meta.url);
  const wasm = new URL('./schema_engine_bg.wasm', `file://${require.resolve('@prisma/schema-engine-wasm/schema_engine_bg')}`);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasm)), {
    './schema_engine_bg.js': bindings as never,
  });
  (bindings as unknown as { __wbg_set_wasm(exports: unknown): void }).__wbg_set_wasm(instance.exports);
  (instance.exports as { __wbindgen_start(): void }).__wbindgen_start();
  loaded = true;
}

type Adapter = Awaited<ReturnType<PrismaPg['connect']>>;
interface PatchedAdapter {
  performIO(query: unknown): Promise<{ fields?: { dataTypeID: number }[] }>;
  onError(error: unknown): never;
  executeScript(sql: string): Promise<void>;
  dispose(): Promise<void>;
}

async function connect(url: string): Promise<Adapter> {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  const adapter = await new PrismaPg(pool).connect();
  const patched = adapter as unknown as PatchedAdapter;
  const performIO = patched.performIO.bind(adapter);
  patched.performIO = async (query) => {
    const result = await performIO(query);
    for (const field of result.fields ?? []) if (field.dataTypeID === CHAR_OID) field.dataTypeID = TEXT_OID;
    return result;
  };
  // The stock one splits on every ';', which cuts function bodies.
  patched.executeScript = async (sql) => {
    try {
      await pool.query(sql);
    } catch (error) {
      patched.onError(error);
    }
  };
  patched.dispose = async () => {
    if (!pool.ending) await pool.end();
  };
  return adapter;
}

/**
 * Lends the schema engine over one database; its WASM build is the only one npm carries. Its connections are closed
 * before this returns, so that the database can be dropped or copied at once.
 */
export async function withSchemaEngine<T>(
  url: string,
  schema: string,
  use: (engine: bindings.SchemaEngine) => Promise<T>,
): Promise<T> {
  load();
  const open: Adapter[] = [];
  const factory = bindMigrationAwareSqlAdapterFactory({
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: async () => {
      const adapter = await connect(url);
      open.push(adapter);
      return adapter;
    },
    connectToShadowDb: () => Promise.reject(new Error('migrations are compared in a database of their own')),
  } as never);
  const engine = await bindings.SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => undefined, factory as never);
  try {
    return await use(engine);
  } finally {
    engine.free();
    await Promise.all(open.map((adapter) => adapter.dispose()));
  }
}
