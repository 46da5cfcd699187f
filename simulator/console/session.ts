// Session of the console: the token of a tab, its renewal, and waiting for a new login.

const tokenName = 'simulator-token';

/** Kept in memory only: the session can be renewed after a restart of the server, but not after a reload of the page. */
let apiKey: string | null = null;
let onLoggedIn: Array<() => void> = [];

/** The session of this tab: the token is kept until the tab is closed. Dispatches `session-changed` on the window. */
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
  /** Discards a token that the server no longer accepts. Views keep their state until the user logs in again. */
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
