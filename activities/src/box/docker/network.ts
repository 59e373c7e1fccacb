import type Docker from 'dockerode';
import { call, isStatus } from './engine-error.ts';

const LIMIT_MS = 30_000;

/** The network boxes share; made when the engine does not have it, looked for once. */
export class BoxNetwork {
  private readonly docker: Docker;
  private readonly name: string;
  private known: Promise<void> | undefined;

  constructor(docker: Docker, name: string) {
    this.docker = docker;
    this.name = name;
  }

  ensure(): Promise<void> {
    this.known ??= this.find().catch((error: unknown) => {
      this.known = undefined;
      throw error;
    });
    return this.known;
  }

  /** Somebody removed it since: look again. */
  forget(): void {
    this.known = undefined;
  }

  private async find(): Promise<void> {
    await call(`network ${this.name}`, LIMIT_MS, async () => {
      try {
        await this.docker.getNetwork(this.name).inspect();
      } catch (error) {
        if (!isStatus(error, 404)) throw error;
        // Another worker may make it at the same moment: then it is there, which is all we want.
        await this.docker.createNetwork({ Name: this.name, CheckDuplicate: true }).catch((conflict: unknown) => {
          if (!isStatus(conflict, 409)) throw conflict;
        });
      }
    });
  }
}
