// Script for wrk that requests users spread over the whole dataset.
import { useridOf } from './dataset.ts';

/** More requests would themselves be a significant load. */
export const askedUsers = 20_000;

interface Asking {
  readonly users: number;
  readonly path: string;
  readonly username: string;
  readonly password: string;
}

/** Returns the text of a Lua script for wrk. Requests are created once: string formatting in Lua would itself be a significant load. */
export function requestScript({ users, path, username, password }: Asking): string {
  const authorization = Buffer.from(`${username}:${password}`).toString('base64');
  const step = Math.max(1, Math.floor(users / askedUsers));
  const userids = Array.from(
    { length: Math.min(users, askedUsers) },
    (_, n) => `"${encodeURIComponent(useridOf(n * step))}"`,
  );
  return `
local userids = {${userids.join(',')}}
local requests = {}
local next_request = 0
function init(args)
  for i, userid in ipairs(userids) do
    requests[i] = wrk.format("GET", "${path}?userid=" .. userid, { ["Authorization"] = "Basic ${authorization}" })
  end
end
function request()
  next_request = next_request % #requests + 1
  return requests[next_request]
end
`;
}
