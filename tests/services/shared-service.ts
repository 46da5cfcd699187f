// Services shared by test files: started by the first user, stopped by mocha's last hook.

interface Stoppable {
  stop(): Promise<void>;
}

const endings: Array<() => Promise<void>> = [];

/** @returns a function that returns the shared service, and starts it if necessary. */
export function shareService<Service extends Stoppable>(start: () => Promise<Service>): () => Promise<Service> {
  let running: Promise<Service> | undefined;
  return () => {
    if (running === undefined) {
      const started = start();
      running = started;
      endings.push(async () => {
        running = undefined;
        await (await started).stop();
      });
    }
    return running;
  };
}

/** Stops every service that was started; a later call starts a new one. */
export async function stopSharedServices(): Promise<void> {
  for (const end of endings.splice(0)) await end();
}
