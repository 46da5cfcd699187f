// Sends two requests on one connection, to detect whether state from the first affects the second.
import type { CheckContext, ShortRequest } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { NoAnswer } from '../http/no-answer.ts';

/**
 * Returns the response to `second`, sent on a connection on which `first` got a 200. Returns null if the endpoint does not keep connections open,
 * because no state can remain then. Throws Untestable if the first response was not a 200.
 */
export async function askOnKeptConnection(
  context: CheckContext,
  first: ShortRequest,
  second: ShortRequest,
): Promise<Answer | null> {
  return context.converse(first, async (connection) => {
    await connection.send(first);
    const { status } = await connection.receive(first);
    if (status !== 200)
      throw new Untestable(`The response to the first request on the connection has status ${status}, not 200.`);
    if (connection.isClosed) return null;
    try {
      await connection.send(second);
      return await connection.receive(second);
    } catch (error) {
      if (error instanceof NoAnswer && error.kind === 'closed') return null;
      throw error;
    }
  });
}
