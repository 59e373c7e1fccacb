import { Connection } from '@temporalio/client';

/** The longest pause between two attempts to connect, in milliseconds; the default is two minutes. */
const RETRY_MS = 2_000;

/** A connection that is made when it is first used, and comes back by itself soon after the server does. */
export const connectToTemporal = (address: string): Connection =>
  Connection.lazy({
    address,
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': RETRY_MS },
  });
