import { Module } from '@nestjs/common';
import { EventBus } from '@holdfast/activities/event/event-bus';
import type { Database } from '@holdfast/prisma';
import type { Logger } from 'pino';
import { DATABASE, LOGGER } from '../core/parts.ts';
import { Notifications } from '../database/notifications.ts';
import { Audience } from './audience.ts';
import { EventController } from './event.controller.ts';
import { EventReader } from './event-reader.ts';
import { EventSockets } from './event-sockets.ts';
import { SocketUpgrades } from './socket-upgrades.ts';
import { WorkspaceEventStream } from './workspace-event-stream.ts';
import { WorkspaceTree } from './workspace-tree.ts';

const bus = {
  provide: EventBus,
  inject: [Notifications, DATABASE, LOGGER],
  useFactory: (notifications: Notifications, db: Database, logger: Logger) =>
    new EventBus(notifications, db, (error) => logger.error({ err: error }, 'an event could not be delivered')),
};

@Module({
  controllers: [EventController],
  providers: [bus, Audience, EventReader, EventSockets, SocketUpgrades, WorkspaceEventStream, WorkspaceTree],
  exports: [EventBus],
})
export class EventModule {}
