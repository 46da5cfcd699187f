// The session of the console: the token of a tab, renewing it, and waiting for the user to log in again.

const tokenName = 'simulator-token';

/** Held in memory alone, so that a session survives a restart of the server; gone when the page is reloaded. */
let apiKey: string | null = null;
let onLoggedIn: Array<() => void> = [];

/** The token is kept until the tab is closed. Dispatches `session-changed` on the window. */
export const session = {
  get token(): string | null {
    return sessionStorage.getItem(tokenName);
  },
  get key(): string | null {
    return apiKey;
  },
  begin(token: string, key: string): void {
    apiKey = key;
    sessionStorage.setItem(tokenName, token);
    for (const resume of onLoggedIn.splice(0)) resume();
    dispatchEvent(new Event('session-changed'));
  },
  /** The server no longer accepts the token. Views stay as they are until the user logs in again. */
  expire(): void {
    apiKey = null;
    sessionStorage.removeItem(tokenName);
    dispatchEvent(new Event('session-changed'));
  },
  /** Logs out and removes the session from the page. */
  end(): void {
    onLoggedIn = [];
    session.expire();
    location.reload();
  },
  untilBegun(): Promise<void> {
    return new Promise((resolve) => onLoggedIn.push(resolve));
  },
};
