// Loaded into every service before its own code: when the launcher is gone, however it went, the service ends too.
const GRACE_MS = 15_000;

process.once('disconnect', () => {
  setTimeout(() => process.exit(1), GRACE_MS).unref();
  process.kill(process.pid, 'SIGTERM');
});
process.channel?.unref();
