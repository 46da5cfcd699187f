// Owns logging in to the console: with an API key, which is changed for a token of an hour.
import { useState } from 'preact/hooks';
import { ErrorNotice, useAction } from './loaded.tsx';
import { logIn } from './server.ts';

export function LogIn({ onDone }: { readonly onDone: () => void }) {
  const [key, setKey] = useState('');
  const { isBusy, refusal, act } = useAction();
  return (
    <main class="log-in">
      <h1>Simulator</h1>
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          if (await act(() => logIn(key.trim()))) onDone();
        }}
      >
        <label>
          API key
          <input
            type="password"
            autocomplete="off"
            required
            value={key}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <p class="hint">
          <code>user-info simulate api-keys create USER --name console</code> prints one, for a user with USER_ADMIN.
        </p>
        {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
        <button type="submit" disabled={isBusy}>
          Log in
        </button>
      </form>
    </main>
  );
}
