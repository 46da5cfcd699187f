// Data that the console loads from the server: its states, their display, and one action at a time.
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { announce, keepFocusNear } from './announcer.tsx';
import { connection, Refusal, read } from './server.ts';

export type Loaded<Data> =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly refusal: Refusal }
  /** `isStale`: the data belongs to a different path than the one being loaded. */
  | { readonly state: 'ready'; readonly data: Data; readonly version: string | null; readonly isStale: boolean };

/**
 * Loads data from a path, and loads it again when the path changes, when `reload` is called, and when the server becomes reachable again. The
 * previous data remains available until the new data has arrived.
 */
export function useLoaded<Data>(path: string): { readonly loaded: Loaded<Data>; readonly reload: () => void } {
  const [loaded, setLoaded] = useState<Loaded<Data> & { readonly path?: string }>({ state: 'loading' });
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  // Incrementing the round triggers loading.
  useEffect(() => {
    let isWanted = true;
    read<Data>(path).then(
      (answer) => isWanted && setLoaded({ state: 'ready', isStale: false, path, ...answer }),
      (error: unknown) => {
        if (!isWanted) return;
        const refusal = error instanceof Refusal ? error : new Refusal(0, (error as Error).message);
        // The banner reports that the server is unreachable; the loaded data remains readable.
        setLoaded((before) =>
          refusal.status === 0 && before.state === 'ready' ? before : { state: 'failed', refusal, path },
        );
      },
    );
    return () => {
      isWanted = false;
    };
  }, [path, round]);
  useEffect(() => {
    const onChange = () => connection.isLost || reload();
    addEventListener('connection-changed', onChange);
    return () => removeEventListener('connection-changed', onChange);
  }, [reload]);
  const shown =
    loaded.state === 'ready'
      ? { ...loaded, isStale: loaded.path !== path }
      : loaded.path === path || loaded.state === 'loading'
        ? loaded
        : ({ state: 'loading' } as const);
  return { loaded: shown, reload };
}

interface ShowProps<Data> {
  readonly of: Loaded<Data>;
  readonly children: (data: Data, version: string | null) => ComponentChildren;
}

/** A busy indicator, an error, or the loaded data. */
export function Show<Data>({ of, children }: ShowProps<Data>) {
  switch (of.state) {
    case 'loading':
      return (
        <p class="notice" role="status">
          Loading …
        </p>
      );
    case 'failed':
      return <ErrorNotice>{of.refusal.message}</ErrorNotice>;
    case 'ready':
      return <div aria-busy={of.isStale}>{children(of.data, of.version)}</div>;
  }
}

export function ErrorNotice({ children }: { readonly children: ComponentChildren }) {
  return (
    <p class="notice error" role="alert">
      {children}
    </p>
  );
}

/** Reports that a list is empty, and how to fill it. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="notice empty">{children}</p>;
}

export interface Action {
  readonly isBusy: boolean;
  readonly refusal: string | null;
  /** Returns whether the action succeeded. @param done the announcement after success. */
  readonly act: (work: () => Promise<unknown>, done?: string) => Promise<boolean>;
  readonly clear: () => void;
}

/** Runs one action on the server at a time. Its error is shown until the next action, or until the server is reachable again. */
export function useAction(): Action {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const clear = useCallback(() => setError(null), []);
  const act = useCallback(async (work: () => Promise<unknown>, done?: string) => {
    const from = document.activeElement;
    setBusy(true);
    setError(null);
    // Removes the previous announcement.
    announce('');
    try {
      await work();
      if (done !== undefined) announce(done);
      return true;
    } catch (thrown) {
      setError(thrown as Error);
      return false;
    } finally {
      setBusy(false);
      keepFocusNear(from);
    }
  }, []);
  useEffect(() => {
    const onChange = () => {
      if (!connection.isLost) setError((now) => (now instanceof Refusal && now.status === 0 ? null : now));
    };
    addEventListener('connection-changed', onChange);
    return () => removeEventListener('connection-changed', onChange);
  }, []);
  return { isBusy, refusal: error?.message ?? null, act, clear };
}
