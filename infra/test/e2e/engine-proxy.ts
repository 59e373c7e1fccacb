import { rmSync } from 'node:fs';
import net from 'node:net';

/** Where the engine of this machine listens. */
const ENGINE = '/var/run/docker.sock';

/** A socket in front of the engine, which a test may cut: whoever goes through it then finds no engine. */
export class EngineProxy {
  readonly address: string;
  private readonly socket: string;
  private readonly open = new Set<net.Socket>();
  private server: net.Server | undefined;
  private deaf = false;

  constructor(socket: string) {
    this.socket = socket;
    this.address = `unix://${socket}`;
  }

  /** The engine answers, as before. */
  async join(): Promise<void> {
    await this.cut();
    this.deaf = false;
    await this.listen();
  }

  /** Nobody listens, and whatever was under way is torn; what the engine has heard of it, it does. */
  async cut(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const socket of this.open) socket.destroy();
    this.open.clear();
    if (server) await new Promise((resolve) => server.close(resolve));
    rmSync(this.socket, { force: true });
  }

  /** Connections are taken and never answered. */
  async hang(): Promise<void> {
    await this.cut();
    this.deaf = true;
    await this.listen();
  }

  private async listen(): Promise<void> {
    const server = net.createServer({ allowHalfOpen: true }, (client) => this.serve(client));
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.socket, resolve));
  }

  private serve(client: net.Socket): void {
    this.keep(client);
    if (this.deaf) return;
    const engine = net.connect({ path: ENGINE, allowHalfOpen: true });
    this.keep(engine);
    client.pipe(engine).pipe(client);
    client.once('close', () => engine.destroy());
    engine.once('close', () => client.destroy());
  }

  private keep(socket: net.Socket): void {
    this.open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.open.delete(socket));
  }
}
