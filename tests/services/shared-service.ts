// Services shared by test files: started by the first user, stopped by mocha's last hook.

interface Stoppable {
  stop(): Promise<void>;
}

const endings: Array<() => Promise<void>> = [];

/** @returns what gives the one service, which it starts when there is none. */
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

/** Ends every service that was started; who asks again gets a new one. */
export async function stopSharedServices(): Promise<void> {
  for (const end of endings.splice(0)) await end();
}
