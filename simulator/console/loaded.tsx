// Owns what is loaded from the server: its states, and how each of them is shown.
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { ask, type Refusal } from './server.ts';

export type Loaded<Data> =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly refusal: Refusal }
  | { readonly state: 'ready'; readonly data: Data };

/** Loads a path, again when it changes, and whenever `reload` is called; what was there stays until then. */
export function useLoaded<Data>(path: string): { readonly loaded: Loaded<Data>; readonly reload: () => void } {
  const [loaded, setLoaded] = useState<Loaded<Data> & { readonly path?: string }>({ state: 'loading' });
  const [round, setRound] = useState(0);
  // A new round is what loads again.
  useEffect(() => {
    let isWanted = true;
    ask<Data>('GET', path).then(
      (data) => isWanted && setLoaded({ state: 'ready', data, path }),
      (refusal: Refusal) => isWanted && setLoaded({ state: 'failed', refusal, path }),
    );
    return () => {
      isWanted = false;
    };
  }, [path, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  return { loaded: loaded.path === path ? loaded : { state: 'loading' }, reload };
}

interface ShowProps<Data> {
  readonly of: Loaded<Data>;
  readonly children: (data: Data) => ComponentChildren;
}

/** A busy line, a refusal, or what was loaded. */
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
      return <>{children(of.data)}</>;
  }
}

export function ErrorNotice({ children }: { readonly children: ComponentChildren }) {
  return (
    <p class="notice error" role="alert">
      {children}
    </p>
  );
}

/** There is nothing, and what would bring something. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="notice empty">{children}</p>;
}

/** One thing to do on the server at a time; what it was refused with is shown until the next. */
export function useAction(): {
  readonly isBusy: boolean;
  readonly refusal: string | null;
  readonly act: (work: () => Promise<unknown>) => Promise<boolean>;
} {
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const act = useCallback(async (work: () => Promise<unknown>) => {
    setBusy(true);
    setRefusal(null);
    try {
      await work();
      return true;
    } catch (error) {
      setRefusal((error as Error).message);
      return false;
    } finally {
      setBusy(false);
    }
  }, []);
  return { isBusy, refusal, act };
}
